import type { EventAttributes, Message, OutgoingEvent, Position } from '@scenefi/engine';
import { type DataClassification, Instant, instantOf } from '@scenefi/kernel';
import type { IHeaders, KafkaMessage } from 'kafkajs';

/** Attribute → header, CloudEvents 1.0 Kafka binding, binary mode; `traceparent` stands bare, as trace libraries expect it. */
const headerOf = {
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  subject: 'ce_subject',
  sequence: 'ce_sequence',
  correlationId: 'ce_correlationid',
  causationId: 'ce_causationid',
  traceparent: 'traceparent',
  partnerId: 'ce_partnerid',
  classification: 'ce_dataclassification',
} as const satisfies Record<keyof EventAttributes, string>;

const attributes = Object.entries(headerOf) as [keyof EventAttributes, string][];
const earliestMs = Date.parse('0000-01-01T00:00:00.000Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');
const levels: readonly string[] = ['C1', 'C2'] satisfies DataClassification[];

export type Encoded = { value: Buffer | string | null; headers: Record<string, string> };

/** An event as value and headers, all of them strings; a null value stays a tombstone. */
export const encodeEvent = (event: OutgoingEvent): Encoded => {
  const headers: Record<string, string> = { ce_specversion: '1.0', 'content-type': 'application/json' };
  for (const [attribute, header] of attributes) {
    const value = event[attribute];
    if (value !== undefined) headers[header] = String(value);
  }
  return { value: event.value, headers };
};

/** A stranger's record is kept in a document, and a name there cannot have a zero byte. */
const storable = (name: string): string => (name.includes('\0') ? name.replaceAll('\0', '\ufffd') : name);

/** Of a header that stands several times the first counts. */
const textOf = (value: IHeaders[string]): string | undefined => (Array.isArray(value) ? value[0] : value)?.toString();

const textHeaders = (headers: IHeaders): Record<string, string> => {
  const texts = Object.entries(headers).map(([name, value]) => [storable(name), textOf(value)]);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
};

/** When it happened: by the header, or where there is none by the record, whose 64 bits hold more than an instant can. */
const timeOf = (ceTime: string | undefined, timestampMs: number): Instant | undefined => {
  if (Instant.safeParse(ceTime).success) return ceTime as Instant;
  const ms = ceTime === undefined ? timestampMs : Date.parse(ceTime);
  return ms >= earliestMs && ms <= latestMs ? instantOf(ms) : undefined;
};

const attributesIn = (headers: IHeaders): NodeJS.Dict<string> => {
  const found: NodeJS.Dict<string> = {};
  for (const [attribute, header] of attributes) {
    const text = textOf(headers[header]);
    if (text !== undefined) found[attribute] = text;
  }
  return found;
};

const faultIn = (headers: IHeaders, found: NodeJS.Dict<string>): string | undefined => {
  if (textOf(headers.ce_specversion) !== '1.0') return 'ce_specversion is not 1.0';
  for (const name of ['id', 'source', 'type']) if (!found[name]) return `ce_${name} is missing`;
  // A reader that does not know how sensitive something is must not take it.
  if (found.classification !== undefined && !levels.includes(found.classification)) return 'ce_dataclassification is unknown';
  return found.time === undefined ? 'ce_time is no time' : undefined;
};

/** A record as a message. One that is no CloudEvent keeps its bytes and says what is wrong; nothing is thrown. */
export const decodeMessage = (record: KafkaMessage, position: Omit<Position, 'offset'>): Message => {
  const raw = record.headers ?? {};
  const timestampMs = Number(record.timestamp);
  const found = attributesIn(raw);
  found.time = timeOf(found.time, timestampMs);
  const fault = faultIn(raw, found);
  return {
    ...position,
    offset: Number(record.offset),
    key: record.key?.toString() ?? '',
    value: record.value,
    timestampMs,
    // Made for whoever keeps the message, and for nobody else.
    get headers() {
      return textHeaders(raw);
    },
    ...(fault ? { fault } : { event: found as EventAttributes }),
  };
};
