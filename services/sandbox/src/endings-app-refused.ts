import type { AppPayment } from './app-steps.ts';
import { endsAs } from './expected.ts';
import { type AppEnding, paidOnce, paysAs, type ToldAppBill } from './told-app-bill.ts';

/** One payment that ends without money; the bill can be paid as before. */
const refused =
  (code: string, make: (bill: ToldAppBill) => AppPayment): AppEnding['tell'] =>
  (bill) => {
    const payment = make(bill);
    return paidOnce(bill, payment, endsAs('issued', { app: [paysAs(payment, 'refused', { code })] }));
  };

const fails =
  (account: string, code: string): AppEnding['tell'] =>
  (bill) => {
    const payment = bill.appPayment({ account });
    return paidOnce(bill, payment, endsAs('issued', { app: [paysAs(payment, 'failed', { code })] }));
  };

/** A bill of so much, in fen; the limits are those of the demo: 20,000 yuan without a second proof, 40,000 a day, 50,000 at once. */
const over =
  (costFen: number, stepUp: boolean) =>
  (bill: ToldAppBill): AppPayment => {
    bill.costs(costFen);
    return bill.appPayment({ stepUp });
  };

/** Bills that somebody tried in vain to pay in the app. */
export const appRefusedEndings = {
  'app-other-amount': {
    tell: refused('CAMPUS_AMOUNT_CHANGED', (bill) => {
      const payment = bill.appPayment();
      return { ...payment, amountFen: payment.amountFen + 100 };
    }),
  },
  'app-choice-without-mandatory': {
    tell: refused('CAMPUS_WRONG_ITEMS', (bill) => {
      bill.asks('choice');
      const optional = bill.itemsOf(0).find(({ mandatory }) => !mandatory)!;
      const { amountFen, itemNo } = optional;
      return { ...bill.appPayment(), amountFen, items: [{ itemNo, quantity: 1 }] };
    }),
  },
  'app-over-payment-limit': { tell: refused('PAYMENTS_OVER_PAYMENT_LIMIT', over(6_000_000, true)) },
  'app-over-day-limit': { tell: refused('PAYMENTS_OVER_DAY_LIMIT', over(4_500_000, true)) },
  'app-without-step-up': { tell: refused('PAYMENTS_STEP_UP_NEEDED', over(2_500_000, false)) },

  'app-insufficient-funds': { tell: fails('9105', 'PAYMENTS_INSUFFICIENT_FUNDS') },
  'app-account-frozen': { tell: fails('9106', 'PAYMENTS_ACCOUNT_FROZEN') },

  'app-debit-never-answered': {
    tell: (bill) => {
      const payment = bill.appPayment({ account: '9110' });
      return paidOnce(bill, payment, endsAs('leased', { app: [paysAs(payment, 'stuck', { queue: 'debit-unknown' })] }));
    },
  },

  /** The name is wrong for certain only once the bank has seen a bill, which the rightful follower shows. */
  'app-linked-by-a-wrong-name': {
    tell: (bill) => ({
      steps: [...bill.begun(), bill.untilBill('issued'), bill.linkedWronglyBy(`${bill.billNo}-stranger`)],
      expected: endsAs('issued', { app: [] }),
    }),
  },
} satisfies Record<string, AppEnding>;
