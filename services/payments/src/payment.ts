import { canonicalJson, type Scene } from '@scenefi/kernel';
import { callAgain, effectsOf, queued, wakeAt } from './calls.ts';
import { answerQuestion, debit, denyDebit, hearLimit, lease, refuse, request } from './debit.ts';
import { paymentErrors } from './errors.ts';
import { evolve } from './evolve.ts';
import {
  noPayment,
  type Payment,
  type PaymentCommand,
  type PaymentFact,
  type PaymentRules,
  type Received,
  type Request,
  type Standing,
} from './payment-state.ts';
import { paymentContracts, publishPayment } from './picture.ts';
import { resolve } from './queue.ts';
import { hearRefund, hearRefundDenied, refund } from './refund.ts';
import { dispute, hearCredit, hearCreditRefused, requestReversal, sendCredit, writeOff } from './reversal.ts';

/** What its bill did not ask for belongs to nobody yet: it stands with people until they decide. */
const record = (received: Received, { payment }: Standing): PaymentFact[] => {
  if (payment.status !== 'none') return [];
  const recorded: PaymentFact = { type: 'payment.recorded', received };
  return received.allocation === 'suspense' ? [recorded, { type: 'payment.stuck', queue: 'in-suspense' }] : [recorded];
};

/** The void of a payment carries the payment, so that one that overtakes it loses nothing. */
const takeBack = (received: Received, standing: Standing): PaymentFact[] => {
  const { status, refunds } = standing.payment;
  if (status !== 'none' && status !== 'recorded') return [];
  if (refunds.some((one) => one.status !== 'refused')) throw paymentErrors.REFUNDED_IN_PART({ reference: received.reference });
  return status === 'none' ? [{ type: 'payment.recorded', received }, { type: 'payment.reversed' }] : [{ type: 'payment.reversed' }];
};

const same = (left: unknown, right: unknown): boolean => canonicalJson(left) === canonicalJson(right);

/** How the customer proved who he is may differ when he asks again; what he wants may not. */
const requestOnce = (wanted: Request, standing: Standing): PaymentFact[] => {
  const { status, request: known } = standing.payment;
  if (!known && status === 'none') return request(wanted, standing);
  const { requestedAt: _when, ...first } = known ?? {};
  if (same({ ...first, stepUp: true }, { ...wanted, stepUp: true })) return [];
  throw paymentErrors.REQUESTED_DIFFERENTLY();
};

const overdue = ({ payment }: Standing): PaymentFact[] =>
  payment.status === 'debited' && !queued(payment, { name: 'write-off-overdue' })
    ? [{ type: 'payment.stuck', queue: 'write-off-overdue' }]
    : [];

/** A wake-up that did not wait for earlier messages may ask, but must not send a credit. */
const wake = (standing: Standing): PaymentFact[] => [
  ...callAgain(standing),
  ...(wakeAt(standing.payment)?.takes ? sendCredit(standing) : []),
];

const decide = (command: PaymentCommand, standing: Standing): PaymentFact[] => {
  switch (command.type) {
    case 'Record':
      return record(command.received, standing);
    case 'Reverse':
      return takeBack(command.received, standing);
    case 'Request':
      return requestOnce(command.request, standing);
    case 'LimitReserved':
    case 'LimitExceeded':
    case 'LimitCommitted':
    case 'LimitReleased':
      return hearLimit(command.type, standing);
    case 'Leased':
      return lease(command, standing);
    case 'LeaseRefused': {
      const { code, held } = command;
      return refuse({ code, ...(held && { held }) }, standing);
    }
    case 'QuestionLease':
      return answerQuestion(command, standing);
    case 'DebitApplied':
      return debit(command.debitedAt, standing);
    case 'DebitRefused':
      return denyDebit(command, standing);
    case 'RequestReversal':
      return requestReversal(command.reason, standing);
    case 'WriteOff':
      return writeOff(standing);
    case 'Overdue':
      return overdue(standing);
    case 'Dispute':
      return dispute(standing);
    case 'CreditApplied':
      return hearCredit(standing);
    case 'CreditRefused':
      return hearCreditRefused(standing);
    case 'Refund':
      return refund(command, standing);
    case 'RefundApplied':
      return hearRefund(command, standing);
    case 'RefundDenied':
      return hearRefundDenied(command, standing);
    case 'Resolve':
      return resolve(command, standing);
    case 'Wake':
      return wake(standing);
    default:
      return command satisfies never;
  }
};

/**
 * A movement of money: from elsewhere, only recorded; or of the app, from the request to the write-off,
 * with its way back and its refunds.
 */
export const paymentScene = (rules: PaymentRules): Scene<Payment, PaymentCommand, PaymentFact> => ({
  name: 'payment',
  initial: noPayment,
  decide: (command, payment, { at }) => decide(command, { payment, at, rules }),
  evolve,
  contracts: paymentContracts,
  publish: publishPayment,
  wakeAt,
  effectsOf,
});
