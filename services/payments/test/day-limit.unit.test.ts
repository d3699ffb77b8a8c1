import { scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import { type DayLimit, type DayLimitCommand, type DayLimitFact, dayLimitScene } from '../src/day-limit.ts';

const scene = dayLimitScene({ dayFenMax: 1_000 });
const given = scenario(scene, { at: '2026-09-01T00:00:00.000Z' });

const say = <Type extends DayLimitCommand['type'] | DayLimitFact['type']>(type: Type, amountFen = 600, paymentId = 'pay_a') => ({
  type,
  paymentId,
  amountFen,
});
const reserved = say('limit.reserved');
const committed = say('limit.committed');
const released = say('limit.released');

test('reservations and what was committed share the day to the last fen', () => {
  given(reserved)
    .when(say('Reserve', 400, 'pay_b'))
    .then(say('limit.reserved', 400, 'pay_b'));
  given(committed)
    .when(say('Reserve', 400, 'pay_b'))
    .then(say('limit.reserved', 400, 'pay_b'));
  given(reserved)
    .when(say('Reserve', 401, 'pay_b'))
    .refused('PAYMENTS_OVER_DAY_LIMIT');
  given(committed)
    .when(say('Reserve', 401, 'pay_b'))
    .refused('PAYMENTS_OVER_DAY_LIMIT');
});

test('what was released is free again', () => {
  given(reserved, released)
    .when(say('Reserve', 1_000, 'pay_b'))
    .then(say('limit.reserved', 1_000, 'pay_b'));
});

test('a debit without a reservation counts once, even over the limit', () => {
  const state = given(say('limit.committed', 900, 'pay_b'))
    .when(say('Commit'))
    .then(committed);
  expect(state.committedFen).toBe(1_500);
  expect(scene.decide(say('Commit'), state, { at: '2026-09-01T00:00:00.000Z' })).toEqual([]);
});

test('a release that overtakes its reservation prevents it', () => {
  given().when(say('Release')).then(released);
  given(released).when(say('Reserve')).then();
});

/** Every way that one payment can stand with the day meets every command; written by hand. */
const rows: Record<
  string,
  { facts: DayLimitFact[]; ends: Record<DayLimitCommand['type'], Pick<DayLimit, 'committedFen'> & { reservedFen: number }> }
> = {
  unknown: {
    facts: [],
    ends: {
      Reserve: { committedFen: 0, reservedFen: 600 },
      Commit: { committedFen: 600, reservedFen: 0 },
      Release: { committedFen: 0, reservedFen: 0 },
    },
  },
  reserved: {
    facts: [reserved],
    ends: {
      Reserve: { committedFen: 0, reservedFen: 600 },
      Commit: { committedFen: 600, reservedFen: 0 },
      Release: { committedFen: 0, reservedFen: 0 },
    },
  },
  committed: {
    facts: [reserved, committed],
    ends: {
      Reserve: { committedFen: 600, reservedFen: 0 },
      Commit: { committedFen: 600, reservedFen: 0 },
      Release: { committedFen: 600, reservedFen: 0 },
    },
  },
  released: {
    facts: [reserved, released],
    ends: {
      Reserve: { committedFen: 0, reservedFen: 0 },
      Commit: { committedFen: 0, reservedFen: 0 },
      Release: { committedFen: 0, reservedFen: 0 },
    },
  },
};

const pairs = Object.entries(rows).flatMap(([row, { facts, ends }]) =>
  Object.entries(ends).map(([type, end]) => ({ row, facts, type: type as DayLimitCommand['type'], end })),
);

describe.each(pairs)('a payment that is $row meets $type', ({ facts, type, end }) => {
  test('it ends as written, and coming again it changes nothing', () => {
    const state = given(...facts)
      .when(say(type))
      .state();
    const reservedFen = state.reservations.reduce((sum, { amountFen }) => sum + amountFen, 0);
    expect({ committedFen: state.committedFen, reservedFen }).toEqual(end);
    expect(scene.decide(say(type), state, { at: '2027-09-01T00:00:00.000Z' })).toEqual([]);
  });
});

test('payments that ended are remembered, but not without end', () => {
  const many = Array.from({ length: 600 }, (_, number) => say('limit.released', 1, `pay_${number}`));
  expect(given(...many).state.ended).toHaveLength(500);
});
