import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Between every two steps of a notice, a debit, a credit and a delivery. */
export const places = [
  'after-save bill issued',
  'after-publish bill issued',
  'after-save payment requested',
  'after-publish payment requested',
  'after-effect reserve',
  'after-save payment debiting',
  'after-publish payment debiting',
  'before-effect debit',
  'after-effect debit',
  'after-save payment debited',
  'after-publish payment debited',
  'before-effect post',
  'after-effect post',
  'after-save payment settled',
  'before-commit campus.notice.v1',
  'before-commit campus.bill.v1',
  'before-commit payments.payment.v1',
  'after-save payment reversing',
  'before-effect credit',
  'after-effect credit',
] as const;
export type PlaceName = (typeof places)[number];

/**
 * The fail points of every process. A place with a mark lets everybody pass, so all have one from the start; whose mark is
 * taken away kills the first process that comes there, which leaves the mark again.
 */
export const createFailPoints = (folder: string) => {
  const marks = join(folder, 'marks');
  mkdirSync(marks, { recursive: true });
  for (const place of places) writeFileSync(join(marks, place), '');
  return {
    env: { FAIL_POINTS: places.join(','), FAIL_MARKS: marks },
    arm: (wanted: readonly string[]): void => {
      for (const place of wanted) rmSync(join(marks, place), { force: true });
    },
    /** Lets everybody pass again; answers the places at which a process died. */
    disarm: (wanted: readonly string[]): string[] => {
      const died = wanted.filter((place) => existsSync(join(marks, place)));
      for (const place of wanted) writeFileSync(join(marks, place), '');
      return died;
    },
  };
};
export type FailPoints = ReturnType<typeof createFailPoints>;
