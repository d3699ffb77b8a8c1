import {
  PaymentAllocated,
  PaymentDebited,
  PaymentDisputed,
  PaymentFailed,
  PaymentLeaseHeld,
  PaymentLeaseReleased,
  PaymentRecorded,
  PaymentRefunded,
  PaymentRefundRecredited,
  PaymentRefundRefused,
  PaymentRefundReturned,
  PaymentRefused,
  PaymentRequested,
  PaymentReversed,
  PaymentReversing,
  PaymentSettled,
  type PaymentStatus,
  PaymentStuck,
} from '@scenefi/contracts';
import { type Scene, sumFen } from '@scenefi/kernel';
import type { Payment, PaymentCommand, PaymentFact, Refund } from './payment-state.ts';

type PaymentScene = Scene<Payment, PaymentCommand, PaymentFact>;

export const paymentContracts: PaymentScene['contracts'] = {
  'payment.recorded': PaymentRecorded,
  'payment.allocated': PaymentAllocated,
  'payment.requested': PaymentRequested,
  'payment.refused': PaymentRefused,
  'payment.leased': 'private',
  'payment.limit-moved': 'private',
  'payment.debit-begun': 'private',
  'payment.debited': PaymentDebited,
  'payment.failed': PaymentFailed,
  'payment.lease-held': PaymentLeaseHeld,
  'payment.lease-released': PaymentLeaseReleased,
  'payment.settled': PaymentSettled,
  'payment.disputed': PaymentDisputed,
  'payment.reversal-wanted': 'private',
  'payment.reversing': PaymentReversing,
  'payment.credit-sent': 'private',
  'payment.reversed': PaymentReversed,
  'payment.refund-begun': 'private',
  'payment.refunded': PaymentRefunded,
  'payment.refund-returned': PaymentRefundReturned,
  'payment.refund-recredited': PaymentRefundRecredited,
  'payment.recredit-denied': 'private',
  'payment.refund-refused': PaymentRefundRefused,
  'payment.recredit-begun': 'private',
  'payment.called': 'private',
  'payment.call-ended': 'private',
  'payment.stuck': PaymentStuck,
  'payment.unstuck': PaymentStuck,
  'payment.resolution-proposed': 'private',
  'payment.resolved': 'private',
};

/** How far others need to know: whether a lease or a debit is under way is our own business. */
const publicStatus = ({ status, queue = [] }: Payment): PaymentStatus => {
  if (queue.some(({ name }) => name === 'debit-unknown')) return 'stuck';
  if (status === 'leased' || status === 'debiting') return 'requested';
  if (status === 'none') throw new Error('a payment that was never heard of has no picture');
  return status;
};

const given: readonly Refund['status'][] = ['completed', 'returned', 'recrediting', 'recredited'];

export const refundedFen = ({ refunds }: Payment): number =>
  sumFen(refunds.filter(({ status }) => given.includes(status)).map(({ amountFen }) => amountFen));

/** Whether the whole amount went back: of the app's payments by a credit, of money from elsewhere by the partner's word. */
const isReversed = ({ status, received, reversal }: Payment): boolean => (received ? status === 'reversed' : reversal?.end !== undefined);

/** `**** 0001`: enough for a customer to know his own account by. */
export const masked = (accountNo: string): string => `**** ${accountNo.slice(-4)}`;

/** What others see of a payment, in facts and in answers. */
export const pictureOf = (payment: Payment, paymentId: string) => {
  const { received, request } = payment;
  const refunded = refundedFen(payment);
  const amountFen = received?.amountFen ?? request?.amountFen ?? 0;
  const moved = {
    paymentId,
    status: publicStatus(payment),
    reversedFen: isReversed(payment) ? amountFen : 0,
    ...(refunded > 0 && { refundedFen: refunded }),
  };
  if (received) return { ...moved, ...received };
  if (!request) throw new Error('a payment without a request has no picture');
  const { customerId, about, items, payFrom, requestedAt } = request;
  const payFromMasked = masked(payFrom);
  return { ...moved, about, channel: 'app', amountFen, customerId, payFromMasked, requestedAt, ...(items && { items }) };
};

const refundOf = ({ refunds }: Payment, wanted: string) => {
  const refund = refunds.find(({ refundNo }) => refundNo === wanted);
  if (!refund) throw new Error(`refund ${wanted} was never begun`);
  const { refundNo, amountFen, reason } = refund;
  return { refund: { refundNo, amountFen, reason } };
};

/** What a kind of fact says beside the whole picture. */
const besides = (fact: PaymentFact, payment: Payment) => {
  switch (fact.type) {
    case 'payment.refused':
      return { code: fact.code, ...(fact.held && { held: fact.held }) };
    case 'payment.failed':
      return { code: fact.code };
    case 'payment.debited':
      return { debitedAt: fact.debitedAt };
    case 'payment.reversing':
      return { reason: fact.reason };
    case 'payment.reversed':
      return fact.returned ? { returned: true } : {};
    case 'payment.stuck':
      return { queue: fact.queue };
    case 'payment.unstuck':
      return { queue: 'none' };
    case 'payment.refunded':
    case 'payment.refund-returned':
    case 'payment.refund-recredited':
      return refundOf(payment, fact.refundNo);
    case 'payment.refund-refused':
      return { refund: fact.refund, code: fact.code };
    default:
      return {};
  }
};

export const publishPayment: PaymentScene['publish'] = (fact, payment, paymentId) => {
  if (fact.type === 'payment.lease-held' || fact.type === 'payment.lease-released') return { paymentId, about: fact.about };
  return { ...pictureOf(payment, paymentId), ...besides(fact, payment) };
};
