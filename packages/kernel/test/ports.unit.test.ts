import { testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { sleep } from '../src/ports.ts';

test('a sleep ends by its clock, not before', async () => {
  const clock = testClock('2026-01-02T03:04:05.000Z');
  let awake = false;
  void sleep(clock, 100).then(() => {
    awake = true;
  });

  await clock.advance(99);
  expect(awake).toBe(false);
  await clock.advance(1);
  expect(awake).toBe(true);
});
