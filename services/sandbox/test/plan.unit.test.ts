import { notices } from '@scenefi/contracts';
import { WebhookId } from '@scenefi/http';
import { OffsetTime } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { endingNames, plannedEndings } from '../src/endings.ts';
import { faults } from '../src/noise.ts';
import { planBill } from '../src/plan.ts';
import { seededRandom } from '../src/seeded-random.ts';

const numbers = { run: 'r1', partnerId: 'school-a', schoolName: '东湖小学', nowMs: Date.UTC(2026, 8, 1), dueSoonMs: 4_000 };
const plans = (seed: number) =>
  plannedEndings(seededRandom(seed, 0), 200).map((name, index) => planBill(seed, name, { ...numbers, index }));
const contracts = new Map(notices.map((notice) => [notice.type, notice]));

test('the same seed plans the same bills, another seed others', () => {
  expect(plans(7)).toEqual(plans(7));
  expect(plans(7)).not.toEqual(plans(8));
});

test('every ending comes at least twice among at least 200 bills', () => {
  const counts = Map.groupBy(plans(3), ({ ending }) => ending);
  for (const name of endingNames) expect(counts.get(name)?.length, name).toBeGreaterThanOrEqual(2);
  expect(plannedEndings(seededRandom(3, 0), 1)).toHaveLength(200);
  expect(plannedEndings(seededRandom(3, 0), 1_000)).toHaveLength(1_000);
});

test('most bills are paid in an ordinary way', () => {
  const ordinary = plannedEndings(seededRandom(3, 0), 2_000).filter((name) => /^paid-(at|by|choice|in)/.test(name));
  expect(ordinary.length).toBeGreaterThan(800);
});

test('every planned notice keeps the contract of its type and names its own bill', () => {
  for (const { steps, billNo, partnerId } of plans(5)) {
    for (const { body, type, webhookId, noticeId } of steps.flatMap((step) => step.notices)) {
      const told = JSON.parse(body);
      expect(contracts.get(type)?.read(told.data), body).toMatchObject({ billNo });
      expect(OffsetTime.safeParse(told.timestamp).success).toBe(true);
      expect(WebhookId.safeParse(webhookId).success).toBe(true);
      expect(noticeId).toBe(`${partnerId}:${webhookId}`);
    }
  }
});

test('no two notices of a run share a webhook-id, but those that are meant to', () => {
  const seen = new Map<string, string[]>();
  for (const { steps, ending } of plans(5))
    for (const { noticeId } of steps.flatMap((step) => step.notices)) seen.set(noticeId, [...(seen.get(noticeId) ?? []), ending]);
  const shared = [...seen.values()].filter((users) => users.length > 1).flat();
  expect(new Set(shared)).toEqual(new Set(['webhook-id-of-issued-reused', 'webhook-id-of-paid-reused']));
});

test('bill numbers of two runs never meet', () => {
  const first = planBill(1, 'issued', { ...numbers, index: 0 });
  const second = planBill(1, 'issued', { ...numbers, run: 'r2', index: 0 });
  expect(first.billNo).not.toBe(second.billNo);
});

test('a run carries every fault, storms of fifty, stragglers and hours-old repeats', () => {
  const noises = plans(11).map(({ noise }) => noise);
  expect(new Set(noises.flatMap(({ bad }) => bad.map(({ fault }) => fault)))).toEqual(new Set(faults));
  expect(noises.flatMap(({ copies }) => [...copies.values()]).filter((count) => count === 50)).toHaveLength(3);
  expect(noises.some(({ stragglers }) => stragglers.size > 0)).toBe(true);
  expect(noises.flatMap(({ hoursOld }) => hoursOld).length).toBeGreaterThan(20);
});
