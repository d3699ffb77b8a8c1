import { AppError } from '@scenefi/kernel';
import type { Outcome } from './entry.ts';
import { engineErrors } from './errors.ts';

/** How one message ends; `unknown` ends nothing, its partition pauses. */
export type End = { end: 'done' } | { end: 'dead' | 'parked'; error: AppError; bug: boolean } | { end: 'unknown' };

const asAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : engineErrors.UNEXPECTED({ reason: error instanceof Error ? error.name : typeof error }, { cause: error });

/** What went wrong, and what happens next: the one table of it. */
export const endOf = (outcome: Outcome): End => {
  switch (outcome.status) {
    case 'done':
    case 'repeat':
    case 'dropped':
      return { end: 'done' };
    case 'refused':
      return { end: 'dead', error: outcome.error, bug: false };
    case 'failed':
      return { end: 'parked', error: asAppError(outcome.error), bug: !(outcome.error instanceof AppError) };
    case 'held':
      return { end: 'parked', error: engineErrors.WAITS(), bug: false };
    case 'unknown':
      return { end: 'unknown' };
    default:
      return outcome satisfies never;
  }
};

const weight = { done: 0, dead: 1, parked: 2, unknown: 3 } as const;

/** A message with several commands ends as its worst one. */
export const worstEnd = (ends: readonly End[]): End =>
  ends.reduce((worst, end) => (weight[end.end] > weight[worst.end] ? end : worst), { end: 'done' });
