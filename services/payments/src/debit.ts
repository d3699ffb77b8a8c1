import type { Held } from '@scenefi/contracts';
import { addMs } from '@scenefi/kernel';
import { firstCall } from './calls.ts';
import { codeOf, codeOfBank } from './errors.ts';
import { evolve } from './evolve.ts';
import type { CommandOf, LimitStatus, PaymentFact, PaymentRules, Request, Standing } from './payment-state.ts';
import { beginReversal } from './reversal.ts';

const limitCalls: Partial<Record<LimitStatus, 'reserve' | 'commit' | 'release'>> = {
  reserving: 'reserve',
  committing: 'commit',
  releasing: 'release',
};

const moveLimit = (limit: LimitStatus, standing: Standing): PaymentFact => {
  const kind = limitCalls[limit];
  return { type: 'payment.limit-moved', limit, ...(kind && { call: firstCall({ kind, key: `limit:${kind}` }, standing) }) };
};

/** What may be reserved is given back; a release that overtakes its reservation prevents it. */
export const releaseLimit = (standing: Standing): PaymentFact[] => {
  const { limit } = standing.payment;
  return limit === 'reserving' || limit === 'reserved' ? [moveLimit('releasing', standing)] : [];
};

const refusalOf = ({ amountFen, stepUp }: Request, { paymentFenMax, stepUpFenMin }: PaymentRules): string | undefined => {
  if (amountFen > paymentFenMax) return codeOf('OVER_PAYMENT_LIMIT');
  return amountFen >= stepUpFenMin && !stepUp ? codeOf('STEP_UP_NEEDED') : undefined;
};

/** The limit of the day is reserved while the scene is asked for a lease. */
export const request = (wanted: Request, standing: Standing): PaymentFact[] => {
  const code = refusalOf(wanted, standing.rules);
  if (code) return [{ type: 'payment.refused', code, request: wanted }];
  return [{ type: 'payment.requested', request: wanted }, moveLimit('reserving', standing)];
};

/** Ends a payment before any money was touched; once the debit was sent only the core bank can end it. */
export const refuse = (refusal: { code: string; held?: Held }, standing: Standing): PaymentFact[] => {
  const { status } = standing.payment;
  return status === 'requested' || status === 'leased' ? [{ type: 'payment.refused', ...refusal }, ...releaseLimit(standing)] : [];
};

/** With lease and limit both there the debit is sent, unless too little is left of the lease. */
const debitWhenReady = (facts: PaymentFact[], { payment, at, rules }: Standing): PaymentFact[] => {
  const after = facts.reduce((state, fact) => evolve(state, fact, at), payment);
  if (after.status !== 'leased' || after.limit !== 'reserved' || !after.leasedUntil) return facts;
  const standing = { payment: after, at, rules };
  if (addMs(after.leasedUntil, -rules.leaseMarginMs) <= at) return [...facts, ...refuse({ code: codeOf('LEASE_EXPIRED') }, standing)];
  return [...facts, { type: 'payment.debit-begun', call: firstCall({ kind: 'debit', key: 'debit' }, standing) }];
};

export const lease = ({ until }: CommandOf<'Leased'>, standing: Standing): PaymentFact[] =>
  standing.payment.status === 'requested' ? debitWhenReady([{ type: 'payment.leased', until }], standing) : [];

/** What the limit of the day says. A reservation that nobody needs any more, because the payment was refused meanwhile, is released. */
export const hearLimit = (
  type: 'LimitReserved' | 'LimitExceeded' | 'LimitCommitted' | 'LimitReleased',
  standing: Standing,
): PaymentFact[] => {
  const { status, limit } = standing.payment;
  switch (type) {
    case 'LimitReserved':
      if (limit === 'reserving') return debitWhenReady([moveLimit('reserved', standing)], standing);
      return status === 'refused' && limit === 'none' ? [moveLimit('releasing', standing)] : [];
    case 'LimitExceeded':
      if (limit !== 'reserving') return [];
      return [moveLimit('none', standing), { type: 'payment.refused', code: codeOf('OVER_DAY_LIMIT') }];
    case 'LimitCommitted':
      return limit === 'committing' ? [moveLimit('committed', standing)] : [];
    case 'LimitReleased':
      return limit === 'releasing' ? [moveLimit('released', standing)] : [];
    default:
      return type satisfies never;
  }
};

const questionCodes = {
  expired: codeOf('LEASE_EXPIRED'),
  closed: codeOf('BILL_WITHDRAWN'),
  'paid-elsewhere': codeOf('PAID_ELSEWHERE'),
} as const;

/** A scene asks whether a lease is still needed; it may ask as often as it likes and is answered each time. */
export const answerQuestion = ({ about, reason }: CommandOf<'QuestionLease'>, standing: Standing): PaymentFact[] => {
  switch (standing.payment.status) {
    case 'recorded':
      return [];
    case 'requested':
    case 'leased':
      return refuse({ code: questionCodes[reason] }, standing);
    case 'none':
    case 'refused':
    case 'failed':
    case 'reversed':
      return [{ type: 'payment.lease-released', about }];
    default:
      return [{ type: 'payment.lease-held', about }];
  }
};

/** The money left the account. What came after a failure is given back at once, and so is what somebody wants back already. */
export const debit = (debitedAt: CommandOf<'DebitApplied'>['debitedAt'], standing: Standing): PaymentFact[] => {
  const { status, limit, reversalWanted } = standing.payment;
  const debited: PaymentFact = { type: 'payment.debited', debitedAt };
  if (status === 'failed') return [debited, beginReversal('late-success', standing)];
  if (status !== 'debiting') return [];
  const commit = limit === 'reserved' ? [moveLimit('committing', standing)] : [];
  return [debited, ...commit, ...(reversalWanted === undefined ? [] : [beginReversal(reversalWanted, standing)])];
};

/** A refusal stored under the key is final: of an open debit it is the end, of one that people had ended it stops the asking. */
export const denyDebit = ({ code }: CommandOf<'DebitRefused'>, standing: Standing): PaymentFact[] => {
  const { status, calls } = standing.payment;
  if (status === 'debiting') return fail(codeOfBank(code), standing);
  return status === 'failed' && calls.some(({ key }) => key === 'debit') ? [{ type: 'payment.call-ended', key: 'debit' }] : [];
};

export const fail = (code: string, standing: Standing): PaymentFact[] => [{ type: 'payment.failed', code }, ...releaseLimit(standing)];
