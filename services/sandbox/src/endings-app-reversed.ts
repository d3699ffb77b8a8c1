import { type Expected, endsAs, refusal } from './expected.ts';
import { type AppEnding, endsWrittenOff, paidOnce, paysAs } from './told-app-bill.ts';

type Reversed = { account?: string; bill?: Expected['bill']; closed?: true; returned?: true };

/** Paid, not taken by the school, and given back. */
const givenBack =
  ({ account = '0001', bill: status = 'issued', closed, returned }: Reversed = {}): AppEnding['tell'] =>
  (bill) => {
    const payment = bill.appPayment({ account });
    const app = [paysAs(payment, 'reversed', { ...(returned && { returned }) })];
    return paidOnce(bill, payment, endsAs(status, { app, ...(closed && { closed }) }));
  };

/** Paid, and then the school says nothing that counts: people have to decide. */
const overdue =
  (hasWrongAmount = false): AppEnding['tell'] =>
  (bill) => {
    const payment = bill.appPayment();
    const app = [paysAs(payment, 'debited', { queue: 'write-off-overdue' })];
    const deadLetters = hasWrongAmount ? [refusal(bill.ofSchool(1), 'CAMPUS_AMOUNT_DIFFERS')] : [];
    return paidOnce(bill, payment, endsAs('debited', { app, deadLetters }));
  };

/** Written off after the money had gone back: both sides have it. */
const disputed: AppEnding['tell'] = (bill) => {
  const payment = bill.appPayment();
  return paidOnce(bill, payment, endsAs('disputed', { app: [paysAs(payment, 'disputed', { queue: 'disputed' })] }));
};

/** Bills whose payment the school does not write off in time. */
export const appReversedEndings = {
  'app-never-written-off': { word: 'never', wants: 'queue', tell: overdue() },
  'app-written-off-wrong-amount': { word: 'wrong-amount', wants: 'queue', tell: overdue(true) },
  'app-reversed-for-silence': { word: 'never', wants: 'reverse', tell: givenBack() },
  'app-rejected': { word: 'reject', tell: givenBack() },
  'app-closed-when-debited': { word: 'close-on-debit', tell: givenBack({ bill: 'closed', closed: true }) },

  'app-rejected-account-closed': { word: 'reject', tell: givenBack({ account: '9107', returned: true }) },
  'app-rejected-credit-answer-lost': { word: 'reject', tell: givenBack({ account: '9108' }) },
  'app-rejected-credit-failing-twice': { word: 'reject', tell: givenBack({ account: '9109' }) },

  /** In time: no money is on its way back yet. */
  'app-written-off-while-reversing': {
    word: 'off-while-reversing',
    wants: 'reverse',
    tell: (bill) => {
      const payment = bill.appPayment();
      return paidOnce(bill, payment, endsWrittenOff([paysAs(payment, 'settled')]));
    },
  },
  'app-written-off-after-reversed': { word: 'off-after-reversed', wants: 'reverse', tell: disputed },
  'app-rejected-then-written-off': { word: 'reject-then-off', tell: disputed },
} satisfies Record<string, AppEnding>;
