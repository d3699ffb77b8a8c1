import type { LogFields, Logger } from '@scenefi/kernel';
import pino from 'pino';

/** Fields that never reach a log, at the top of a line or one level down. */
const secretFields = [
  'authorization',
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

/** Whatever looks like a bank card, an identity number or a mobile number inside a text. */
const personal = /(?<!\d)(?:\d{16,19}|\d{17}[\dXx]|1[3-9]\d{9})(?!\d)/g;

/** Most texts have no eleven digits in a row; looking for them first is many times cheaper than the full pattern. */
const manyDigits = /\d{11}/;

const scrub = (value: unknown): unknown => {
  if (typeof value === 'string') return manyDigits.test(value) ? value.replace(personal, '[redacted]') : value;
  if (Array.isArray(value)) return value.map(scrub);
  if (value instanceof Error) return { name: value.name, message: scrub(value.message) };
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, scrub(inner)]));
  }
  return value;
};

export type LogSink = { write(line: string): void };

/** JSON lines by pino: one constant sentence and its fields, personal data redacted by name and by shape. */
export const createLogger = (service: string, level: string, sink: LogSink = pino.destination({ fd: 1, sync: false })): Logger => {
  const log = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => scrub(fields) as Record<string, unknown> },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    sink,
  );
  const at =
    (write: pino.LogFn) =>
    (sentence: string, fields: LogFields = {}) =>
      write.call(log, fields, sentence);
  return { debug: at(log.debug), info: at(log.info), warn: at(log.warn), error: at(log.error) };
};
