import { expect, test } from 'vitest';
import { createMetrics } from '../src/metrics.ts';

const lineOf = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<string | undefined> =>
  (await metrics.text()).split('\n').find((line) => line.startsWith(`${name}{`));

test('aggregates beside one another show one gauge, which is their sum', async () => {
  const metrics = createMetrics('metrics-sum');
  metrics.gauge('lag', () => 3);
  const close = metrics.gauge('lag', async () => 4);
  expect(await lineOf(metrics, 'lag')).toMatch(/ 7$/);
  close();
  expect(await lineOf(metrics, 'lag')).toMatch(/ 3$/);
});

test('a gauge that cannot be read hides no other metric', async () => {
  const metrics = createMetrics('metrics-fault');
  metrics.gauge('parked', () => Promise.reject(new Error('the database is away')));
  metrics.count('messages', { end: 'done' });
  expect(await lineOf(metrics, 'parked')).toMatch(/ Nan$/i);
  expect(await lineOf(metrics, 'messages')).toMatch(/end="done".* 1$/);
});
