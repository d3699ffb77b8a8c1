import type { Queue } from '@scenefi/contracts';
import { firstCall } from './calls.ts';
import { debit, fail } from './debit.ts';
import { codeOf, paymentErrors } from './errors.ts';
import type { CommandOf, PaymentFact, Proposal, QueueItem, Refund, Standing } from './payment-state.ts';
import { allocate, giveBack, hearRefund, hearRefundDenied, payOut, recredit } from './refund.ts';
import { beginReversal, isCrediting } from './reversal.ts';

/** Every decision that people may take. */
export const outcomes = [
  'failed',
  'debited',
  'reverse',
  'written-off',
  'credited',
  'returned',
  'credit-other-account',
  'reverse-stands',
  'written-off-stands',
  'give-back',
  'owed-to-partner',
] as const;

type Decision = { item: QueueItem; proposal: Proposal };
type Execution = { decide: (decision: Decision, standing: Standing) => PaymentFact[]; people: 1 | 2 };

const money = (decide: Execution['decide']): Execution => ({ decide, people: 2 });

/** A dispute is settled outside, between bank and partner; only the note of it stands here. */
const note: Execution = { decide: ({ item }) => [{ type: 'payment.unstuck', queue: item.name }], people: 1 };

const refundOf = ({ item }: Decision, { payment }: Standing): Pick<Refund, 'refundNo' | 'key'> => {
  const refund = payment.refunds.find(({ refundNo }) => refundNo === item.refundNo);
  if (!refund) throw paymentErrors.NOTHING_TO_RESOLVE();
  return refund;
};

/** The core bank is told to apply the debit nevermore, and asked until it says so or the longest delay has passed. */
const failByHand: Execution['decide'] = (_decision, standing) => [
  ...fail(codeOf('RESOLVED_AS_FAILED'), standing),
  { type: 'payment.called', call: firstCall({ kind: 'cancel', key: 'debit' }, standing) },
];

/** From now on the credit is only looked for: sent again it could come through after people said that it did not. */
const look = (key: string, standing: Standing, about?: string): PaymentFact => ({
  type: 'payment.called',
  call: firstCall({ kind: 'look', key, ...(about !== undefined && { about }) }, standing),
});

/** A reversal that came through after it had been given up as returned is only noted: its booking is corrected by hand. */
const creditedByHand: Execution['decide'] = (_decision, { payment }) =>
  isCrediting(payment) ? [{ type: 'payment.reversed' }] : [{ type: 'payment.unstuck', queue: 'credit-unknown' }];

const returnedByHand: Execution['decide'] = (_decision, standing) =>
  isCrediting(standing.payment)
    ? [{ type: 'payment.reversed', returned: true }, look('reversal', standing)]
    : [{ type: 'payment.unstuck', queue: 'credit-unknown' }];

const refundCreditedByHand: Execution['decide'] = (decision, standing) => {
  const { refundNo, key } = refundOf(decision, standing);
  return hearRefund({ type: 'RefundApplied', refundNo, key }, standing);
};

const refundReturnedByHand: Execution['decide'] = (decision, standing) => {
  const { refundNo, key } = refundOf(decision, standing);
  return [...hearRefundDenied({ type: 'RefundDenied', refundNo, key }, standing), look(key, standing, refundNo)];
};

/** What people may decide in which queue. */
const executions: Readonly<Record<Queue, Readonly<Record<string, Execution>>>> = {
  'debit-unknown': { failed: money(failByHand), debited: money((_decision, standing) => debit(standing.at, standing)) },
  'write-off-overdue': {
    reverse: money((_decision, standing) => [beginReversal('write-off-overdue', standing)]),
    'written-off': money(() => [{ type: 'payment.settled' }]),
  },
  'credit-unknown': { credited: money(creditedByHand), returned: money(returnedByHand) },
  'refund-unknown': { credited: money(refundCreditedByHand), returned: money(refundReturnedByHand) },
  'refund-returned': {
    credited: money(({ item }, standing) => payOut(item.refundNo ?? '', standing)),
    'credit-other-account': money(({ item, proposal }, standing) => recredit(item.refundNo ?? '', proposal.accountNo, standing)),
  },
  disputed: { 'reverse-stands': note, 'written-off-stands': note },
  'in-suspense': {
    'give-back': money((_decision, standing) => giveBack(standing)),
    'owed-to-partner': money((_decision, standing) => allocate(standing)),
  },
};

const sameDecision = (left: Proposal, right: Proposal): boolean => left.outcome === right.outcome && left.accountNo === right.accountNo;

/**
 * A decision of people. One that moves money is first kept as a proposal and executed when another person decides the same;
 * another decision takes the place of the first.
 */
export const resolve = (command: CommandOf<'Resolve'>, standing: Standing): PaymentFact[] => {
  const { payment, at } = standing;
  const { refundNo, outcome, by, reason, accountNo } = command;
  const item = payment.queue?.find((one) => one.refundNo === refundNo && outcome in executions[one.name]);
  const execution = item && executions[item.name][outcome];
  if (!item || !execution) throw paymentErrors.NOTHING_TO_RESOLVE({ outcome });
  const where = { queue: item.name, ...(refundNo !== undefined && { refundNo }) };
  const proposal = { outcome, by, reason, at, ...(accountNo !== undefined && { accountNo }) };
  const facts = execution.decide({ item, proposal }, standing);
  const first = item.proposal && sameDecision(item.proposal, proposal) ? item.proposal : undefined;
  if (first?.by === by) throw paymentErrors.SECOND_PERSON_NEEDED({ outcome });
  if (execution.people === 2 && !first) return [{ type: 'payment.resolution-proposed', ...where, proposal }];
  const people = first ? [first.by, by] : [by];
  return [...facts, { type: 'payment.resolved', resolution: { ...where, outcome, by: people, reason, at } }];
};
