import { addMs, type Effect, type Instant, type WakeUp } from '@scenefi/kernel';
import type { Call, Payment, PaymentFact, PaymentRules, QueueItem, Standing } from './payment-state.ts';

const doublingsMax = 6;

const timed = (call: Omit<Call, 'until' | 'againAt'>, at: Instant, rules: PaymentRules): Call => {
  const byHand = call.kind === 'cancel' || call.kind === 'look';
  const waitMs = byHand ? rules.keepAskingMs : rules.askMs * 2 ** Math.min(call.attempt - 1, doublingsMax);
  const until = addMs(at, waitMs);
  // One that begins at the last moment has ended before the next one begins.
  return { ...call, until, againAt: addMs(until, rules.callMs) };
};

/** The first try of a call; one that takes over another's key goes on counting, since each attempt is made once. */
export const firstCall = (call: Pick<Call, 'kind' | 'key' | 'about'>, { payment, at, rules }: Standing): Call => {
  const before = payment.calls.find(({ key }) => key === call.key)?.attempt ?? 0;
  return timed({ ...call, attempt: before + 1, since: at }, at, rules);
};

const unknownQueue = ({ kind, about }: Call): Pick<QueueItem, 'name' | 'refundNo'> | undefined => {
  if (kind === 'debit') return { name: 'debit-unknown' };
  if (kind !== 'credit') return undefined;
  return about === undefined ? { name: 'credit-unknown' } : { name: 'refund-unknown', refundNo: about };
};

export const queued = (payment: Payment, { name, refundNo }: Pick<QueueItem, 'name' | 'refundNo'>): QueueItem | undefined =>
  payment.queue?.find((item) => item.name === name && item.refundNo === refundNo);

/** Makes an unanswered call again under the same key; after some tries people are called, and it is still asked. */
const again = (call: Call, payment: Payment, at: Instant, rules: PaymentRules): PaymentFact[] => {
  const byHand = call.kind === 'cancel' || call.kind === 'look';
  if (byHand && addMs(call.since, rules.latestMs) <= at) return [{ type: 'payment.call-ended', key: call.key }];
  const called: PaymentFact = { type: 'payment.called', call: timed({ ...call, attempt: call.attempt + 1 }, at, rules) };
  const item = unknownQueue(call);
  if (!item || call.attempt < rules.stuckAfter || queued(payment, item)) return [called];
  const { name, refundNo } = item;
  return [called, { type: 'payment.stuck', queue: name, ...(refundNo !== undefined && { refundNo }) }];
};

export const callAgain = ({ payment, at, rules }: Standing): PaymentFact[] =>
  payment.calls.filter(({ againAt }) => againAt <= at).flatMap((call) => again(call, payment, at, rules));

/** Sending the credit takes the partner's last chance to write off, so it waits for everything that was said before. */
export const wakeAt = (payment: Payment): WakeUp | undefined => {
  const deadlines: WakeUp[] = payment.calls.map(({ againAt }) => ({ at: againAt, takes: false }));
  if (payment.status === 'reversing' && payment.reversal && !payment.reversal.sent)
    deadlines.push({ at: payment.reversal.creditAt, takes: true });
  return deadlines.sort((left, right) => (left.at < right.at ? -1 : 1))[0];
};

/** Every open call is something to be done outside. */
export const effectsOf = (payment: Payment, paymentId: string): Effect[] =>
  payment.calls.map(({ kind, key, attempt, until, about }) => ({
    kind,
    key: `${paymentId}:${key}`,
    attempt,
    until,
    ...(about !== undefined && { about }),
  }));
