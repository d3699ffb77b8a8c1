import { defineId, type Scene, sumFen } from '@scenefi/kernel';
import { paymentErrors } from './errors.ts';

/** What one customer pays on one day of the bank: an aggregate of its own, so that payments of one customer meet only here. */
export const limitIds = defineId('lim');

type OfPayment = { paymentId: string; amountFen: number };

export type DayLimit = {
  committedFen: number;
  reservations: readonly OfPayment[];
  /** Payments that were committed or released, so that a late word about them changes nothing. */
  ended: readonly string[];
};

export type DayLimitCommand = { type: 'Reserve' | 'Commit' | 'Release' } & OfPayment;
export type DayLimitFact = { type: 'limit.reserved' | 'limit.committed' | 'limit.released' } & OfPayment;

export type DayLimitRules = { dayFenMax: number };

const endedMax = 500;

const decide = ({ type, paymentId, amountFen }: DayLimitCommand, limit: DayLimit, { dayFenMax }: DayLimitRules): DayLimitFact[] => {
  const { committedFen, reservations, ended } = limit;
  if (ended.includes(paymentId)) return [];
  switch (type) {
    case 'Reserve': {
      if (reservations.some((reserved) => reserved.paymentId === paymentId)) return [];
      const takenFen = sumFen([committedFen, amountFen, ...reservations.map((reserved) => reserved.amountFen)]);
      if (takenFen > dayFenMax) throw paymentErrors.OVER_DAY_LIMIT({ paymentId });
      return [{ type: 'limit.reserved', paymentId, amountFen }];
    }
    case 'Commit':
      return [{ type: 'limit.committed', paymentId, amountFen }];
    case 'Release':
      return [{ type: 'limit.released', paymentId, amountFen }];
    default:
      return type satisfies never;
  }
};

const evolve = (limit: DayLimit, { type, paymentId, amountFen }: DayLimitFact): DayLimit => {
  const others = limit.reservations.filter((reserved) => reserved.paymentId !== paymentId);
  if (type === 'limit.reserved') return { ...limit, reservations: [...others, { paymentId, amountFen }] };
  const ended = [...limit.ended, paymentId].slice(-endedMax);
  const committedFen = type === 'limit.committed' ? limit.committedFen + amountFen : limit.committedFen;
  return { committedFen, reservations: others, ended };
};

/** What was debited counts, whatever the limit is by then: the money has left the account. */
export const dayLimitScene = (rules: DayLimitRules): Scene<DayLimit, DayLimitCommand, DayLimitFact> => ({
  name: 'day-limit',
  initial: { committedFen: 0, reservations: [], ended: [] },
  decide: (command, limit) => decide(command, limit, rules),
  evolve,
  contracts: { 'limit.reserved': 'private', 'limit.committed': 'private', 'limit.released': 'private' },
  publish: (fact) => fact,
});
