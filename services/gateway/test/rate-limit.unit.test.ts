import { testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { createRateLimit } from '../src/rate-limit.ts';
import { at } from './view-words.ts';

const refused = expect.objectContaining({ code: 'HTTP_TOO_MANY_REQUESTS', status: 429 });

test("a customer may ask five seconds' worth at once, then at his rate, and others are not touched", async () => {
  const clock = testClock(at);
  const admit = createRateLimit({ clock, perSecond: 2 });
  for (let times = 0; times < 10; times += 1) admit('eager');
  expect(() => admit('eager')).toThrow(refused);
  expect(() => admit('calm')).not.toThrow();
  await clock.advance(500);
  admit('eager');
  expect(() => admit('eager')).toThrow(refused);
});

test('whoever keeps asking while he is refused is served again as soon as anybody', async () => {
  const clock = testClock(at);
  const admit = createRateLimit({ clock, perSecond: 1 });
  for (let times = 0; times < 5; times += 1) admit('eager');
  for (let step = 0; step < 9; step += 1) {
    await clock.advance(100);
    expect(() => admit('eager')).toThrow(refused);
  }
  await clock.advance(101);
  expect(() => admit('eager')).not.toThrow();
});
