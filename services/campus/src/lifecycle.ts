import { type BillStatus, billIds, paymentIds } from '@scenefi/contracts';
import { defineLifecycle, sumFen } from '@scenefi/kernel';
import type { Bill } from './bill-state.ts';

const unpaid = ['issued', 'closed', 'expired'] as const;
const paid = ['paid-elsewhere', 'amount-differs', 'overpaid'] as const;
const held = ['leased', 'debited', 'reversing'] as const;
const back = ['issued', 'closed'] as const;

/** A payment of the app whose bill shows something that counts more goes its way behind that status. */
const behind = <const Status extends BillStatus>(status: Status) =>
  ({
    'bill.lease-ended': status,
    'bill.write-off-awaited': status,
    'bill.write-off-overdue': status,
    'bill.write-off-claimed': status,
    'bill.write-off-rejected': status,
    'bill.reversal-requested': status,
    'bill.reversal-begun': status,
    'bill.reversed': status,
    'bill.disputed': 'disputed',
  }) as const;

/** What may come in every status of a payment that the bill does not count: lost, given back, or voided after its refund. */
const ofPast = <const Status extends BillStatus>(status: Status) =>
  ({
    'bill.reversal-requested': status,
    'bill.disputed': 'disputed',
    'bill.refunded': 'refunded',
  }) as const;

export const billLifecycle = defineLifecycle('bill', {
  announced: { 'bill.billed': 'issued', 'bill.notice-kept': 'announced', 'bill.notice-refused': ['announced', 'lapsed'] },
  lapsed: { 'bill.billed': 'issued', 'bill.notice-kept': 'announced' },
  issued: {
    'bill.changed': 'issued',
    'bill.withdrawn': ['closed', 'expired'],
    'bill.paid-elsewhere': ['paid-elsewhere', 'amount-differs'],
    'bill.leased': 'leased',
    ...ofPast('issued'),
  },
  closed: { 'bill.paid-elsewhere': 'overpaid', ...ofPast('closed') },
  expired: {
    'bill.changed': 'issued',
    'bill.withdrawn': 'closed',
    'bill.paid-elsewhere': ['paid-elsewhere', 'amount-differs'],
    ...ofPast('expired'),
  },
  leased: {
    'bill.withdrawn': 'leased',
    'bill.lease-ended': back,
    'bill.paid-elsewhere': paid,
    'bill.write-off-awaited': 'debited',
    ...ofPast('leased'),
  },
  debited: {
    'bill.withdrawn': 'debited',
    'bill.paid-elsewhere': paid,
    'bill.write-off-awaited': 'debited',
    'bill.write-off-overdue': 'debited',
    'bill.written-off': 'written-off',
    'bill.write-off-rejected': 'reversing',
    'bill.reversal-begun': 'reversing',
    'bill.reversed': back,
    ...ofPast('debited'),
  },
  reversing: {
    'bill.withdrawn': 'reversing',
    'bill.paid-elsewhere': paid,
    'bill.write-off-claimed': 'reversing',
    'bill.written-off': 'written-off',
    'bill.reversed': back,
    ...ofPast('reversing'),
  },
  'paid-elsewhere': {
    'bill.paid-elsewhere': 'overpaid',
    'bill.paid-elsewhere-voided': [...unpaid, ...held, 'refunded'],
    'bill.written-off': 'overpaid',
    'bill.refunded': ['paid-elsewhere', 'refunded'],
    ...behind('paid-elsewhere'),
  },
  'amount-differs': {
    'bill.paid-elsewhere': 'overpaid',
    'bill.paid-elsewhere-voided': [...unpaid, ...held, 'refunded'],
    'bill.written-off': 'overpaid',
    'bill.refunded': ['amount-differs', 'refunded'],
    ...behind('amount-differs'),
  },
  overpaid: {
    'bill.paid-elsewhere': 'overpaid',
    'bill.paid-elsewhere-voided': [...unpaid, ...paid, ...held, 'written-off', 'refunded'],
    'bill.written-off': 'overpaid',
    'bill.refunded': [...paid, 'written-off', 'refunded'],
    ...behind('overpaid'),
  },
  'written-off': {
    ...ofPast('written-off'),
    'bill.paid-elsewhere': 'overpaid',
    'bill.paid-elsewhere-voided': 'written-off',
    'bill.refunded': ['written-off', 'refunded'],
  },
  refunded: {
    'bill.paid-elsewhere': 'overpaid',
    'bill.paid-elsewhere-voided': 'refunded',
    'bill.written-off': 'written-off',
    'bill.refunded': 'refunded',
    ...behind('refunded'),
  },
  disputed: {
    'bill.paid-elsewhere': 'disputed',
    'bill.paid-elsewhere-voided': 'disputed',
    'bill.written-off': 'disputed',
    'bill.refunded': 'disputed',
    ...behind('disputed'),
  },
});

/** The bank's id of a payment that the school reported under a number of its own. */
export const paymentIdOf = (bill: Bill, paymentNo: string): string => {
  const { partnerId = '', billNo = '' } = bill.terms ?? {};
  return paymentIds.of(partnerId, billIds.of(partnerId, billNo), paymentNo);
};

/** What was given back in refunds, of one payment or of all. */
export const refundedFen = (bill: Bill, paymentId?: string): number =>
  sumFen(bill.refunds.filter((refund) => refund.done && (!paymentId || refund.paymentId === paymentId)).map(({ amountFen }) => amountFen));

const paidStatus = { exact: 'paid-elsewhere', 'amount-differs': 'amount-differs', overpaid: 'overpaid' } as const;

/** How an issued bill stands, told here alone: what people must decide, else what was paid, else who pays, else what it is without. */
export const statusOf = (bill: Bill): BillStatus => {
  const { writtenOff, holding, base } = bill;
  if (bill.disputed.length > 0) return 'disputed';
  const hasRefunds = bill.refunds.some(({ done }) => done);
  const stands = (paymentId: string, amountFen: number): boolean => !hasRefunds || refundedFen(bill, paymentId) < amountFen;
  const [only, ...more] = bill.payments.filter(({ paymentNo, amountFen }) => stands(paymentIdOf(bill, paymentNo), amountFen));
  if (writtenOff && stands(writtenOff.paymentId, writtenOff.amountFen)) return only ? 'overpaid' : 'written-off';
  if (only) return more.length > 0 ? 'overpaid' : paidStatus[only.fit];
  return hasRefunds ? 'refunded' : (holding?.phase ?? base);
};

/** Whether the bill was paid, in the app or through the school; what was given back of it does not make it payable again. */
export const isPaid = (bill: Bill): boolean =>
  bill.writtenOff !== undefined || bill.payments.length > 0 || bill.refunds.some(({ done }) => done);
