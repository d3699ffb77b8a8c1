import { endsAs, refusal, reversed, taken } from './expected.ts';
import { type Ending, inOrder, parallel } from './told-bill.ts';

const neverInTime = 'CAMPUS_NEVER_IN_TIME';

/** Bills of which something came before its time. */
export const earlyEndings = {
  'paid-before-issued': (bill) => {
    const payment = bill.payment();
    return { steps: [inOrder(bill.paid(payment), bill.issued())], expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }) };
  },

  'voided-before-paid': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.voided(payment), bill.paid(payment))],
      expected: endsAs('issued', { payments: [reversed(taken(payment))] }),
    };
  },

  'issued-paid-voided-at-once': (bill) => {
    const payment = bill.payment();
    return {
      steps: [parallel(bill.issued(), bill.paid(payment), bill.voided(payment))],
      expected: endsAs('issued', { payments: [reversed(taken(payment))] }),
    };
  },

  'everything-before-issued': (bill) => {
    const [first, second] = [bill.payment({ revision: 1 }), bill.payment({ revision: 1 })];
    return {
      steps: [inOrder(bill.voided(second), bill.amended(1), bill.paid(first), bill.paid(second), bill.issued())],
      expected: endsAs('paid-elsewhere', { revision: 1, payments: [taken(first), reversed(taken(second, 'overpaid'))] }),
    };
  },

  'amended-after-paid-both-before-issued': (bill) => {
    const payment = bill.payment();
    const amended = bill.amended(1);
    return {
      steps: [inOrder(bill.paid(payment), amended, bill.issued())],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)], refusedKept: [refusal(amended, 'CAMPUS_ALREADY_PAID')] }),
    };
  },

  'never-issued': (bill) => {
    const payment = bill.payment();
    const kept = [bill.paid(payment), bill.voided(payment), bill.amended(1), bill.closed()];
    return { steps: [parallel(...kept)], expected: endsAs('lapsed', { refusedKept: kept.map((notice) => refusal(notice, neverInTime)) }) };
  },

  'amended-with-a-gap': (bill) => {
    const second = bill.amended(2);
    return {
      steps: [inOrder(bill.issued(), second)],
      expected: endsAs('issued', { refusedKept: [refusal(second, neverInTime)] }),
    };
  },

  'voided-but-never-paid': (bill) => {
    const voided = bill.voided(bill.payment());
    return {
      steps: [inOrder(bill.issued(), voided)],
      expected: endsAs('issued', { refusedKept: [refusal(voided, neverInTime)] }),
    };
  },
} satisfies Record<string, Ending>;
