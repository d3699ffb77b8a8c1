import type { LogFields, Logger } from '@scenefi/kernel';
import pino from 'pino';

/** Fields that never reach a log, at whatever depth and in whatever case. */
const secretFields = new Set(
  'authorization body card classname data holdername idnumber password phone secret studentno token value'.split(' '),
);

/** What a line has of its own; a field of the same name stands beside it instead of doubling it. */
const ownFields = new Set(['level', 'time', 'service', 'message']);

/** Whatever looks like a bank card, an identity number or a mobile number inside a text. */
const card = String.raw`\d{16,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?`;
const identity = String.raw`\d{17}[\dXx]`;
const mobile = String.raw`(?:86)?[ -]?1[3-9]\d[ -]?\d{4}[ -]?\d{4}`;
const personal = new RegExp(`(?<!\\d)(?:${card}|${identity}|${mobile})(?!\\d)`, 'g');

const redacted = '[redacted]';
const depthMax = 8;

const scrub = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return value.replace(personal, redacted);
  if (value === null || typeof value !== 'object') return value;
  if (depth === depthMax) return '[too deep]';
  if (value instanceof Error) return { name: value.name, message: scrub(value.message) };
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  const fields = Object.entries(value).map(([name, field]) => [
    String(scrub(name)),
    secretFields.has(name.toLowerCase()) ? redacted : scrub(field, depth + 1),
  ]);
  return Object.fromEntries(fields);
};

const besideOwn = (fields: LogFields): LogFields =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [ownFields.has(name) ? `${name}_` : name, field]));

export type LogSink = { write(line: string): void };

/** JSON lines by pino: one constant sentence and its fields, personal data redacted by name and by shape. */
export const createLogger = (service: string, level: string, sink: LogSink = pino.destination({ fd: 1, sync: false })): Logger => {
  const log = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => scrub(besideOwn(fields)) as Record<string, unknown> },
    },
    sink,
  );
  const at =
    (write: pino.LogFn) =>
    (sentence: string, fields: LogFields = {}) =>
      write.call(log, fields, sentence);
  return { debug: at(log.debug), info: at(log.info), warn: at(log.warn), error: at(log.error) };
};
