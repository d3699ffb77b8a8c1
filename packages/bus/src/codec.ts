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

const textHeaders = (headers: IHeaders = {}): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) texts[storable(name)] = first.toString();
  }
  return texts;
};

/** When it happened: by the header, or where there is none by the record, whose 64 bits hold more than an instant can. */
const timeOf = (ceTime: string | undefined, timestampMs: number): Instant | undefined => {
  if (Instant.safeParse(ceTime).success) return ceTime as Instant;
  const ms = ceTime === undefined ? timestampMs : Date.parse(ceTime);
  return ms >= earliestMs && ms <= latestMs ? instantOf(ms) : undefined;
};

const faultIn = (headers: Record<string, string>): string | undefined => {
  if (headers.ce_specversion !== '1.0') return 'ce_specversion is not 1.0';
  for (const name of ['ce_id', 'ce_source', 'ce_type']) if (!headers[name]) return `${name} is missing`;
  const level = headers.ce_dataclassification;
  // A reader that does not know how sensitive something is must not take it.
  return level === undefined || levels.includes(level) ? undefined : 'ce_dataclassification is unknown';
};

/** A record as a message. One that is no CloudEvent keeps its bytes and says what is wrong; nothing is thrown. */
export const decodeMessage = (record: KafkaMessage, position: Omit<Position, 'offset'>): Message => {
  const headers = textHeaders(record.headers);
  const timestampMs = Number(record.timestamp);
  const base = {
    ...position,
    offset: Number(record.offset),
    key: record.key?.toString() ?? '',
    value: record.value,
    timestampMs,
    headers,
  };
  const time = timeOf(headers.ce_time, timestampMs);
  const fault = faultIn(headers) ?? (time ? undefined : 'ce_time is no time');
  if (fault) return { ...base, fault };
  const event: Record<string, string> = {};
  for (const [attribute, header] of attributes) if (headers[header] !== undefined) event[attribute] = headers[header];
  event.time = time!;
  return { ...base, event: event as EventAttributes };
};
