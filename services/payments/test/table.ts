import type { PaymentCommand, Status } from '../src/payment-state.ts';
import { about, later, leasedUntil, at as now, received, refundOf, resolveAs, wanted } from './payment-words.ts';

/** One of every kind of command, and a request that is not the one that was made. */
export const commands = {
  Record: { type: 'Record', received },
  Reverse: { type: 'Reverse', received },
  Request: { type: 'Request', request: wanted },
  RequestOther: { type: 'Request', request: { ...wanted, amountFen: 151 } },
  LimitReserved: { type: 'LimitReserved' },
  LimitExceeded: { type: 'LimitExceeded' },
  LimitCommitted: { type: 'LimitCommitted' },
  LimitReleased: { type: 'LimitReleased' },
  Leased: { type: 'Leased', until: leasedUntil },
  LeaseRefused: { type: 'LeaseRefused', code: 'CAMPUS_IN_PAYMENT', held: { holder: 'cashier', until: later(60_000) } },
  QuestionLease: { type: 'QuestionLease', about, reason: 'expired' },
  DebitApplied: { type: 'DebitApplied', debitedAt: now },
  DebitRefused: { type: 'DebitRefused', code: 'insufficient-funds' },
  RequestReversal: { type: 'RequestReversal', reason: 'closed' },
  WriteOff: { type: 'WriteOff' },
  Overdue: { type: 'Overdue' },
  Dispute: { type: 'Dispute' },
  CreditApplied: { type: 'CreditApplied' },
  CreditRefused: { type: 'CreditRefused' },
  Refund: refundOf('R1', 100),
  RefundApplied: { type: 'RefundApplied', refundNo: 'R1', key: 'refund:R1' },
  RefundDenied: { type: 'RefundDenied', refundNo: 'R1', key: 'refund:R1' },
  Resolve: resolveAs('failed', 'wang'),
  Wake: { type: 'Wake' },
} satisfies Record<PaymentCommand['type'] | 'RequestOther', PaymentCommand>;

export type Ends = Record<keyof typeof commands, Status | `PAYMENTS_${string}`>;
