import { scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import { type AccountCommand, type AccountFact, accountScene, type Holder } from '../src/account.ts';
import { accountOf, askedAgain, asking, at, aYearLater, rules, wake } from './profile-words.ts';

const scene = accountScene(rules);
const given = scenario(scene, { at });
const accountId = accountOf('a');

const old: Holder = { holderHash: 'first-student', billedAt: '2025-09-01T00:00:00.000Z' };
const present: Holder = { holderHash: 'second-student', billedAt: '2026-09-01T00:00:00.000Z' };

const bill = (holder: Holder): AccountCommand => ({ type: 'Bill', holder });
const watch = (customerId: string): AccountCommand => ({ type: 'Watch', customerId });
const forget = (customerId: string): AccountCommand => ({ type: 'ForgetWatcher', customerId });
const billed = (holder: Holder, telling?: typeof asking): AccountFact => ({ type: 'account.billed', holder, ...(telling && { telling }) });
const watched = (customerId: string): AccountFact => ({ type: 'account.watched', customerId });
const told = (customerId: string): AccountFact => ({ type: 'account.watcher-told', customerId });

/** Every state meets every command; the facts are written by hand. */
const rows = {
  unknown: [],
  watched: [watched('one')],
  billed: [billed(present)],
  telling: [watched('one'), billed(present, asking)],
} satisfies Record<string, AccountFact[]>;

const commands = {
  BillOld: bill(old),
  BillPresent: bill(present),
  WatchOne: watch('one'),
  WatchTwo: watch('two'),
  ForgetOne: forget('one'),
  ForgetTwo: forget('two'),
  Wake: wake,
} satisfies Record<string, AccountCommand>;

const facts: Record<keyof typeof rows, Record<keyof typeof commands, AccountFact[]>> = {
  unknown: {
    BillOld: [billed(old)],
    BillPresent: [billed(present)],
    WatchOne: [watched('one')],
    WatchTwo: [watched('two')],
    ForgetOne: [],
    ForgetTwo: [],
    Wake: [],
  },
  watched: {
    BillOld: [billed(old, asking)],
    BillPresent: [billed(present, asking)],
    WatchOne: [],
    WatchTwo: [watched('two')],
    ForgetOne: [told('one')],
    ForgetTwo: [],
    Wake: [],
  },
  billed: { BillOld: [], BillPresent: [], WatchOne: [], WatchTwo: [], ForgetOne: [], ForgetTwo: [], Wake: [] },
  telling: {
    BillOld: [],
    BillPresent: [],
    WatchOne: [],
    WatchTwo: [],
    ForgetOne: [told('one')],
    ForgetTwo: [],
    Wake: [],
  },
};

const pairs = Object.entries(facts).flatMap(([row, cells]) =>
  Object.entries(cells).map(([name, expected]) => ({ row: row as keyof typeof rows, name: name as keyof typeof commands, expected })),
);

describe.each(pairs)('$row meets $name', ({ row, name, expected }) => {
  test('it says what the table says, and coming again a year later nothing', () => {
    const command = commands[name];
    const after = given(...rows[row])
      .when(command)
      .then(...expected);
    if (name !== 'Wake') expect(scene.decide(command, after, { at: aYearLater })).toEqual([]);
  });
});

test('whoever was billed last holds the account, whatever bill comes first', () => {
  const again: Holder = { ...old, billedAt: '2026-10-01T00:00:00.000Z' };
  const heard = [old, present, again];
  for (const first of heard) {
    for (const second of heard) {
      let state = scene.initial;
      for (const holder of [first, second, ...heard]) {
        for (const fact of scene.decide(bill(holder), state, { at })) state = scene.evolve(state, fact, at);
      }
      expect(state.holder).toEqual(again);
    }
  }
});

test('of two holders billed in the same millisecond every order chooses the same', () => {
  const twin = { ...present, holderHash: 'another' };
  given(billed(twin)).when(bill(present)).then(billed(present));
  given(billed(present)).when(bill(twin)).then();
});

test('the first bill tells every watcher, each under a key of his own', () => {
  const state = given(watched('one'), watched('two')).when(bill(present)).then(billed(present, asking));
  const effect = { kind: 'tell', attempt: 0, until: asking.until };
  expect(scene.effectsOf?.(state, accountId)).toEqual([
    { ...effect, key: `${accountId}:one:second-student`, about: 'one' },
    { ...effect, key: `${accountId}:two:second-student`, about: 'two' },
  ]);
  expect(scene.wakeAt?.(state)).toEqual({ at: asking.until, takes: false });
});

test('who was told is told no more, and when all were, nothing is left to wake for', () => {
  const one = given(watched('one'), watched('two'), billed(present, asking)).when(forget('one')).then(told('one'));
  expect(scene.effectsOf?.(one, accountId).map(({ about }) => about)).toEqual(['two']);
  const none = given(watched('one'), billed(present, asking)).when(forget('one')).then(told('one'));
  expect(none).toEqual({ holder: present, watchers: [] });
  expect(scene.wakeAt?.(none)).toBeUndefined();
});

test('who could not be told is told again', () => {
  const state = given(watched('one'), billed(present, asking))
    .when(wake, asking.until)
    .then({ type: 'account.told-again', telling: askedAgain });
  expect(scene.effectsOf?.(state, accountId)).toMatchObject([{ attempt: 1, until: askedAgain.until }]);
});

test('a holder who changes while watchers are told is told as another one', () => {
  const state = given(watched('one'), billed(old, asking)).when(bill(present)).then(billed(present, asking));
  expect(scene.effectsOf?.(state, accountId).map(({ key }) => key)).toEqual([`${accountId}:one:second-student`]);
});

test('a bill that comes while watchers are told does not count their attempts anew', () => {
  const again: Holder = { ...present, billedAt: '2026-10-01T00:00:00.000Z' };
  given(watched('one'), billed(present, asking), { type: 'account.told-again', telling: askedAgain })
    .when(bill(again))
    .then(billed(again, askedAgain));
});

test('two hundred watchers are kept; one more is not, and asks by himself', () => {
  const names = Array.from({ length: 200 }, (_, number) => `customer-${number}`);
  const full = given(...names.map(watched));
  full.when(watch('one-more')).then();
  expect(full.when(bill(present)).state().watchers).toHaveLength(200);
});

test('nothing of an account is public', () => {
  expect(new Set(Object.values(scene.contracts))).toEqual(new Set(['private']));
});
