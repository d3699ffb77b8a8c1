import { expect, test } from 'vitest';
import { armFailPoints, failPoint } from '../src/fail-point.ts';

test('a fail point that nobody armed does nothing, not even make its words', () => {
  failPoint('after-save', () => {
    throw new Error('nobody asked');
  });
});

test('an armed fail point tells where it is', () => {
  const heard: string[] = [];
  armFailPoints((point, about) => void heard.push(`${point} ${about}`));
  failPoint('after-save', () => 'payment debiting');
  armFailPoints(() => undefined);
  expect(heard).toEqual(['after-save payment debiting']);
});
