import type { BillStatus } from '@scenefi/contracts';
import {
  type Bill,
  type BillFact,
  type Holding,
  type JudgedPayment,
  type Kept,
  type LeaseFact,
  type MoneyFact,
  type Past,
  type Refund,
  type WriteOff,
  whole,
} from './bill-state.ts';
import { billLifecycle, statusOf } from './lifecycle.ts';

const pastMax = 200;
const heardMax = 10;

const without = (kept: readonly Kept[], noticeId: string): Kept[] => kept.filter(({ command }) => command.noticeId !== noticeId);

/** The bill without this payment or lease, which is remembered as past. */
const passed = (bill: Bill, past: Past): Bill => {
  const { holding, ...rest } = bill;
  const others = bill.past.filter(({ leaseId }) => leaseId !== past.leaseId);
  const stays = holding && holding.leaseId !== past.leaseId;
  return { ...rest, ...(stays && { holding }), past: [...others, past].slice(-pastMax) };
};

const held = (bill: Bill, leaseId: string, change: Partial<Holding>): Bill =>
  bill.holding?.leaseId === leaseId ? { ...bill, holding: { ...bill.holding, ...change } } : bill;

const paidElsewhere = (bill: Bill, payment: JudgedPayment): Bill => {
  const { holding } = bill;
  const after = { ...bill, payments: [...bill.payments, payment] };
  // The cashier was given the bill to take this money for it.
  return holding?.holder === 'cashier' ? passed(after, { leaseId: holding.leaseId, end: 'unpaid', ...termsOf(holding) }) : after;
};

const termsOf = ({ amountFen, until }: Holding) => ({ amountFen, until });

const writtenOff = (bill: Bill, { paymentId, amountFen, writtenOffAt, receiptNo }: WriteOff): Bill => {
  const { holding, ...rest } = bill;
  const writeOff = { paymentId, amountFen, writtenOffAt, ...(receiptNo && { receiptNo }) };
  return { ...rest, writtenOff: { ...writeOff, holder: holding?.holder ?? 'app' } };
};

const disputed = (bill: Bill, paymentId: string, amountFen: number): Bill => {
  const after = { ...bill, disputed: [...bill.disputed, paymentId] };
  return bill.writtenOff?.paymentId === paymentId ? after : passed(after, { leaseId: paymentId, end: 'reversed', amountFen });
};

const foldLease = (bill: Bill, fact: LeaseFact): Bill => {
  switch (fact.type) {
    case 'bill.leased': {
      const { leaseId, holder, amountFen, until } = fact;
      const asks = holder !== 'cashier' && { askAt: until };
      return { ...bill, holding: { leaseId, holder, amountFen, phase: 'leased', until, asked: 0, ...asks } };
    }
    case 'bill.lease-refused':
    case 'bill.payment-passed':
      return passed(bill, { leaseId: fact.paymentId, end: 'unpaid' });
    case 'bill.lease-questioned':
      return held(bill, fact.paymentId, { askAt: fact.askAt, asked: (bill.holding?.asked ?? 0) + 1 });
    case 'bill.lease-ended':
      return passed(bill, { leaseId: fact.leaseId, end: 'unpaid', ...(bill.holding && termsOf(bill.holding)) });
    default:
      return fact satisfies never;
  }
};

const foldMoney = (bill: Bill, fact: MoneyFact): Bill => {
  const { paymentId, amountFen } = fact;
  switch (fact.type) {
    case 'bill.write-off-awaited': {
      const { asked, askAt, until } = fact;
      return held(bill, paymentId, { phase: 'debited', amountFen, asked, askAt, until });
    }
    case 'bill.write-off-overdue':
      return held(bill, paymentId, { told: 'overdue', askAt: fact.askAt });
    case 'bill.write-off-claimed': {
      const { type, ...claimed } = fact;
      return held(bill, paymentId, { claimed });
    }
    case 'bill.written-off':
      return writtenOff(bill, fact);
    case 'bill.write-off-rejected':
    case 'bill.reversal-begun':
      return held(bill, paymentId, { phase: 'reversing' });
    case 'bill.reversal-requested':
      if (bill.holding?.leaseId === paymentId) return held(bill, paymentId, { told: 'reversal' });
      return passed(bill, { leaseId: paymentId, end: 'lost', amountFen });
    case 'bill.reversed':
      return passed(bill, { leaseId: paymentId, end: 'reversed', amountFen });
    case 'bill.disputed':
      return disputed(bill, paymentId, amountFen);
    default:
      return fact satisfies never;
  }
};

