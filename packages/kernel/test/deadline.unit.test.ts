import { testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { withDeadline } from '../src/index.ts';

const late = () => new Error('late');

test('what ends in time is the answer, and nothing waits any longer', async () => {
  let waiting = 0;
  const after = () => {
    waiting += 1;
    return () => {
      waiting -= 1;
    };
  };
  expect(await withDeadline(Promise.resolve(7), { clock: { after }, ms: 5, late })).toBe(7);
  await expect(withDeadline(Promise.reject(new Error('broken')), { clock: { after }, ms: 5, late })).rejects.toThrow('broken');
  expect(waiting).toBe(0);
});

test('what takes longer is late', async () => {
  const clock = testClock('2026-01-02T03:04:05.000Z');
  const answer = expect(withDeadline(new Promise(() => undefined), { clock, ms: 5, late })).rejects.toThrow('late');
  clock.advance(5);
  await answer;
});
