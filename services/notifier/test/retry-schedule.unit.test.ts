import { epochMs, type Instant } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { nextTryAt, retryAfterMaxMs, retryTableMs } from '../src/retry-schedule.ts';

const at: Instant = '2026-09-01T00:00:00.000Z';
const waitMs = (deliveryId: string, tries: number, { scale = 1, retryAfterMs = 0 } = {}): number | undefined => {
  const due = nextTryAt({ deliveryId, tries, at, retryAfterMs }, scale);
  return due && epochMs(due) - epochMs(at);
};

test('the table is ten tries within 75 hours, 35 minutes and 5 seconds', () => {
  expect(retryTableMs).toHaveLength(10);
  expect(retryTableMs.reduce((sum, ms) => sum + ms, 0)).toBe(((75 * 60 + 35) * 60 + 5) * 1_000);
  expect(waitMs('dlv_a', 10)).toBeUndefined();
});

test('letters that failed together come back spread over two fifths, each at its own time in every process', () => {
  const waits = Array.from({ length: 400 }, (_, number) => waitMs(`dlv_${number}`, 3) ?? 0);
  const tableMs = retryTableMs[3]!;
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0.8 * tableMs);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1.2 * tableMs);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(0.38 * tableMs);
  expect(waits).toEqual(Array.from({ length: 400 }, (_, number) => waitMs(`dlv_${number}`, 3)));
});

test('a demonstration shortens the table, but not what a partner asked for', () => {
  expect(waitMs('dlv_a', 2, { scale: 0.001 })).toBeLessThanOrEqual(360);
  expect(waitMs('dlv_a', 2, { scale: 0.001, retryAfterMs: 7_000 })).toBe(7_000);
  expect(waitMs('dlv_a', 1, { retryAfterMs: 86_400_000 })).toBe(retryAfterMaxMs);
});
