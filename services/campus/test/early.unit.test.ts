import { scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { Bill, BillCommand, NoticeCommand } from '../src/bill-state.ts';
import { evolve } from '../src/evolve.ts';
import {
  afterDue,
  amend,
  at,
  billed,
  changed,
  close,
  closed,
  issue,
  judged,
  kept,
  paid,
  pay,
  refused,
  scene,
  sevenDaysLater,
  taken,
  voided,
  voidOf,
  wake,
} from './bill-words.ts';

const given = scenario(scene, { at });
const exact = judged('P1', 150, 'exact');

test('a notice that comes before its bill is kept for seven days', () => {
  const state = given().when(close).then(kept(close));
  expect(state.status).toBe('announced');
  expect(scene.wakeAt?.(state)).toEqual({ at: sevenDaysLater, takes: true });
});

test('a notice that is kept is not kept twice', () => {
  given(kept(close)).when(close).then();
});

test('what was kept is applied when the bill comes', () => {
  given(kept(pay('P1', 150)))
    .when(issue())
    .then(billed(), taken(pay('P1', 150)), paid(exact));
});

test('a kept notice that a rule refuses is refused as a fact of the bill', () => {
  given(kept(close), kept(amend(1)))
    .when(issue())
    .then(billed(), taken(close), closed, refused(amend(1), 'CAMPUS_BILL_CLOSED'));
});

test('a kept notice that has nothing left to say is taken without a word', () => {
  given(kept(close), kept({ ...close, noticeId: 'close-again' }))
    .when(issue())
    .then(billed(), taken(close), closed, taken({ ...close, noticeId: 'close-again' }));
});

test('a revision whose predecessor is missing waits for it', () => {
  given(billed())
    .when(amend(2))
    .then(kept(amend(2)));
  given(billed(), kept(amend(2)))
    .when(amend(1))
    .then(changed(1), taken(amend(2)), changed(2));
});

test('a void that overtakes its payment waits for it', () => {
  given(billed(), kept(voidOf('P1')))
    .when(pay('P1', 150))
    .then(paid(exact), taken(voidOf('P1')), voided(exact));
});

test('after seven days without a bill each kept notice is refused and the bill lapses', () => {
  const waiting = given(kept(close), kept(pay('P1', 150)));
  waiting.when(wake, '2026-09-07T23:59:59.999Z').then();
  const state = waiting
    .when(wake, sevenDaysLater)
    .then(refused(close, 'CAMPUS_NEVER_IN_TIME'), refused(pay('P1', 150), 'CAMPUS_NEVER_IN_TIME'));
  expect(state).toMatchObject({ status: 'lapsed', kept: [] });
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('only what was kept for its whole time is refused, and the rest waits on', () => {
  const later = { command: close, until: '2026-09-09T00:00:00.000Z' } as const;
  const state = given(kept(pay('P1', 150)), { type: 'bill.notice-kept', kept: later })
    .when(wake, sevenDaysLater)
    .then(refused(pay('P1', 150), 'CAMPUS_NEVER_IN_TIME'));
  expect(state).toMatchObject({ status: 'announced', kept: [later] });
  expect(scene.wakeAt?.(state)).toEqual({ at: later.until, takes: true });
});

test('a bill that comes after its notices were given up is issued without them', () => {
  const lapsed = given(kept(close), refused(close, 'CAMPUS_NEVER_IN_TIME'));
  lapsed.when(issue()).then(billed());
  expect(lapsed.when(amend(1)).then(kept(amend(1))).status).toBe('announced');
});

test('an issued bill wakes at whichever comes first, its due time or the end of waiting', () => {
  const state = given(billed()).when(voidOf('P9')).state();
  expect(scene.wakeAt?.(state)).toEqual({ at: sevenDaysLater, takes: true });
  const after = given(billed(), kept(voidOf('P9')))
    .when(wake, afterDue)
    .then({ type: 'bill.withdrawn', reason: 'expired' }, refused(voidOf('P9'), 'CAMPUS_NEVER_IN_TIME'));
  expect(after).toMatchObject({ status: 'expired', kept: [] });
});

test('thirty-two notices are kept for a bill and the next is refused', () => {
  const voids = Array.from({ length: 32 }, (_, number) => voidOf(`P${number}`));
  const full = given(...voids.map(kept));
  full.when(voidOf('P32')).refused('CAMPUS_TOO_MANY_EARLY');
  full.when(voidOf('P31')).then();
  expect(full.when(issue()).state().kept).toHaveLength(32);
});

const orders = <Item>(items: readonly Item[]): Item[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, index) => orders([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]));

/** The bill after these commands; a refused one leaves it as it was. */
const after = (commands: readonly BillCommand[]): Bill =>
  commands.reduce<Bill>((bill, command) => {
    try {
      return scene.decide(command, bill, { at }).reduce(evolve, bill);
    } catch (error) {
      expect(error).toHaveProperty('code', expect.stringMatching(/^CAMPUS_/));
      return bill;
    }
  }, scene.initial);

const sets: Record<string, NoticeCommand[]> = {
  'three revisions': [amend(1), amend(2), amend(3)],
  'a payment and its void': [pay('P1', 150), voidOf('P1')],
  'two payments and two voids': [pay('P1', 150), pay('P2', 150), voidOf('P1'), voidOf('P2')],
  'a revision, its payment and a void': [amend(1), pay('P1', 101), voidOf('P1')],
  'a closing, a payment and a void': [close, pay('P1', 150), voidOf('P1')],
  'one payment number for two amounts': [pay('P1', 150), pay('P1', 149), voidOf('P1')],
  'something of everything': [amend(1), amend(2), pay('P1', 102), voidOf('P1'), close],
};

test.each(Object.entries(sets))('%s: whenever the bill itself comes, the end is as if it had come first', (_name, notices) => {
  for (const order of orders(notices)) {
    const first = after([issue(), ...order]);
    for (let place = 1; place <= order.length; place += 1) {
      expect(after([...order.slice(0, place), issue(), ...order.slice(place)])).toEqual(first);
    }
  }
});

const free = ['three revisions', 'a payment and its void', 'two payments and two voids'] as const;

test.each(free)('%s: every order, the bill among them, gives the same end', (name) => {
  const ends = orders([issue(), ...sets[name]!]).map((order) => {
    const { status, revision, payments, voided: gone, kept: waiting } = after(order);
    return { status, revision, payments, voided: [...gone].sort(), waiting: waiting.length };
  });
  for (const end of ends) expect(end).toEqual(ends[0]);
});
