import type { Instant } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { decodeRecent } from '../src/recent.ts';
import type { CounterCommand } from './counter.ts';
import { entry, openWorld, statuses, totalOf, wake } from './world.ts';

const deadline: Instant = '2026-01-02T03:05:00.000Z';
const minuteAfter: Instant = '2026-01-02T03:06:00.000Z';

type Arming = Pick<Extract<CounterCommand, { type: 'Arm' }>, 'does'> & { takes?: boolean; at?: Instant };

/** A counter whose deadline has just come. */
const armed = async ({ does, takes = false, at = deadline }: Arming) => {
  const world = openWorld();
  const { apply } = world.boot();
  await apply([entry('c1', 'arm', { type: 'Arm', at, takes, does })]);
  world.clock.set(deadline);
  return { ...world, apply };
};

test('the deadline of a state stands beside it, and goes with it', async () => {
  const { documents, apply } = await armed({ does: 'add', takes: true });
  expect(documents.get('c1')).toMatchObject({ wakeAt: deadline, takes: true });

  await apply([wake('c1', deadline)]);

  expect(documents.get('c1')).not.toHaveProperty('wakeAt');
  expect(documents.get('c1')).not.toHaveProperty('takes');
});

test('a wake-up is decided once; the same again finds another deadline and is dropped', async () => {
  const { documents, log, apply } = await armed({ does: 'add' });

  const outcomes = [await apply([wake('c1', deadline)]), await apply([wake('c1', deadline)])];

  expect(outcomes.flat().map(({ status }) => status)).toEqual(['done', 'dropped']);
  expect(totalOf(documents.get('c1'))).toBe(1);
  expect(log.ids()).toEqual(['c1:1']);
});

test('a wake-up is dropped when the deadline has moved since it was read', async () => {
  const { documents, apply } = await armed({ does: 'add', at: minuteAfter });

  expect(statuses(await apply([wake('c1', deadline)]))).toEqual(['dropped']);
  expect(totalOf(documents.get('c1'))).toBe(0);
});

test('a wake-up that takes something away is dropped unless everything earlier was heard', async () => {
  const { documents, apply } = await armed({ does: 'add', takes: true });

  const outcomes = [await apply([wake('c1', deadline, false)]), await apply([wake('c1', deadline, true)])];

  expect(outcomes.flat().map(({ status }) => status)).toEqual(['dropped', 'done']);
  expect(totalOf(documents.get('c1'))).toBe(1);
});

test('whether a wake-up takes is asked of the state that is loaded, not of the one that was swept', async () => {
  const { documents, apply } = await armed({ does: 'add', takes: false });
  const rearm = entry('c1', 'rearm', { type: 'Arm', at: deadline, takes: true, does: 'add' });

  expect(statuses(await apply([rearm, wake('c1', deadline, false)]))).toEqual(['done', 'dropped']);
  expect(totalOf(documents.get('c1'))).toBe(0);
});

test('the same deadline may come again: a wake-up is never remembered', async () => {
  const { documents, apply } = await armed({ does: 'add' });
  const rearm = entry('c1', 'rearm', { type: 'Arm', at: deadline, takes: false, does: 'add' });

  await apply([wake('c1', deadline)]);
  await apply([rearm]);
  expect(statuses(await apply([wake('c1', deadline)]))).toEqual(['done']);

  expect(totalOf(documents.get('c1'))).toBe(2);
  expect(decodeRecent(documents.get('c1')!.recent)).toHaveLength(2);
});

test('what a wake-up decides is marked unsent until it is published, since no offset brings it again', async () => {
  const { documents, log, apply } = await armed({ does: 'add' });
  log.away = true;

  expect(statuses(await apply([wake('c1', deadline)]))).toEqual(['unknown']);
  expect(documents.get('c1')?.unsent).toBe(1);
});

test.each([
  ['decides nothing', 'nothing', 'done'],
  ['throws', 'bug', 'failed'],
  ['is refused', 'refuse', 'failed'],
] as const)('a wake-up that %s is postponed by a minute instead of coming back at once', async (_title, does, status) => {
  const { documents, apply } = await armed({ does });

  expect(statuses(await apply([wake('c1', deadline)]))).toEqual([status]);
  expect(documents.get('c1')).toMatchObject({ wakeAt: minuteAfter, state: { total: 0 } });
  expect(statuses(await apply([wake('c1', deadline)]))).toEqual(['dropped']);
});

test('a wake-up whose facts leave the deadline where it was is postponed too, and does not say its facts for ever', async () => {
  const { documents, apply } = await armed({ does: 'again' });

  const outcomes = [await apply([wake('c1', deadline)]), await apply([wake('c1', deadline)])];

  expect(outcomes.flat().map(({ status }) => status)).toEqual(['done', 'dropped']);
  expect(documents.get('c1')).toMatchObject({ wakeAt: minuteAfter, state: { total: 1 } });
});

test('a postponed wake-up still takes, and comes back', async () => {
  const { documents, clock, apply } = await armed({ does: 'nothing', takes: true });
  await apply([wake('c1', deadline)]);
  clock.set(minuteAfter);

  expect(documents.get('c1')?.takes).toBe(true);
  expect(statuses(await apply([wake('c1', minuteAfter, false), wake('c1', minuteAfter)]))).toEqual(['dropped', 'done']);
});

test('a message of another key in the same batch is not held behind a wake-up that throws', async () => {
  const { documents, apply } = await armed({ does: 'bug' });

  const outcomes = await apply([wake('c1', deadline), entry('c1', 'm1', { type: 'Add', by: 1 })]);

  expect(statuses(outcomes)).toEqual(['failed', 'done']);
  expect(totalOf(documents.get('c1'))).toBe(1);
});
