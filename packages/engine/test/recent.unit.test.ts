import { shortHash } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { decodeRecent, encodeRecent } from '../src/recent.ts';
import { entry, openWorld, statuses, totalOf } from './world.ts';

const decided = (name: string) => ({ id: shortHash(`id ${name}`), body: shortHash(`body ${name}`) });

test('what was decided survives as one binary, with codes and without', () => {
  const recent = [decided('a'), { ...decided('b'), refused: 'COUNTER_TOO_MUCH' }, decided('c')];

  const bytes = encodeRecent(recent);

  expect(bytes).toHaveLength(3 * 33 + 'COUNTER_TOO_MUCH'.length);
  expect(decodeRecent(bytes)).toEqual(recent);
  expect(decodeRecent(Buffer.alloc(0))).toEqual([]);
});

const bounded = (limit: number) => entry('c1', 'm1', { type: 'AddWithin', by: 5, limit }, { bodyHash: shortHash('the same data') });

test('a re-drive decides a refusal anew, and its new answer is the one that is remembered', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();
  await apply([bounded(3)]);

  const redriven = await apply([{ ...bounded(9), redriven: true }]);
  const repeated = await apply([bounded(9)]);

  expect(statuses([...redriven, ...repeated])).toEqual(['done', 'repeat']);
  expect(totalOf(documents.get('c1'))).toBe(5);
  expect(decodeRecent(documents.get('c1')!.recent)).toHaveLength(1);
});

test('a re-drive does not do again what was done', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();
  await apply([bounded(9)]);

  const redriven = await apply([{ ...bounded(9), redriven: true }]);

  expect(statuses(redriven)).toEqual(['repeat']);
  expect(totalOf(documents.get('c1'))).toBe(5);
});

test('a re-drive with other data is still refused', async () => {
  const { boot } = openWorld();
  const { apply } = boot();
  await apply([bounded(3)]);

  const [outcome] = await apply([{ ...bounded(9), bodyHash: shortHash('other data'), redriven: true }]);

  expect(outcome).toMatchObject({ status: 'refused', error: { code: 'ENGINE_ID_REUSED' } });
});

test('a re-drive that fails does not make its refusal forgotten', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();
  await apply([bounded(3)]);

  const batch = [{ ...bounded(3), command: { type: 'Bug' as const }, redriven: true }, entry('c1', 'm2', { type: 'AddQuietly', by: 1 })];
  const outcomes = await apply(batch);
  const repeated = await apply([bounded(9)]);

  expect(statuses([...outcomes, ...repeated])).toEqual(['failed', 'done', 'refused']);
  expect(totalOf(documents.get('c1'))).toBe(1);
});
