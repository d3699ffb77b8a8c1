import { AppError } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { type End, endOf, worstEnd } from '../src/ends.ts';
import type { Outcome } from '../src/entry.ts';
import { engineErrors } from '../src/errors.ts';
import { counterErrors } from './counter.ts';

const standing = { state: {}, version: 1 };

const table: [string, Outcome, { end: End['end']; code?: string; bug?: boolean }][] = [
  ['done', { status: 'done', ...standing }, { end: 'done' }],
  ['a repeat', { status: 'repeat', ...standing }, { end: 'done' }],
  ['a wake-up that came too late', { status: 'dropped' }, { end: 'done' }],
  ['refused by a rule', { status: 'refused', error: counterErrors.TOO_MUCH() }, { end: 'dead', code: 'COUNTER_TOO_MUCH', bug: false }],
  [
    'something else must come first',
    { status: 'failed', error: counterErrors.NOT_YET() },
    { end: 'parked', code: 'COUNTER_NOT_YET', bug: false },
  ],
  ['a bug', { status: 'failed', error: new TypeError('x') }, { end: 'parked', code: 'ENGINE_UNEXPECTED', bug: true }],
  ['a thrown text', { status: 'failed', error: 'x' }, { end: 'parked', code: 'ENGINE_UNEXPECTED', bug: true }],
  ['behind one that failed', { status: 'held' }, { end: 'parked', code: 'ENGINE_WAITS', bug: false }],
  ['saved perhaps, published perhaps', { status: 'unknown' }, { end: 'unknown' }],
];

test.each(table)('%s has its one end', (_title, outcome, { end, code, bug }) => {
  const actual = endOf(outcome);

  expect(actual.end).toBe(end);
  if ('error' in actual) expect({ code: actual.error.code, bug: actual.bug }).toEqual({ code, bug });
});

test('a bug keeps its cause and names its kind', () => {
  const cause = new TypeError('x');
  const end = endOf({ status: 'failed', error: cause });

  expect(end).toMatchObject({ error: { cause, details: { reason: 'TypeError' } } });
});

test('a message with several commands ends as its worst one', () => {
  const done: End = { end: 'done' };
  const dead: End = { end: 'dead', error: counterErrors.TOO_MUCH(), bug: false };
  const parked: End = { end: 'parked', error: engineErrors.WAITS(), bug: false };
  const unknown: End = { end: 'unknown' };

  expect(worstEnd([])).toEqual(done);
  expect(worstEnd([done, dead, done])).toBe(dead);
  expect(worstEnd([dead, parked, done])).toBe(parked);
  expect(worstEnd([parked, unknown, dead])).toBe(unknown);
});

test('errors of the engine have codes that are retryable exactly where the message waits', () => {
  const retryable = Object.values(engineErrors).filter((raise) => raise().retryable);

  expect(retryable.map((raise) => raise().code)).toEqual(['ENGINE_UNEXPECTED', 'ENGINE_WAITS']);
  expect(engineErrors.WAITS()).toBeInstanceOf(AppError);
});
