import { published, scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import { customerScene } from '../src/customer.ts';
import { type CustomerCommand, type CustomerFact, evolve } from '../src/customer-state.ts';
import {
  at,
  awaitBill,
  awaited,
  aYearLater,
  confirmed,
  customerId,
  denied,
  held,
  judge,
  link,
  linked,
  locked,
  right,
  rules,
  unlink,
  unlinked,
  wake,
  wrong,
} from './profile-words.ts';

const scene = customerScene(rules);
const given = scenario(scene, { at });
const later = '2026-09-01T00:01:00.000Z';

/** What can be true of the link to account a; `locked` is the customer. */
const rows = {
  none: [],
  asking: [linked('a')],
  awaiting: [linked('a'), awaited('a')],
  held: [linked('a'), locked, held('a')],
  linked: [linked('a'), confirmed('a')],
  refused: [linked('a'), denied('a')],
  unlinked: [linked('a'), confirmed('a'), unlinked('a')],
  locked: [locked],
  'locked, linked': [linked('a'), confirmed('a'), locked],
  'locked, refused': [linked('a'), denied('a'), locked],
} satisfies Record<string, CustomerFact[]>;

const commands = {
  LinkRepeated: link('a', right),
  LinkAgain: link('a', right, 'another-request'),
  LinkOtherName: link('a', wrong),
  JudgeRight: judge('a'),
  JudgeWrong: judge('a', wrong),
  JudgeOther: judge('z'),
  AwaitBill: awaitBill('a'),
  AwaitBillOfOther: awaitBill('a', 'an-older-request'),
  Unlink: unlink('a'),
  UnlinkOther: unlink('z'),
  Wake: wake,
} satisfies Record<string, CustomerCommand>;

type End = 'none' | 'asking' | 'awaiting' | 'held' | 'linked' | 'refused' | `PROFILES_${string}`;

const untouched = (end: End) => ({ JudgeRight: end, JudgeWrong: end, JudgeOther: end, AwaitBill: end, AwaitBillOfOther: end }) as const;

/** Every state meets every command; a pair that is missing does not compile. Written by hand, not derived from the code. */
const ends: Record<keyof typeof rows, Record<keyof typeof commands, End>> = {
  none: {
    ...untouched('none'),
    LinkRepeated: 'asking',
    LinkAgain: 'asking',
    LinkOtherName: 'asking',
    Unlink: 'none',
    UnlinkOther: 'none',
    Wake: 'none',
  },
  asking: {
    LinkRepeated: 'asking',
    LinkAgain: 'asking',
    LinkOtherName: 'asking',
    JudgeRight: 'linked',
    JudgeWrong: 'refused',
    JudgeOther: 'asking',
    AwaitBill: 'awaiting',
    AwaitBillOfOther: 'asking',
    Unlink: 'none',
    UnlinkOther: 'asking',
    Wake: 'asking',
  },
  awaiting: {
    LinkRepeated: 'awaiting',
    LinkAgain: 'awaiting',
    LinkOtherName: 'asking',
    JudgeRight: 'linked',
    JudgeWrong: 'refused',
    JudgeOther: 'awaiting',
    AwaitBill: 'awaiting',
    AwaitBillOfOther: 'awaiting',
    Unlink: 'none',
    UnlinkOther: 'awaiting',
    Wake: 'awaiting',
  },
  held: {
    LinkRepeated: 'held',
    LinkAgain: 'held',
    LinkOtherName: 'PROFILES_LOCKED',
    JudgeRight: 'held',
    JudgeWrong: 'held',
    JudgeOther: 'held',
    AwaitBill: 'held',
    AwaitBillOfOther: 'held',
    Unlink: 'none',
    UnlinkOther: 'held',
    Wake: 'held',
  },
  linked: {
    ...untouched('linked'),
    LinkRepeated: 'linked',
    LinkAgain: 'linked',
    LinkOtherName: 'asking',
    Unlink: 'none',
    UnlinkOther: 'linked',
    Wake: 'linked',
  },
  refused: {
    ...untouched('refused'),
    LinkRepeated: 'refused',
    LinkAgain: 'asking',
    LinkOtherName: 'asking',
    Unlink: 'none',
    UnlinkOther: 'refused',
    Wake: 'refused',
  },
  unlinked: {
    ...untouched('none'),
    LinkRepeated: 'asking',
    LinkAgain: 'asking',
    LinkOtherName: 'asking',
    Unlink: 'none',
    UnlinkOther: 'none',
    Wake: 'none',
  },
  locked: {
    ...untouched('none'),
    LinkRepeated: 'PROFILES_LOCKED',
    LinkAgain: 'PROFILES_LOCKED',
    LinkOtherName: 'PROFILES_LOCKED',
    Unlink: 'none',
    UnlinkOther: 'none',
    Wake: 'none',
  },
  'locked, linked': {
    ...untouched('linked'),
    LinkRepeated: 'linked',
    LinkAgain: 'linked',
    LinkOtherName: 'PROFILES_LOCKED',
    Unlink: 'none',
    UnlinkOther: 'linked',
    Wake: 'linked',
  },
  'locked, refused': {
    ...untouched('refused'),
    LinkRepeated: 'refused',
    LinkAgain: 'PROFILES_LOCKED',
    LinkOtherName: 'PROFILES_LOCKED',
    Unlink: 'none',
    UnlinkOther: 'refused',
    Wake: 'refused',
  },
};

const endOf = ({ links }: typeof scene.initial): End => {
  const [only] = links;
  if (only?.status !== 'pending') return only?.status ?? 'none';
  if (only.asking) return 'asking';
  return only.heldUntil ? 'held' : 'awaiting';
};

const pairs = Object.entries(ends).flatMap(([row, cells]) =>
  Object.entries(cells).map(([name, end]) => ({ row: row as keyof typeof rows, name: name as keyof typeof commands, end })),
);

describe.each(pairs)('$row meets $name: $end', ({ row, name, end }) => {
  const before = given(...rows[row]);
  const command = commands[name];

  if (end.startsWith('PROFILES_')) {
    test('it is refused, however often it comes', () => before.when(command, later).refused(end));
    return;
  }

  test('it ends so, and coming again it changes nothing', () => {
    const after = before.when(command, later).state();
    expect(endOf(after)).toBe(end);
    // A deadline of its own ends a lock and a waiting; before it nothing changes.
    const again = name === 'Wake' || end === 'held' ? later : aYearLater;
    expect(scene.decide(command, after, { at: again })).toEqual([]);
  });

  test('what it publishes keeps its contract', () => {
    let state = before.state;
    for (const fact of scene.decide(command, state, { at: later })) {
      state = evolve(state, fact, later);
      if (scene.contracts[fact.type] === 'private') continue;
      expect(published(scene, fact, state, customerId)).toMatchObject({ customerId });
    }
  });
});
