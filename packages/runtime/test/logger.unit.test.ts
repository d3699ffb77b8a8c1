import { expect, test } from 'vitest';
import { createLogger } from '../src/logger.ts';

const open = (level = 'debug') => {
  const lines: string[] = [];
  return { lines, logger: createLogger('campus', level, { write: (line) => void lines.push(line) }) };
};

const logged = (fields: Record<string, unknown>): string => {
  const { lines, logger } = open();
  logger.info('something happened', fields);
  return lines.join('');
};

test('a line is one JSON object with level, time, service, the constant sentence and its fields', () => {
  const { lines, logger } = open();
  logger.warn('message parked', { topic: 'campus.bill.v1', offset: 7, messageId: 'school:msg_1' });

  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    service: 'campus',
    topic: 'campus.bill.v1',
    offset: 7,
    messageId: 'school:msg_1',
    message: 'message parked',
  });
});

test('lines below the level are not written', () => {
  const { lines, logger } = open('warn');
  logger.debug('a');
  logger.info('b');
  logger.error('c');

  expect(lines).toHaveLength(1);
});

const canaries = {
  'a bank card': '6222021234567890123',
  'a bank card in groups': '6222 0212 3456 7890 123',
  'a bank card with hyphens': '6222-0212-3456-7890',
  'an identity number': '110101199003071233',
  'an identity number that ends in X': '11010119900307123X',
  'a mobile number': '13800138000',
  'a mobile number in groups': '138 0013 8000',
  'a mobile number with country code': '+8613800138000',
  'a mobile number with country code in groups': '+86 138-0013-8000',
};

test.each(Object.entries(canaries))('%s is redacted wherever it stands', (_what, canary) => {
  const cause = new Error(`card ${canary}`);
  const lines = [
    logged({ reason: `it was ${canary}, they said` }),
    logged({ reason: canary }),
    logged({ deep: { deeper: { deepest: [canary, { note: canary }] } } }),
    logged({ list: [canary, [canary]] }),
    logged({ error: new TypeError(`no such ${canary}`, { cause }) }),
    logged({ errors: [{ error: new Error(canary) }] }),
    logged({ [`about ${canary}`]: 1 }),
  ];

  const digits = canary.replaceAll(/\D/g, '').slice(0, 11);
  for (const line of lines) {
    expect(line).not.toContain(canary);
    expect(line.replaceAll(/[ -]/g, '')).not.toContain(digits);
    expect(line).toContain('[redacted]');
  }
});

const secretFields = [
  'authorization',
  'Authorization',
  'body',
  'card',
  'className',
  'data',
  'holderName',
  'idNumber',
  'password',
  'phone',
  'secret',
  'studentNo',
  'token',
  'value',
];

test.each(secretFields)('a field called %s is redacted at every depth, in lists and whatever its type', (field) => {
  const canary = 'canary-4711';
  const lines = [
    logged({ [field]: canary }),
    logged({ request: { [field]: canary } }),
    logged({ a: { b: { c: { [field]: canary } } } }),
    logged({ list: [{ [field]: canary }] }),
    logged({ [field]: { inner: [canary] } }),
    logged({ [field]: Buffer.from(canary) }),
  ];

  for (const line of lines) {
    expect(line).not.toContain('canary');
    expect(line).toContain('[redacted]');
  }
});

test('what an operator needs stays readable: offsets, amounts, times, ids and traces', () => {
  const fields = {
    offset: 123_456_789_012,
    amountFen: 1_000_000_000_000,
    at: '2026-01-02T03:04:05.000Z',
    epochMs: 1_790_000_000_000,
    sequence: '0000000007',
    billId: 'bill_abcdefghijklmnopqrstuvwxyz',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    nothing: null,
    yes: true,
  };

  expect(JSON.parse(logged(fields))).toMatchObject(fields);
});

test('a field called `message` does not hide the sentence, nor the sentence the field', () => {
  const line = logged({ message: 'from elsewhere' });

  expect(JSON.parse(line)).toMatchObject({ message: 'something happened' });
  expect(line.match(/"message"/g)).toHaveLength(1);
  expect(line).toContain('from elsewhere');
});

test('something that contains itself is cut off instead of breaking whoever logs it', () => {
  const round: Record<string, unknown> = { name: 'round' };
  round.self = round;

  expect(logged({ round })).toContain('"name":"round"');
});

test('an error is its name and message, without a stack', () => {
  expect(JSON.parse(logged({ error: new RangeError('too far') }))).toMatchObject({ error: { name: 'RangeError', message: 'too far' } });
});
