import { type Held, heldByBank, payables, paymentIds } from '@scenefi/contracts';
import { type Aim, on, type Subscription, type Target } from '@scenefi/engine';
import type { DataOf } from '@scenefi/kernel';
import type { PaymentCommand } from './payment-state.ts';

type Payable = (typeof payables)[keyof typeof payables];
type Taken = DataOf<Payable['paidElsewhere']> | DataOf<Payable['paidElsewhereVoided']>;

/** Money that never reaches the bank is none of our business. */
const aimElsewhere = (type: 'Record' | 'Reverse', { scene, partnerId, payableId, payment }: Taken): Aim<PaymentCommand> | undefined => {
  if (!heldByBank(payment.channel)) return undefined;
  const { paymentNo, channel, allocation, amountFen, paidAt } = payment;
  const received = { about: { scene, partnerId, payableId }, reference: paymentNo, channel, allocation, amountFen, paidAt };
  return { id: paymentIds.of(partnerId, payableId, paymentNo), command: { type, received } };
};

const aim = (id: string, command: PaymentCommand): Aim<PaymentCommand> => ({ id, command });

/** A lease that a cashier was given is none of our business either. */
const isPayment = (leaseId: string): boolean => leaseId.startsWith('pay_');

const ofLease = (payable: Payable, payments: Target<PaymentCommand>): Subscription[] => [
  on(payable.leased, payments, ({ data: { leaseId, until } }) =>
    isPayment(leaseId) ? aim(leaseId, { type: 'Leased', until }) : undefined,
  ),
  on(payable.leaseRefused, payments, ({ data: { paymentId, code, held } }) =>
    aim(paymentId, { type: 'LeaseRefused', code, ...(held && { held: held as Held }) }),
  ),
  on(payable.leaseQuestioned, payments, ({ data: { paymentId, scene, partnerId, payableId, reason } }) =>
    aim(paymentId, { type: 'QuestionLease', about: { scene, partnerId, payableId }, reason }),
  ),
];

const ofMoney = (payable: Payable, payments: Target<PaymentCommand>): Subscription[] => [
  on(payable.paidElsewhere, payments, ({ data }) => aimElsewhere('Record', data)),
  on(payable.paidElsewhereVoided, payments, ({ data }) => aimElsewhere('Reverse', data)),
  on(payable.writtenOff, payments, ({ data }) => aim(data.paymentId, { type: 'WriteOff' })),
  on(payable.writeOffOverdue, payments, ({ data }) => aim(data.paymentId, { type: 'Overdue' })),
  on(payable.disputed, payments, ({ data }) => aim(data.paymentId, { type: 'Dispute' })),
  // The partner's own words are for people and may name somebody; the fact says what it was.
  on(payable.writeOffRejected, payments, ({ data }) => aim(data.paymentId, { type: 'RequestReversal', reason: 'write-off-rejected' })),
  on(payable.reversalRequested, payments, ({ data }) => aim(data.paymentId, { type: 'RequestReversal', reason: data.reason })),
  on(payable.refundRequested, payments, ({ data: { paymentId, refundNo, refundFen, refundReason } }) =>
    aim(paymentId, { type: 'Refund', refundNo, amountFen: refundFen, reason: refundReason }),
  ),
];

/** What every scene says about leases, write-offs and money, each mapped to a command for its payment. */
export const paymentHandlers = (payments: Target<PaymentCommand>): Subscription[] =>
  Object.values(payables).flatMap((payable) => [...ofLease(payable, payments), ...ofMoney(payable, payments)]);
