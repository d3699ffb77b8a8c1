import { expect, test } from 'vitest';
import { decodeRecent } from '../src/recent.ts';
import { add, entry, openWorld, statuses, totalOf } from './world.ts';

const kib = 1024;
const long = (kibibytes: number): string => 'x'.repeat(kibibytes * kib);
const say = (aggregateId: string, id: string, kibibytes: number) =>
  entry(aggregateId, id, { type: 'Add', by: 1, note: long(kibibytes) }, { backed: false });

test('a fact over 256 KiB is refused alone', async () => {
  const { documents, log, boot } = openWorld();

  const outcomes = await boot().apply([add('c1', 'm1'), say('c1', 'm2', 257), add('c1', 'm3')]);

  expect(statuses(outcomes)).toEqual(['done', 'refused', 'done']);
  expect(outcomes[1]).toMatchObject({ error: { code: 'ENGINE_FACT_TOO_LARGE' } });
  expect(totalOf(documents.get('c1'))).toBe(2);
  expect(log.ids()).toEqual(['c1:1', 'c1:2']);
});

test('the size of a fact is counted in bytes, not in characters', async () => {
  const { boot } = openWorld();

  const [outcome] = await boot().apply([entry('c1', 'm1', { type: 'Add', by: 1, note: '学'.repeat(100 * kib) })]);

  expect(outcome).toMatchObject({ error: { code: 'ENGINE_FACT_TOO_LARGE' } });
});

test('while the broker is away `out` grows to 512 KiB, and then its aggregate alone shares the outage', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();
  log.away = true;
  await apply([say('c1', 'm1', 200), say('c1', 'm2', 200)]);

  const outcomes = await apply([say('c1', 'm3', 200), add('c2', 'm4')]);

  expect(statuses(outcomes)).toEqual(['unknown', 'unknown']);
  expect(documents.get('c1')).toMatchObject({ version: 2, out: [{ version: 1 }, { version: 2 }] });
  expect(documents.get('c2')?.version).toBe(1);

  log.away = false;
  expect(statuses(await apply([say('c1', 'm3', 200)]))).toEqual(['unknown']);
  expect(statuses(await apply([say('c1', 'm3', 200)]))).toEqual(['done']);
  expect(log.ids()).toEqual(['c1:1', 'c1:2', 'c1:3']);
});

test('a batch with more than 512 KiB of one aggregate gets done in several tries instead of never', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();
  const batch = [1, 2, 3, 4].map((number) => say('c1', `m${number}`, 200));

  const tries = [statuses(await apply(batch)), statuses(await apply(batch))];

  expect(tries).toEqual([
    ['done', 'done', 'unknown', 'unknown'],
    ['repeat', 'repeat', 'done', 'done'],
  ]);
  expect(totalOf(documents.get('c1'))).toBe(4);
  expect(log.ids()).toEqual(['c1:1', 'c1:2', 'c1:3', 'c1:4']);
});

test('what follows a flooded message under the same key waits with it', async () => {
  const { documents, boot } = openWorld();
  const same = { messageKey: 'notice|c1' };

  const outcomes = await boot().apply([
    say('c1', 'm1', 200),
    say('c1', 'm2', 200),
    { ...say('c1', 'm3', 200), ...same },
    add('c2', 'm4', 1, same),
  ]);

  expect(statuses(outcomes)).toEqual(['done', 'done', 'unknown', 'unknown']);
  expect(documents.get('c2')).toBeUndefined();
});

test('one command that alone says more than 512 KiB is refused, since no later try could be better', async () => {
  const { boot } = openWorld();
  const scene = (await import('./counter.ts')).counterScene;
  const chatty: typeof scene = {
    ...scene,
    decide: () => [1, 2, 3].map(() => ({ type: 'added' as const, by: 1, note: long(200) })),
  };

  const [outcome] = await boot(chatty).apply([add('c1', 'm1')]);

  expect(outcome).toMatchObject({ status: 'refused', error: { code: 'ENGINE_FACT_TOO_LARGE' } });
});

test('a state that would outgrow its document refuses the command that makes it so', async () => {
  const { documents, boot } = openWorld();
  const scene = (await import('./counter.ts')).counterScene;
  const growing: typeof scene = { ...scene, evolve: (state) => ({ ...state, ballast: long(1024) }) };

  const [outcome] = await boot(growing).apply([entry('c1', 'm1', { type: 'AddQuietly', by: 1 })]);

  expect(outcome).toMatchObject({ status: 'refused', error: { code: 'ENGINE_STATE_TOO_LARGE' } });
  expect(documents.get('c1')?.state).toEqual({ total: 0 });
});

test('a fact that breaks its contract fails its whole command and never reaches the log', async () => {
  const { documents, log, boot } = openWorld();

  const outcomes = await boot().apply([entry('c1', 'm1', { type: 'Lie' }), add('c1', 'm2')]);

  expect(statuses(outcomes)).toEqual(['failed', 'done']);
  expect(totalOf(documents.get('c1'))).toBe(1);
  expect(log.ids()).toEqual(['c1:1']);
});

const batchOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => entry('c1', `m${from + index}`, { type: 'AddQuietly', by: 1 }));

test('the last 64 messages are remembered, older ones are not', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();

  for (let number = 0; number < 70; number += 1) await apply(batchOf(number, 1));

  expect(decodeRecent(documents.get('c1')!.recent)).toHaveLength(64);
  expect(statuses(await apply(batchOf(6, 1)))).toEqual(['repeat']);
  expect(statuses(await apply(batchOf(5, 1)))).toEqual(['done']);
});

test('the whole last batch is remembered, however large it was', async () => {
  const { documents, boot } = openWorld();
  await boot().apply(batchOf(0, 3));

  await boot().apply(batchOf(10, 200));
  const again = await boot().apply(batchOf(10, 200));

  expect(new Set(statuses(again))).toEqual(new Set(['repeat']));
  expect(totalOf(documents.get('c1'))).toBe(203);
});
