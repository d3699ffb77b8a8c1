import { Outage } from '@scenefi/kernel';
import { keptLogger, type TestClock, testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { createGenerations } from '../src/generations.ts';
import type { Pointer, ViewPointer, ViewQueries } from '../src/store.ts';
import { at } from './view-words.ts';

const pollMs = 1_000;

/** The one document that all replicas share. */
const sharedPointer = (first: Pointer): ViewPointer & { now: () => Pointer } => {
  let pointer = first;
  return {
    now: () => pointer,
    read: async () => pointer,
    build: async (generation) => {
      if (pointer.building !== undefined || pointer.generation !== generation - 1) return false;
      pointer = { ...pointer, building: generation };
      return true;
    },
    move: async (generation) => {
      if (pointer.building !== generation) return false;
      pointer = { generation };
      return true;
    },
  };
};

type NumberedViews = ViewQueries & { generation: number };

const replicaOn = (pointer: ViewPointer, { clock = testClock(at), counting }: { clock?: TestClock; counting?: Promise<void> } = {}) => {
  const caughtUp = new Set<number>();
  const unready = new Set<number>();
  const log: string[] = [];
  const failing = new Set<number>();
  const generations = createGenerations({
    pointer,
    clock,
    logger: keptLogger(),
    pollMs,
    open: async (generation) => {
      if (failing.has(generation)) throw new Outage('the broker is away');
      log.push(`open ${generation}`);
      const sizes = async () => {
        await counting;
        return { bills: generation, payments: 0, links: 0 };
      };
      return {
        views: { generation, sizes } as unknown as NumberedViews,
        ready: () => (unready.has(generation) ? ['not joined'] : []),
        caughtUp: async () => caughtUp.has(generation),
        stop: async () => void log.push(`stop ${generation}`),
      };
    },
  });
  const reads = (): Promise<number> => generations.read(async (views) => (views as NumberedViews).generation);
  return { generations, clock, caughtUp, unready, failing, log, reads };
};

const notReady = expect.objectContaining({ code: 'GATEWAY_VIEWS_NOT_READY', status: 503 });

test('at the very first start nothing is read until the first generation has caught up', async () => {
  const { generations, clock, caughtUp, reads } = replicaOn(sharedPointer({ generation: 0, building: 1 }));
  await clock.advance(3 * pollMs);
  expect(generations.ready()).toEqual(['the views are not built yet']);
  await expect(reads()).rejects.toEqual(notReady);
  caughtUp.add(1);
  await clock.advance(pollMs);
  expect(generations.ready()).toEqual([]);
  expect(await reads()).toBe(1);
});

test('a generation that was built is read at once, and the process is as ready as its consumer', async () => {
  const { generations, clock, unready, reads } = replicaOn(sharedPointer({ generation: 4 }));
  unready.add(4);
  await clock.advance(0);
  expect(await reads()).toBe(4);
  expect(generations.ready()).toEqual(['not joined']);
});

test('the present generation is read until the next one has caught up', async () => {
  const pointer = sharedPointer({ generation: 1 });
  const { generations, clock, caughtUp, log, reads } = replicaOn(pointer);
  await clock.advance(0);
  expect(await generations.rebuild()).toBe(2);
  await clock.advance(5 * pollMs);
  expect([await reads(), pointer.now()]).toEqual([1, { generation: 1, building: 2 }]);
  caughtUp.add(2);
  await clock.advance(pollMs);
  expect([await reads(), pointer.now()]).toEqual([2, { generation: 2 }]);
  expect(log).toEqual(['open 1', 'open 2', 'stop 1']);
});

test('one replica moves the pointer, and every other one follows', async () => {
  const pointer = sharedPointer({ generation: 1 });
  const clock = testClock(at);
  const [first, second] = [replicaOn(pointer, { clock }), replicaOn(pointer, { clock })];
  await clock.advance(0);
  await first.generations.rebuild();
  await clock.advance(pollMs);
  second.caughtUp.add(2);
  await clock.advance(2 * pollMs);
  expect([await first.reads(), await second.reads()]).toEqual([2, 2]);
  expect([first.log, second.log]).toEqual([first.log, first.log]);
});

test('whoever reads keeps his generation open until he is done', async () => {
  const { generations, clock, caughtUp, log, reads } = replicaOn(sharedPointer({ generation: 1 }));
  await clock.advance(0);
  const slow = Promise.withResolvers<void>();
  const reading = generations.read(() => slow.promise);
  await generations.rebuild();
  caughtUp.add(2);
  await clock.advance(5 * pollMs);
  expect(await reads()).toBe(2);
  expect(log).not.toContain('stop 1');
  slow.resolve();
  await reading;
  await clock.advance(pollMs);
  expect(log).toContain('stop 1');
});

test('a reader that fails is done, too', async () => {
  const { generations, clock, caughtUp, log } = replicaOn(sharedPointer({ generation: 1 }));
  await clock.advance(0);
  await expect(generations.read(() => Promise.reject(new Outage('the database is away')))).rejects.toThrow('away');
  await generations.rebuild();
  caughtUp.add(2);
  await clock.advance(2 * pollMs);
  expect(log).toContain('stop 1');
});

test('a second rebuild is refused while one is under way', async () => {
  const { generations, clock } = replicaOn(sharedPointer({ generation: 1 }));
  await clock.advance(0);
  await generations.rebuild();
  await expect(generations.rebuild()).rejects.toEqual(expect.objectContaining({ code: 'GATEWAY_VIEWS_BEING_BUILT', status: 409 }));
});

test('a generation that cannot be opened is tried again, and reads go on meanwhile', async () => {
  const { generations, clock, caughtUp, failing, reads } = replicaOn(sharedPointer({ generation: 1 }));
  await clock.advance(0);
  failing.add(2);
  caughtUp.add(2);
  await generations.rebuild();
  await clock.advance(3 * pollMs);
  expect(await reads()).toBe(1);
  failing.delete(2);
  await clock.advance(pollMs);
  expect(await reads()).toBe(2);
});

test('a new process answers from the present generation while the next one cannot be opened', async () => {
  const { clock, failing, reads } = replicaOn(sharedPointer({ generation: 1, building: 2 }));
  failing.add(2);
  await clock.advance(pollMs);
  expect(await reads()).toBe(1);
});

test('progress tells the size of what is read and of what is being built', async () => {
  const { generations, clock } = replicaOn(sharedPointer({ generation: 1, building: 2 }));
  expect(await generations.show()).toEqual({ present: { generation: 1 }, building: { generation: 2 } });
  await clock.advance(pollMs);
  const sizes = (bills: number) => ({ bills, payments: 0, links: 0 });
  expect(await generations.show()).toEqual({
    present: { generation: 1, sizes: sizes(1) },
    building: { generation: 2, sizes: sizes(2) },
  });
});

test('a generation is not closed while its size is asked for', async () => {
  const counting = Promise.withResolvers<void>();
  const { generations, clock, caughtUp, log } = replicaOn(sharedPointer({ generation: 1, building: 2 }), { counting: counting.promise });
  await clock.advance(0);
  const shown = generations.show();
  caughtUp.add(2);
  await clock.advance(2 * pollMs);
  expect(log).not.toContain('stop 1');
  counting.resolve();
  await shown;
  await clock.advance(pollMs);
  expect(log).toContain('stop 1');
});

test('a process that stops closes all that it opened', async () => {
  const { generations, clock, log } = replicaOn(sharedPointer({ generation: 1, building: 2 }));
  await clock.advance(pollMs);
  const stopped = generations.stop();
  await clock.advance(pollMs);
  await stopped;
  expect(log.slice(-2).sort()).toEqual(['stop 1', 'stop 2']);
});
