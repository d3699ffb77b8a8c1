import { refusal } from './expected.ts';
import { type AppEnding, endsWrittenOff, paidOnce, pays, paysAs, type ToldAppBill, until } from './told-app-bill.ts';

/** Paid once from one account, and written off in the end; the bank and the school may be as slow as they like. */
const settles = (word?: NonNullable<AppEnding['word']>, account = '0001'): AppEnding => ({
  ...(word && { word }),
  wants: 'queue',
  tell: (bill) => {
    const payment = bill.appPayment({ account });
    return paidOnce(bill, payment, endsWrittenOff([paysAs(payment, 'settled')]));
  },
});

const ofKind =
  (selection: 'fixed' | 'choice'): AppEnding['tell'] =>
  (bill) => {
    bill.asks(selection);
    return settles().tell(bill);
  };

const users = (bill: ToldAppBill, count: number): string[] =>
  Array.from({ length: count }, (_none, index) => `${bill.billNo}-${index + 1}`);

const [peopleAtOnce, postsAtOnce] = [10, 50];

/** Bills that are paid in the app and written off by the school. */
export const appPaidEndings = {
  'app-paid': { wants: 'queue', tell: ofKind('fixed') },
  'app-paid-choice': { wants: 'queue', tell: ofKind('choice') },
  'app-paid-from-current-account': settles(undefined, '0003'),

  'app-paid-as-amended': {
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment({ revision: 1 });
      return {
        steps: [...bill.begun(bill.amended(1)), { ...pays(payment), revision: 1 }],
        expected: endsWrittenOff([paysAs(payment, 'settled')], { revision: 1 }),
      };
    },
  },

  'app-written-off-late': settles('late'),
  'app-written-off-twice': settles('twice'),
  'app-written-off-before-the-answer': settles('early-answer'),
  'app-school-down': settles('down'),
  'app-school-slow': settles('slow'),

  'app-written-off-wrong-then-right': {
    word: 'wrong-then-right',
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      const deadLetters = [refusal(bill.ofSchool(1), 'CAMPUS_AMOUNT_DIFFERS')];
      return paidOnce(bill, payment, endsWrittenOff([paysAs(payment, 'settled')], { deadLetters }));
    },
  },

  'app-debit-answer-lost': settles(undefined, '9101'),
  'app-debit-lost-twice': settles(undefined, '9102'),
  'app-debit-booked-late': settles(undefined, '9103'),
  'app-debit-failing-twice': settles(undefined, '9104'),

  'app-posted-fifty-times': {
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      return {
        steps: [...bill.begun(), { ...pays(payment), copies: postsAtOnce }],
        expected: endsWrittenOff([paysAs(payment, 'settled')]),
      };
    },
  },

  /** Which of them wins is chance; that it is one is not. */
  'app-ten-at-once': {
    wants: 'queue',
    tell: (bill) => {
      const people = users(bill, peopleAtOnce);
      const payments = people.map((user) => bill.appPayment({ user }));
      const code = ['CAMPUS_IN_PAYMENT', 'CAMPUS_ALREADY_PAID'];
      const app = payments.map((payment) => paysAs(payment, 'refused', { code, oneOf: 'settled' }));
      return {
        steps: [...bill.begun(), ...people.map((user) => bill.linkedBy(user)), pays(...payments)],
        expected: endsWrittenOff(app),
      };
    },
  },

  'app-paid-with-step-up': {
    wants: 'queue',
    tell: (bill) => {
      bill.costs(2_500_000);
      const payment = bill.appPayment({ stepUp: true });
      return paidOnce(bill, payment, endsWrittenOff([paysAs(payment, 'settled')]));
    },
  },

  'app-paid-after-refusal-for-step-up': {
    wants: 'queue',
    tell: (bill) => {
      bill.costs(2_500_000);
      const [first, second] = [bill.appPayment(), bill.appPayment({ stepUp: true })];
      return {
        steps: [...bill.begun(), pays(first), until(first, 'refused'), pays(second)],
        expected: endsWrittenOff([paysAs(first, 'refused', { code: 'PAYMENTS_STEP_UP_NEEDED' }), paysAs(second, 'settled')]),
      };
    },
  },

  'app-paid-after-failure': {
    wants: 'queue',
    tell: (bill) => {
      const [first, second] = [bill.appPayment({ account: '9105' }), bill.appPayment()];
      return {
        steps: [...bill.begun(), pays(first), until(first, 'failed'), pays(second)],
        expected: endsWrittenOff([paysAs(first, 'failed', { code: 'PAYMENTS_INSUFFICIENT_FUNDS' }), paysAs(second, 'settled')]),
      };
    },
  },
} satisfies Record<string, AppEnding>;
