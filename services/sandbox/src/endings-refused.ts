import { endsAs, refusal, taken } from './expected.ts';
import { type Ending, inOrder } from './told-bill.ts';

const alreadyPaid = 'CAMPUS_ALREADY_PAID';
const idReused = 'ENGINE_ID_REUSED';
const nothingToPay = 'CAMPUS_NOTHING_TO_PAY';

/** Bills of which one notice contradicts an earlier one and ends as a dead letter; the first stands. */
export const refusedEndings = {
  'issued-differently': (bill) => {
    const other = bill.issued({ title: '另一张账单' });
    return {
      steps: [inOrder(bill.issued(), other)],
      expected: endsAs('issued', { deadLetters: [refusal(other, 'CAMPUS_ISSUED_DIFFERENTLY')] }),
    };
  },

  'amended-after-paid': (bill) => {
    const payment = bill.payment();
    const amended = bill.amended(1);
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), amended)],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)], deadLetters: [refusal(amended, alreadyPaid)] }),
    };
  },

  'amended-after-closed': (bill) => {
    const amended = bill.amended(1);
    return {
      steps: [inOrder(bill.issued(), bill.closed(), amended)],
      expected: endsAs('closed', { closed: true, deadLetters: [refusal(amended, 'CAMPUS_BILL_CLOSED')] }),
    };
  },

  'closed-after-paid': (bill) => {
    const payment = bill.payment();
    const closed = bill.closed();
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), closed)],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)], deadLetters: [refusal(closed, alreadyPaid)] }),
    };
  },

  'revision-reused': (bill) => {
    const other = bill.amended(1, { items: bill.itemsOf(9) });
    return {
      steps: [inOrder(bill.issued(), bill.amended(1), other)],
      expected: endsAs('issued', { revision: 1, deadLetters: [refusal(other, 'CAMPUS_REVISION_REUSED')] }),
    };
  },

  'payment-no-reused': (bill) => {
    const payment = bill.payment();
    const other = bill.paid({ ...payment, amountFen: payment.amountFen + 100 });
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), other)],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)], deadLetters: [refusal(other, 'CAMPUS_PAYMENT_NO_REUSED')] }),
    };
  },

  'nothing-to-pay': (bill) => {
    const issued = bill.issued({ items: bill.itemsOf(0).map((item) => ({ ...item, amountFen: 0 })) });
    return { steps: [inOrder(issued)], expected: endsAs('none', { deadLetters: [refusal(issued, nothingToPay)] }) };
  },

  'amended-to-nothing': (bill) => {
    const amended = bill.amended(1, { items: bill.itemsOf(0).map((item) => ({ ...item, amountFen: 0 })) });
    return {
      steps: [inOrder(bill.issued(), amended)],
      expected: endsAs('issued', { deadLetters: [refusal(amended, nothingToPay)] }),
    };
  },

  'webhook-id-of-issued-reused': (bill) => {
    const issued = bill.issued();
    const other = bill.inTheNameOf(issued, bill.issued({ title: '另一张账单' }));
    return { steps: [inOrder(issued, other)], expected: endsAs('issued', { deadLetters: [refusal(other, idReused)] }) };
  },

  'webhook-id-of-paid-reused': (bill) => {
    const [payment, forged] = [bill.payment(), bill.payment()];
    const paid = bill.paid(payment);
    const other = bill.inTheNameOf(paid, bill.paid(forged));
    return {
      steps: [inOrder(bill.issued(), paid, other)],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)], deadLetters: [refusal(other, idReused)] }),
    };
  },
} satisfies Record<string, Ending>;