const withRefund = (bill: Bill, refund: Refund & { done: boolean }): Bill => ({
  ...bill,
  refunds: [...bill.refunds.filter(({ refundNo, paymentId }) => refundNo !== refund.refundNo || paymentId !== refund.paymentId), refund],
});

const fold = (bill: Bill, fact: BillFact): Bill => {
  switch (fact.type) {
    case 'bill.billed':
      return { ...bill, base: 'issued', terms: fact.terms, items: fact.terms.items, dueAt: fact.terms.dueAt };
    case 'bill.changed':
      return { ...bill, base: 'issued', revision: fact.revision, items: fact.items, dueAt: fact.dueAt };
    case 'bill.withdrawn':
      return { ...bill, base: fact.reason === 'expired' ? 'expired' : 'closed' };
    case 'bill.paid-elsewhere':
      return paidElsewhere(bill, fact.payment);
    case 'bill.paid-elsewhere-voided': {
      const { paymentNo } = fact.payment;
      return { ...bill, payments: bill.payments.filter((known) => known.paymentNo !== paymentNo), voided: [...bill.voided, paymentNo] };
    }
    case 'bill.refund-requested':
    case 'bill.refund-refused':
      return withRefund(bill, { ...fact.refund, done: false });
    case 'bill.refunded':
      return withRefund(bill, { refundNo: fact.refundNo, paymentId: fact.paymentId, amountFen: fact.refundFen, done: true });
    case 'bill.notice-kept':
      return { ...bill, kept: [...bill.kept, fact.kept] };
    case 'bill.notice-taken':
      return { ...bill, kept: without(bill.kept, fact.noticeId) };
    case 'bill.notice-refused':
      return { ...bill, kept: without(bill.kept, fact.kept.command.noticeId) };
    case 'bill.notice-heard': {
      const others = bill.heard.filter(({ noticeId }) => noticeId !== fact.notice.noticeId);
      return { ...bill, heard: [...others, fact.notice].slice(-heardMax) };
    }
    case 'bill.leased':
    case 'bill.lease-refused':
    case 'bill.lease-questioned':
    case 'bill.lease-ended':
    case 'bill.payment-passed':
      return foldLease(bill, fact);
    default:
      return foldMoney(bill, fact);
  }
};

/** What leaves the bill as it stands. */
const asides: ReadonlySet<BillFact['type']> = new Set<BillFact['type']>([
  'bill.lease-refused',
  'bill.lease-questioned',
  'bill.payment-passed',
  'bill.refund-requested',
  'bill.refund-refused',
  'bill.notice-taken',
  'bill.notice-heard',
]);

/** A bill that was not issued has no status of its own, but that notices wait for it. */
const statusAfter = (bill: Bill): BillStatus => {
  if (bill.terms) return statusOf(bill);
  return bill.kept.length > 0 ? 'announced' : 'lapsed';
};

export const evolve = (before: Bill, fact: BillFact): Bill => {
  const bill = fold(whole(before), fact);
  const waits = fact.type === 'bill.notice-kept' || fact.type === 'bill.notice-refused';
  if (asides.has(fact.type) || (waits && bill.terms)) return bill;
  return { ...bill, status: billLifecycle.next(before.status, fact.type, statusAfter(bill)) };
};

/** Takes several steps, each on the bill as the one before has left it. */
export const inOrder = (bill: Bill, ...steps: readonly ((bill: Bill) => BillFact[])[]): BillFact[] => {
  let state = bill;
  return steps.flatMap((step) => {
    const facts = step(state);
    state = facts.reduce(evolve, state);
    return facts;
  });
};
