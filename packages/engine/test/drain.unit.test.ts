import { expect, test } from 'vitest';
import { dayMs, notice, openService, retryMs } from './counting-service.ts';
import { startAt, totalOf } from './world.ts';

const key = 'campus.notice.v1|c1';
const offsets = (parked: ReadonlyMap<string, { message: { offset: number } }>): number[] =>
  [...parked.values()].map(({ message }) => message.offset);

/** Three notices of one counter, of which the first has a bug that can be cured. */
const stuck = async () => {
  const service = openService();
  const process = service.boot();
  await process.settle([notice(1, 'c1', 'cured'), notice(2, 'c1', 'waits'), notice(3, 'c1')]);
  service.ends.length = 0;
  return { ...service, ...process };
};

test('once its reason is gone a key drains in order, and its head goes', async () => {
  const { documents, backlog, gate, cure, ends, drain } = await stuck();
  cure.done = true;
  gate.open = true;

  await drain();

  expect(ends).toEqual(['1 done', '2 done', '3 done']);
  expect([backlog.parkedMessages.size, backlog.parkedHeads.size]).toEqual([0, 0]);
  expect(totalOf(documents.get('c1'))).toBe(3);
});

test('draining stops at the first message that still fails, and goes on there', async () => {
  const { documents, backlog, gate, cure, ends, clock, drain } = await stuck();
  cure.done = true;

  await drain();
  expect(ends).toEqual(['1 done']);
  expect(offsets(backlog.parkedMessages)).toEqual([2, 3]);
  expect(totalOf(documents.get('c1'))).toBe(1);

  gate.open = true;
  await clock.advance(retryMs);
  await drain();
  expect(ends).toEqual(['1 done', '2 done', '3 done']);
});

test('what a drain decides is marked unsent, since no offset stands behind it any more', async () => {
  const { documents, cure, gate, drain } = await stuck();
  cure.done = true;
  gate.open = true;
  documents.clearsAway = true;

  await drain();

  expect(documents.get('c1')?.unsent).toBe(3);
});

test('a key that fails backs off, twice as long each time and at most 64 times', async () => {
  const { backlog, clock, drain } = await stuck();
  const waits: number[] = [];

  for (let round = 0; round < 9; round += 1) {
    await drain();
    const waitMs = Date.parse(backlog.parkedHeads.get(key)!.retryAt) - clock.now();
    waits.push(waitMs / retryMs);
    await clock.advance(waitMs - 1);
    const tries = backlog.parkedHeads.get(key)!.tries;
    await drain();
    expect(backlog.parkedHeads.get(key)!.tries).toBe(tries);
    await clock.advance(1);
  }

  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

test('one key that fails does not stop another', async () => {
  const { backlog, settle, gate, ends, drain } = await stuck();
  await settle([notice(4, 'c2', 'waits')]);
  gate.open = true;

  await drain();

  expect(ends.slice(1)).toEqual(['4 done']);
  expect([...backlog.parkedHeads.keys()]).toEqual([key]);
});

test('after three days the first message of a key is given up and the rest drains', async () => {
  const { documents, backlog, log, gate, ends, clock, drain } = await stuck();
  gate.open = true;
  await clock.advance(3 * dayMs + 1);

  await drain();

  expect(ends).toEqual(['1 dead', '2 done', '3 done']);
  expect([...backlog.letters.values()]).toMatchObject([{ code: 'ENGINE_TOO_OLD', message: { offset: 1 } }]);
  expect(log.records.filter(({ id }) => id === 'school:n1:refused')).toHaveLength(1);
  expect(totalOf(documents.get('c1'))).toBe(2);
});

test('a parked message that is refused in the end is a dead letter, and the next one drains', async () => {
  const { backlog, settle, cure, ends, drain } = await stuck();
  await settle([
    notice(4, 'c3', 'cured', { key: 'other' }),
    notice(5, 'c3', 'refused', { key: 'other' }),
    notice(6, 'c3', 'counts', { key: 'other' }),
  ]);
  cure.done = true;

  await drain();

  expect(ends.slice(3)).toEqual(['1 done', '4 done', '5 dead', '6 done']);
  expect([...backlog.letters.values()].map(({ code }) => code)).toEqual(['COUNTER_TOO_MUCH']);
});

test('a head that was raised meanwhile stays, so that what came behind it is not forgotten', async () => {
  const { backlog, gate, cure, settle, ends, drain } = await stuck();
  cure.done = true;
  gate.open = true;
  let late: Promise<void> | undefined;
  backlog.meanwhile(() => {
    const head = backlog.parkedHeads.get(key)!;
    const parked = { _id: 'campus.notice.v1|1|4', key, message: notice(4, 'c1'), code: 'ENGINE_WAITS', reason: '', since: startAt };
    late = backlog.park({ ...parked, aggregateIds: ['c1'] }, head).then(() => undefined);
  });

  await drain();
  await late;
  expect(backlog.parkedHeads.get(key)).toMatchObject({ tail: 4 });
  await settle([notice(5, 'c1')]);
  await drain();

  expect(ends).toEqual(['1 done', '2 done', '3 done', '5 parked', '4 done', '5 done']);
  expect(backlog.parkedHeads.size).toBe(0);
});

test('an outage in the middle of a drain loses nothing and does nothing twice', async () => {
  const { documents, log, gate, cure, ends, drain } = await stuck();
  cure.done = true;
  gate.open = true;
  log.away = true;

  await expect(drain()).rejects.toThrow('could not be published');
  expect(ends).toEqual([]);

  log.away = false;
  await drain();
  expect(ends).toEqual(['1 done', '2 done', '3 done']);
  expect(totalOf(documents.get('c1'))).toBe(3);
});

test('a key behind which more waits than one sweep takes keeps its head until all of it has ended', async () => {
  const { backlog, cure, gate, settle, ends, drain } = await stuck();
  await settle(Array.from({ length: 500 }, (_, index) => notice(4 + index, 'c1')));
  cure.done = true;
  gate.open = true;

  await drain();
  expect([backlog.parkedMessages.size, backlog.parkedHeads.size]).toEqual([3, 1]);
  await drain();

  expect([backlog.parkedMessages.size, backlog.parkedHeads.size]).toEqual([0, 0]);
  expect(ends.at(-1)).toBe('503 done');
});

test('two processes that drain the same key have one effect', async () => {
  const { documents, gate, cure, boot, drain } = await stuck();
  cure.done = true;
  gate.open = true;

  await Promise.all([drain(), boot().drain()]);

  expect(totalOf(documents.get('c1'))).toBe(3);
});

test('a parked document that no head covers is removed once its offset is committed, and never drained', async () => {
  const { backlog, log, documents, drain } = await stuck();
  const orphan = { key: 'campus.notice.v1|c9', code: 'ENGINE_WAITS', reason: '', since: startAt, aggregateIds: ['c9'] };
  await backlog.park({ ...orphan, _id: 'campus.notice.v1|1|9', message: notice(9, 'c9') }, undefined);
  backlog.parkedHeads.delete(orphan.key);

  log.committedOffsets = new Map([['campus.notice.v1|1', 9]]);
  await drain();
  expect(offsets(backlog.parkedMessages)).toEqual([1, 2, 3, 9]);

  log.committedOffsets = new Map([['campus.notice.v1|1', 10]]);
  await drain();
  expect(offsets(backlog.parkedMessages)).toEqual([1, 2, 3]);
  expect(documents.get('c9')).toBeUndefined();
});
