import { type ExpectedRefund, endsAs, refundedWhole, refusal, reversed, taken } from './expected.ts';
import { type AppEnding, endsWrittenOff, paidOnce, paysAs, refundOf } from './told-app-bill.ts';
import { inOrder, type Payment } from './told-bill.ts';

type Parts = (paidFen: number) => number[];

const whole: Parts = (paidFen) => [paidFen];
const halves: Parts = (paidFen) => [Math.floor(paidFen / 2), Math.ceil(paidFen / 2)];

/** Paid in the app, written off, and given back by the school's wish, to an account that takes it or does not. */
const refunded =
  (parts: Parts, end: 'completed' | 'returned' = 'completed'): AppEnding['tell'] =>
  (bill) => {
    const returned = end === 'returned';
    const payment = bill.appPayment({ account: returned ? '9107' : '0001' });
    const app = [paysAs(payment, 'settled', returned ? { queue: 'refund-returned' } : {})];
    const refunds = parts(payment.amountFen).map((amountFen) => refundOf(payment, amountFen, end));
    return paidOnce(bill, payment, endsAs('refunded', { app, refunds, writtenOff: true }));
  };

const ofElsewhere = ({ paymentNo }: Payment, refund: Omit<ExpectedRefund, 'of'>): ExpectedRefund => ({ of: paymentNo, ...refund });

/** The whole of a payment that the school had reported goes back by the way it came. */
const refundedElsewhere =
  (channel: 'counter' | 'aggregated-qr'): AppEnding['tell'] =>
  (bill) => {
    const payment = bill.payment({ channel });
    const { amountFen } = payment;
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), bill.refundAsked(payment, amountFen))],
      expected: endsAs('refunded', { payments: [taken(payment)], refunds: [ofElsewhere(payment, { amountFen, end: 'completed' })] }),
    };
  };

/** Payments of which the school gives something back, whoever had paid. */
export const refundEndings = {
  'refunded-whole': { word: 'refund', wants: 'queue', tell: refunded(whole) },
  'refunded-in-two-halves': { word: 'refund-half', wants: 'queue', tell: refunded(halves) },
  'refund-returned': { word: 'refund', wants: 'queue', tell: refunded(whole, 'returned') },

  'refund-of-too-much': {
    word: 'refund-too-much',
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      const tooMuch = refundOf(payment, payment.amountFen + 1, 'refused', 'PAYMENTS_EXCEEDS_REFUNDABLE');
      return paidOnce(bill, payment, endsWrittenOff([paysAs(payment, 'settled')], { refunds: [tooMuch] }));
    },
  },

  'refund-of-reversed': {
    word: 'reject-then-refund',
    tell: (bill) => {
      const payment = bill.appPayment();
      const refunds = [refundOf(payment, payment.amountFen, 'refused', 'reversed')];
      return paidOnce(bill, payment, endsAs('issued', { app: [paysAs(payment, 'reversed')], refunds }));
    },
  },

  'refunded-by-qr': { tell: refundedElsewhere('aggregated-qr') },
  'refunded-at-counter': { tell: refundedElsewhere('counter') },

  'refunded-other-amount': {
    tell: (bill) => {
      bill.asks('fixed');
      const exact = bill.payment({ channel: 'counter' });
      const payment = { ...exact, amountFen: exact.amountFen + 100 * bill.random.between(1, 50) };
      const { amountFen } = payment;
      return {
        steps: [inOrder(bill.issued(), bill.paid(payment), bill.refundAsked(payment, amountFen))],
        expected: endsAs('refunded', {
          payments: [refundedWhole(taken(payment, 'amount-differs'))],
          refunds: [ofElsewhere(payment, { amountFen, end: 'completed' })],
        }),
      };
    },
  },

  'refunded-in-part-by-qr': {
    tell: (bill) => {
      const payment = bill.payment({ channel: 'aggregated-qr' });
      const amountFen = Math.floor(payment.amountFen / 3);
      return {
        steps: [inOrder(bill.issued(), bill.paid(payment), bill.refundAsked(payment, amountFen))],
        expected: endsAs('paid-elsewhere', {
          payments: [taken(payment)],
          refunds: [ofElsewhere(payment, { amountFen, end: 'completed' })],
        }),
      };
    },
  },

  'refund-of-cash': {
    tell: (bill) => {
      const payment = bill.payment({ channel: 'cash' });
      const { amountFen } = payment;
      return {
        steps: [inOrder(bill.issued(), bill.paid(payment), bill.refundAsked(payment, amountFen))],
        expected: endsAs('paid-elsewhere', {
          payments: [taken(payment)],
          refunds: [ofElsewhere(payment, { amountFen, end: 'refused', code: 'not-held-by-bank' })],
        }),
      };
    },
  },

  'refund-of-voided': {
    tell: (bill) => {
      const payment = bill.payment({ channel: 'counter' });
      const { amountFen } = payment;
      return {
        steps: [inOrder(bill.issued(), bill.paid(payment), bill.voided(payment), bill.refundAsked(payment, amountFen))],
        expected: endsAs('issued', {
          payments: [reversed(taken(payment))],
          refunds: [ofElsewhere(payment, { amountFen, end: 'refused', code: 'reversed' })],
        }),
      };
    },
  },

  'refund-of-nothing': {
    tell: (bill) => {
      const asked = bill.refundAsked(bill.payment(), 100);
      return {
        steps: [inOrder(bill.issued(), asked)],
        expected: endsAs('issued', { deadLetters: [refusal(asked, 'CAMPUS_UNKNOWN_PAYMENT')] }),
      };
    },
  },
} satisfies Record<string, AppEnding>;
