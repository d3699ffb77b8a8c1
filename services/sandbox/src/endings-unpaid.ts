import { endsAs } from './expected.ts';
import { anyOrder, type Ending, inOrder, parallel } from './told-bill.ts';

/** Bills for which nothing is paid in the end, and nothing is refused. */
export const unpaidEndings = {
  issued: (bill) => ({ steps: [inOrder(bill.issued())], expected: endsAs('issued') }),

  'issued-payable-after-due': (bill) => ({
    steps: [inOrder(bill.issued({ dueAt: bill.dueSoon, payableAfterDue: true }))],
    expected: endsAs('issued'),
  }),

  'issued-again': (bill) => {
    const issued = bill.issued();
    const again = bill.toldAgain(issued);
    return { steps: [inOrder(issued, bill.amended(1), again)], expected: endsAs('issued', { revision: 1 }) };
  },

  amended: (bill) => ({ steps: [inOrder(bill.issued(), bill.amended(1))], expected: endsAs('issued', { revision: 1 }) }),

  'amended-in-any-order': (bill) => ({
    steps: [inOrder(bill.issued()), anyOrder(bill.amended(1), bill.amended(2), bill.amended(3))],
    expected: endsAs('issued', { revision: 3 }),
  }),

  'all-amendments-at-once': (bill) => ({
    steps: [parallel(bill.issued(), bill.amended(1), bill.amended(2), bill.amended(3))],
    expected: endsAs('issued', { revision: 3 }),
  }),

  'superseded-amendment-again': (bill) => {
    const first = bill.amended(1);
    return { steps: [inOrder(bill.issued(), first, bill.amended(2), bill.toldAgain(first))], expected: endsAs('issued', { revision: 2 }) };
  },

  closed: (bill) => ({ steps: [inOrder(bill.issued(), bill.closed())], expected: endsAs('closed', { closed: true }) }),

  'closed-twice': (bill) => ({
    steps: [inOrder(bill.issued(), bill.closed(), bill.closed('重复通知'))],
    expected: endsAs('closed', { closed: true }),
  }),

  'closed-before-issued': (bill) => ({
    steps: [inOrder(bill.closed(), bill.issued())],
    expected: endsAs('closed', { closed: true }),
  }),

  expired: (bill) => ({ steps: [inOrder(bill.issued({ dueAt: bill.dueSoon }))], expected: endsAs('expired') }),

  'expired-then-amended': (bill) => ({
    steps: [inOrder(bill.issued({ dueAt: bill.dueSoon })), bill.afterDue(inOrder(bill.amended(1)))],
    expected: endsAs('issued', { revision: 1 }),
  }),

  'expired-then-closed': (bill) => ({
    steps: [inOrder(bill.issued({ dueAt: bill.dueSoon })), bill.afterDue(inOrder(bill.closed()))],
    expected: endsAs('closed', { closed: true }),
  }),
} satisfies Record<string, Ending>;
