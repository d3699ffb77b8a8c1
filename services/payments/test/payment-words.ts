import { addMs, type Instant } from '@scenefi/kernel';
import { scenario } from '@scenefi/testing/scenario';
import { paymentScene } from '../src/payment.ts';
import type { Call, Payment, PaymentCommand, PaymentFact, PaymentRules, Received, Refund, Request } from '../src/payment-state.ts';

export const at: Instant = '2026-09-01T00:00:00.000Z';
export const aYearLater: Instant = '2027-09-01T00:00:00.000Z';
export const later = (ms: number): Instant => addMs(at, ms);

export const rules: PaymentRules = {
  paymentFenMax: 5_000_000,
  stepUpFenMin: 2_000_000,
  leaseMarginMs: 10_000,
  callMs: 9_000,
  askMs: 5_000,
  stuckAfter: 2,
  keepAskingMs: 60_000,
  latestMs: 24 * 60 * 60 * 1000,
  reversalGraceMs: 60_000,
};
export const scene = paymentScene(rules);
export const given = scenario(scene, { at });

export const paymentId = `pay_${'a'.repeat(26)}`;
export const about = { scene: 'campus', partnerId: 'school-a', payableId: `bill_${'a'.repeat(26)}` };
export const accountNo = '6200000000000001';

export const wanted: Request = { customerId: `cus_${'a'.repeat(26)}`, about, amountFen: 150, payFrom: accountNo, stepUp: false };
export const received: Received = {
  about,
  reference: 'P1',
  channel: 'counter',
  allocation: 'payable',
  amountFen: 150,
  paidAt: '2026-08-31T00:00:00.000Z',
};

/** A call as it stands after so many tries, each of which was made as soon as it was due. */
export const call = (kind: Call['kind'], key: string, changes: Partial<Call> = {}): Call => ({
  kind,
  key,
  attempt: 1,
  since: at,
  until: later(5_000),
  againAt: later(14_000),
  ...changes,
});

export const recorded: PaymentFact = { type: 'payment.recorded', received };
export const overpaid: Received = { ...received, reference: 'P2', allocation: 'suspense' };
export const inSuspense: PaymentFact = { type: 'payment.stuck', queue: 'in-suspense' };
export const toSuspense: PaymentFact[] = [{ type: 'payment.recorded', received: overpaid }, inSuspense];
export const requested: PaymentFact = { type: 'payment.requested', request: wanted };
export const limitMoved = (limit: Payment['limit'], made?: Call): PaymentFact => ({
  type: 'payment.limit-moved',
  limit,
  ...(made && { call: made }),
});
export const reserving = limitMoved('reserving', call('reserve', 'limit:reserve'));
export const reserved = limitMoved('reserved');
export const committing = limitMoved('committing', call('commit', 'limit:commit'));
export const releasing = limitMoved('releasing', call('release', 'limit:release'));
export const leasedUntil = later(180_000);
export const leased: PaymentFact = { type: 'payment.leased', until: leasedUntil };
export const begun: PaymentFact = { type: 'payment.debit-begun', call: call('debit', 'debit') };
export const debited: PaymentFact = { type: 'payment.debited', debitedAt: at };
export const failedAs = (code: string): PaymentFact => ({ type: 'payment.failed', code });
export const refusedAs = (code: string): PaymentFact => ({ type: 'payment.refused', code });
export const settled: PaymentFact = { type: 'payment.settled' };
export const reversing = (reason = 'closed'): PaymentFact => ({ type: 'payment.reversing', reason, creditAt: later(60_000) });
export const sent: PaymentFact = { type: 'payment.credit-sent', call: call('credit', 'reversal') };
export const reversed: PaymentFact = { type: 'payment.reversed' };
export const returned: PaymentFact = { type: 'payment.reversed', returned: true };
export const disputed: PaymentFact = { type: 'payment.disputed' };
export const stuck = (queue: 'debit-unknown' | 'credit-unknown' | 'write-off-overdue'): PaymentFact => ({ type: 'payment.stuck', queue });

export const refundCall = (refundNo: string, changes: Partial<Call> = {}): Call =>
  call('credit', `refund:${refundNo}`, { about: refundNo, ...changes });
export const refundBegun = (refundNo: string, amountFen: number): PaymentFact => {
  const refund: Refund = { refundNo, amountFen, reason: 'left', status: 'crediting', key: `refund:${refundNo}`, credits: 1 };
  return { type: 'payment.refund-begun', refund, call: refundCall(refundNo) };
};
export const refundOf = (refundNo: string, amountFen: number): PaymentCommand => ({ type: 'Refund', refundNo, amountFen, reason: 'left' });
export const refundEnd = (
  type: 'payment.refunded' | 'payment.refund-returned' | 'payment.refund-recredited' | 'payment.recredit-denied',
  refundNo = 'R1',
): PaymentFact => ({ type, refundNo });

export const wake: PaymentCommand = { type: 'Wake' };
export const resolveAs = (outcome: string, by: string, more: { refundNo?: string; accountNo?: string } = {}): PaymentCommand => ({
  type: 'Resolve',
  outcome,
  by,
  reason: 'asked by telephone',
  ...more,
});

/** How a payment comes to stand where most tests begin. */
export const toDebiting = [requested, reserving, reserved, leased, begun];
export const toDebited = [...toDebiting, debited, limitMoved('committed')];
export const toSettled = [...toDebited, settled];
export const toReversing = [...toDebited, reversing()];
export const toSent = [...toReversing, sent];
