import { AppError, Outage } from '@scenefi/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { asAppError, Problem } from '../src/index.ts';
import { problemOf } from '../src/problems.ts';

/** What a database driver might say, and a caller must never hear. */
const secret = 'mongodb://app:hunter2@10.0.0.7/campus';

const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true });
const oddCode = fc.oneof(fc.constantFrom('FST_ERR_CTP_BODY_TOO_LARGE', 'ECONNRESET', 'constructor', '__proto__', 'toString'), fc.string());
const validation = fc.array(fc.record({ instancePath: fc.string(), message: fc.oneof(fc.string(), fc.constant(undefined)) }), {
  maxLength: 80,
});

const frameworkError = fc
  .record({
    statusCode: fc.oneof(fc.integer({ min: 100, max: 700 }), fc.constant(undefined)),
    code: oddCode,
    validation: fc.option(validation, { nil: undefined }),
  })
  .map((fields) => Object.assign(new Error(secret), fields));
const details = fc.oneof(
  fc.record({ detail: fc.oneof(fc.constant(secret), anything), errors: anything, challenge: anything }),
  fc.record({ detail: fc.constant(secret), errors: fc.constant([{ path: secret, message: secret }]) }),
);
const appError = fc
  .record({ status: fc.integer({ min: 400, max: 599 }), retryable: fc.boolean(), details })
  .map(
    ({ status, retryable, details }) =>
      new AppError('CAMPUS_ANY', { status, retryable, title: 'Something' }, details, { cause: new Error(secret) }),
  );

const thrown = fc.oneof(
  anything,
  appError,
  frameworkError,
  fc.constant(new Outage(secret)),
  fc.constant(new RangeError(secret)),
  fc.constant(Object.create(null)),
);

test('whatever is thrown becomes a problem that its own schema accepts', () => {
  fc.assert(
    fc.property(thrown, (error) => {
      const problem = problemOf(asAppError(error), 'r-1');
      expect(Problem.safeParse(problem)).toEqual({ success: true, data: problem });
      expect(() => JSON.stringify(problem)).not.toThrow();
    }),
    { ...runs, numRuns: 1_000 },
  );
});

test('a problem of ours tells nothing of what went wrong, and a 401 names no request', () => {
  fc.assert(
    fc.property(thrown, (error) => {
      const problem = problemOf(asAppError(error), 'r-1');
      if (problem.status >= 500) {
        expect(JSON.stringify(problem)).not.toContain('hunter2');
        expect(Object.keys(problem).sort()).toEqual(['code', 'instance', 'status', 'title', 'type']);
      }
      if (problem.status === 401) expect(problem).not.toHaveProperty('instance');
      if (!(error instanceof AppError)) expect(JSON.stringify(problem)).not.toContain('hunter2');
    }),
    { ...runs, numRuns: 1_000 },
  );
});
