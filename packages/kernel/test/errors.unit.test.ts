import { expect, test } from 'vitest';
import { AppError, definedErrors, defineErrors, Outage } from '../src/errors.ts';

const row = { status: 404, retryable: false, title: 'There is no such kettle' };
const kettleErrors = defineErrors('KETTLE', { NOT_FOUND: row, BUSY: { status: 503, retryable: true, title: 'It boils' } });

test('an error has its code, its row, the details of the place and its cause', () => {
  const cause = new TypeError('x');
  const error = kettleErrors.NOT_FOUND({ kettleId: 'k1' }, { cause });

  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: 'KETTLE_NOT_FOUND',
    status: 404,
    retryable: false,
    message: row.title,
    details: { kettleId: 'k1' },
    cause,
  });
  expect(kettleErrors.BUSY()).toMatchObject({ code: 'KETTLE_BUSY', retryable: true, details: {} });
});

test('a prefix belongs to one table', () => {
  expect(() => defineErrors('KETTLE', {})).toThrow('KETTLE is defined twice');
});

test('every code that was defined is listed for the documentation', () => {
  expect(definedErrors()).toContainEqual({ code: 'KETTLE_NOT_FOUND', row });
});

test('an outage is no error of a table: nothing ends by it', () => {
  expect(new Outage('away')).not.toBeInstanceOf(AppError);
  expect(new Outage('away').name).toBe('Outage');
});
