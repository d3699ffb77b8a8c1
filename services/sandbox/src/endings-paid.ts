import { endsAs, reversed, taken } from './expected.ts';
import { type Ending, inOrder, type Payment, priceOf, type ToldBill } from './told-bill.ts';

const paidBy =
  (channel: Payment['channel']): Ending =>
  (bill) => {
    const payment = bill.payment({ channel });
    return { steps: [inOrder(bill.issued(), bill.paid(payment))], expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }) };
  };

/** A wrong choice whose amount is the price of that very choice. */
const chosenWrongly =
  (choose: (items: ReturnType<ToldBill['itemsOf']>) => NonNullable<Payment['items']>): Ending =>
  (bill) => {
    bill.asks('choice');
    const items = choose(bill.itemsOf(0));
    const payment = bill.payment({ items, amountFen: priceOf(bill.itemsOf(0), items) });
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment))],
      expected: endsAs('amount-differs', { payments: [taken(payment, 'amount-differs')] }),
    };
  };

/** A payment of another amount than the bill asks for. */
const wrongAmount = (bill: ToldBill): Payment => {
  const payment = bill.payment();
  return { ...payment, amountFen: payment.amountFen + 100 * bill.random.between(1, 50) };
};

/** Bills that the school took money for, with what the school took back. */
export const paidEndings = {
  'paid-at-counter': paidBy('counter'),
  'paid-by-aggregated-qr': paidBy('aggregated-qr'),
  'paid-in-cash': paidBy('cash'),
  'paid-otherwise': paidBy('other'),

  'paid-choice': (bill) => {
    bill.asks('choice');
    return paidBy('aggregated-qr')(bill);
  },

  'paid-naming-every-item': (bill) => {
    bill.asks('fixed');
    const payment = bill.payment({ items: bill.itemsOf(0).map(({ itemNo }) => ({ itemNo, quantity: 1 })) });
    return { steps: [inOrder(bill.issued(), bill.paid(payment))], expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }) };
  },

  'paid-as-amended': (bill) => {
    const payment = bill.payment({ revision: 1 });
    return {
      steps: [inOrder(bill.issued(), bill.amended(1), bill.paid(payment))],
      expected: endsAs('paid-elsewhere', { revision: 1, payments: [taken(payment)] }),
    };
  },

  'paid-after-due': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued({ dueAt: bill.dueSoon, payableAfterDue: true })), bill.afterDue(inOrder(bill.paid(payment)))],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }),
    };
  },

  'paid-on-expired': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued({ dueAt: bill.dueSoon })), bill.afterDue(inOrder(bill.paid(payment)))],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }),
    };
  },

  'paid-told-twice': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), bill.paid(payment))],
      expected: endsAs('paid-elsewhere', { payments: [taken(payment)] }),
    };
  },

  'choice-without-mandatory': chosenWrongly((items) =>
    items.filter(({ mandatory }) => !mandatory).map(({ itemNo }) => ({ itemNo, quantity: 1 })),
  ),

  'choice-of-too-many': chosenWrongly((items) =>
    items.map(({ itemNo, quantityMax }, index) => ({ itemNo, quantity: index === 0 ? quantityMax + 1 : 1 })),
  ),

  'other-amount': (bill) => {
    bill.asks('fixed');
    const payment = wrongAmount(bill);
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment))],
      expected: endsAs('amount-differs', { payments: [taken(payment, 'amount-differs')] }),
    };
  },

  'other-amount-voided': (bill) => {
    const payment = wrongAmount(bill);
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), bill.voided(payment))],
      expected: endsAs('issued', { payments: [reversed(taken(payment, 'amount-differs'))] }),
    };
  },

  overpaid: (bill) => {
    const [first, second] = [bill.payment(), bill.payment()];
    return {
      steps: [inOrder(bill.issued(), bill.paid(first), bill.paid(second))],
      expected: endsAs('overpaid', { payments: [taken(first), taken(second, 'overpaid')] }),
    };
  },

  'overpaid-on-closed': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.closed(), bill.paid(payment))],
      expected: endsAs('overpaid', { closed: true, payments: [taken(payment, 'overpaid')] }),
    };
  },

  'overpaid-then-second-voided': (bill) => {
    const [first, second] = [bill.payment(), bill.payment()];
    return {
      steps: [inOrder(bill.issued(), bill.paid(first), bill.paid(second), bill.voided(second))],
      expected: endsAs('paid-elsewhere', { payments: [taken(first), reversed(taken(second, 'overpaid'))] }),
    };
  },

  /** What was judged too much stays so: people have to decide what becomes of it. */
  'overpaid-then-first-voided': (bill) => {
    const [first, second] = [bill.payment(), bill.payment()];
    return {
      steps: [inOrder(bill.issued(), bill.paid(first), bill.paid(second), bill.voided(first))],
      expected: endsAs('overpaid', { payments: [reversed(taken(first)), taken(second, 'overpaid')] }),
    };
  },

  voided: (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), bill.voided(payment))],
      expected: endsAs('issued', { payments: [reversed(taken(payment))] }),
    };
  },

  'voided-twice': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.paid(payment), bill.voided(payment), bill.voided(payment), bill.paid(payment))],
      expected: endsAs('issued', { payments: [reversed(taken(payment))] }),
    };
  },

  'voided-on-closed': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued(), bill.closed(), bill.paid(payment), bill.voided(payment))],
      expected: endsAs('closed', { closed: true, payments: [reversed(taken(payment, 'overpaid'))] }),
    };
  },

  'voided-on-expired': (bill) => {
    const payment = bill.payment();
    return {
      steps: [inOrder(bill.issued({ dueAt: bill.dueSoon })), bill.afterDue(inOrder(bill.paid(payment), bill.voided(payment)))],
      expected: endsAs('expired', { payments: [reversed(taken(payment))] }),
    };
  },

  'voided-then-paid-anew': (bill) => {
    const [first, second] = [bill.payment(), bill.payment()];
    return {
      steps: [inOrder(bill.issued(), bill.paid(first), bill.voided(first), bill.paid(second))],
      expected: endsAs('paid-elsewhere', { payments: [reversed(taken(first)), taken(second)] }),
    };
  },
} satisfies Record<string, Ending>;
