import { expect, test } from 'vitest';
import { coalesce } from '../src/coalesce.ts';

/** Work that waits until the test lets it go on, and answers ten times what it was given. */
const heldWork = (itemsMax: number) => {
  const calls: { items: readonly number[]; goOn: PromiseWithResolvers<void> }[] = [];
  const work = coalesce(async (items: readonly number[]) => {
    const goOn = Promise.withResolvers<void>();
    calls.push({ items, goOn });
    await goOn.promise;
    return items.map((item) => item * 10);
  }, itemsMax);
  /** Lets calls go on, one after the other, until none is left. */
  const letAllGo = async (): Promise<void> => {
    for (let done = 0; done < calls.length; done += 1) {
      calls[done]!.goOn.resolve();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  };
  const begun = async (): Promise<void> => {
    await Promise.resolve();
    await Promise.resolve();
  };
  return { work, calls, letAllGo, begun, itemsOf: () => calls.map(({ items }) => items) };
};

test('callers of one moment meet in one call, and each gets its own answers in order', async () => {
  const { work, letAllGo, begun, itemsOf } = heldWork(10);
  const answers = Promise.all([work([1, 2]), work([]), work([3])]);
  await begun();
  await letAllGo();
  expect(await answers).toEqual([[10, 20], [], [30]]);
  expect(itemsOf()).toEqual([[1, 2, 3]]);
});

test('what is called while a call is under way is one call afterwards', async () => {
  const { work, letAllGo, begun, itemsOf } = heldWork(10);
  const first = work([1]);
  await begun();
  const later = Promise.all([work([2]), work([3, 4])]);
  await begun();
  expect(itemsOf()).toEqual([[1]]);
  await letAllGo();
  expect([await first, ...(await later)]).toEqual([[10], [20], [30, 40]]);
  expect(itemsOf()).toEqual([[1], [2, 3, 4]]);
});

test('a call is never split: what does not fit waits for the next one, and one that is too large goes alone', async () => {
  const { work, letAllGo, begun, itemsOf } = heldWork(3);
  const answers = Promise.all([work([1, 2]), work([3, 4]), work([5, 6, 7, 8]), work([9])]);
  await begun();
  await letAllGo();
  expect(await answers).toEqual([[10, 20], [30, 40], [50, 60, 70, 80], [90]]);
  expect(itemsOf()).toEqual([[1, 2], [3, 4], [5, 6, 7, 8], [9]]);
});

test('what rejects rejects for all that were in it, and for nobody else', async () => {
  const { work, calls, letAllGo, begun } = heldWork(3);
  const broken = [work([1]), work([2])];
  const fine = work([3, 4]);
  await begun();
  calls[0]!.goOn.reject(new Error('away'));
  const ends = Promise.allSettled([...broken, fine]);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  await letAllGo();
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});
