import type { OutgoingEvent } from '@scenefi/engine';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { decodeMessage, encodeEvent } from '../src/codec.ts';

const event: OutgoingEvent = {
  id: 'bill_x:7',
  source: '/scenefi/campus',
  type: 'cn.scenefi.campus.bill.billed.v1',
  time: '2026-01-02T03:04:05.006Z',
  subject: 'bill_x',
  sequence: '0000000007',
  correlationId: 'school:msg_1',
  causationId: 'school:msg_1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  partnerId: 'school',
  classification: 'C2',
  value: '{"billNo":"学-1"}',
};

const place = { topic: 'campus.bill.v1', partition: 3 };

/** A record as kafkajs hands it out: headers are buffers, numbers are texts. */
const record = (headers: IHeaders | undefined, more: object = {}): KafkaMessage => ({
  key: Buffer.from('bill_x'),
  value: Buffer.from('{}'),
  timestamp: '1790000000123',
  offset: '42',
  attributes: 0,
  headers: headers!,
  ...more,
});

const asBuffers = (headers: Record<string, string>): IHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));

const least = { ce_specversion: '1.0', ce_id: 'a:1', ce_source: '/x', ce_type: 't' };

test('what is encoded comes back as it was', () => {
  const { value, headers } = encodeEvent(event);
  const message = decodeMessage(record(asBuffers(headers), { value: Buffer.from(value as string) }), place);

  const { value: _value, ...attributes } = event;
  expect(message).toEqual({
    ...place,
    offset: 42,
    key: 'bill_x',
    value: Buffer.from('{"billNo":"学-1"}'),
    timestampMs: 1_790_000_000_123,
    headers,
    event: attributes,
  });
});

test('the headers are those of CloudEvents 1.0 in binary mode; the trace stands bare', () => {
  expect(encodeEvent(event).headers).toEqual({
    ce_specversion: '1.0',
    'content-type': 'application/json',
    ce_id: 'bill_x:7',
    ce_source: '/scenefi/campus',
    ce_type: 'cn.scenefi.campus.bill.billed.v1',
    ce_time: '2026-01-02T03:04:05.006Z',
    ce_subject: 'bill_x',
    ce_sequence: '0000000007',
    ce_correlationid: 'school:msg_1',
    ce_causationid: 'school:msg_1',
    ce_partnerid: 'school',
    ce_dataclassification: 'C2',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
});

test('what is left out has no header, and every header is a text', () => {
  const { headers } = encodeEvent({
    id: 'a:1',
    source: '/x',
    type: 't',
    time: '2026-01-02T03:04:05.006Z',
    value: '{}',
    sequence: 7 as never,
  });

  expect(Object.keys(headers)).toEqual(['ce_specversion', 'content-type', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_sequence']);
  expect(headers.ce_sequence).toBe('7');
});

test('bytes pass as they are, and a tombstone stays one', () => {
  const bytes = Buffer.from([0xff, 0x00, 0x7b]);

  expect(encodeEvent({ ...event, value: bytes }).value).toBe(bytes);
  expect(encodeEvent({ ...event, value: null }).value).toBeNull();
  expect(decodeMessage(record(least, { value: null }), place)).toMatchObject({ value: null, event: { id: 'a:1' } });
});

test.each([
  ['no headers at all', undefined, 'ce_specversion is not 1.0'],
  ['another version', { ...least, ce_specversion: '0.3' }, 'ce_specversion is not 1.0'],
  ['no id', { ...least, ce_id: undefined }, 'ce_id is missing'],
  ['an empty id', { ...least, ce_id: '' }, 'ce_id is missing'],
  ['no source', { ...least, ce_source: undefined }, 'ce_source is missing'],
  ['no type', { ...least, ce_type: undefined }, 'ce_type is missing'],
  ['a time that is none', { ...least, ce_time: 'yesterday' }, 'ce_time is no time'],
  ['a class of data that we do not know', { ...least, ce_dataclassification: 'C3' }, 'ce_dataclassification is unknown'],
])('a record with %s says what is wrong and keeps its bytes', (_title, headers, fault) => {
  const message = decodeMessage(record(headers as IHeaders | undefined), place);

  expect(message).toMatchObject({ ...place, offset: 42, key: 'bill_x', value: Buffer.from('{}'), fault });
  expect(message.event).toBeUndefined();
});

test('headers that we do not know are kept, and nothing is made of them', () => {
  const message = decodeMessage(record({ ...least, ce_mood: 'new', other: 'x' }), place);

  expect(message.headers).toMatchObject({ ce_mood: 'new', other: 'x' });
  expect(Object.keys(message.event ?? {})).toEqual(['id', 'source', 'type', 'time']);
});

test('of a header that stands several times the first counts', () => {
  const message = decodeMessage(record({ ...least, ce_id: [Buffer.from('first'), 'second'], ce_subject: [] }), place);

  expect(message.event).toMatchObject({ id: 'first' });
  expect(message.event).not.toHaveProperty('subject');
});

test.each([
  ['an offset', '2026-01-02T11:04:05+08:00', '2026-01-02T03:04:05.000Z'],
  ['microseconds', '2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123Z'],
  ['no milliseconds', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['nothing at all', undefined, new Date(1_790_000_000_123).toISOString()],
])('a time with %s is read as an instant of ours', (_title, ce_time, time) => {
  const headers = { ...least, ...(ce_time && { ce_time }) };

  expect(decodeMessage(record(headers), place).event).toMatchObject({ time });
});

test('a zero byte in the name of a header, which no document can keep, is replaced', () => {
  expect(decodeMessage(record({ 'a\0b': 'x' }), place).headers).toEqual({ 'a\ufffdb': 'x' });
});

test('a record without a key has an empty one', () => {
  expect(decodeMessage(record(least, { key: null }), place).key).toBe('');
});

test.each([
  ['names', { '': 'x', __proto__: 'x', constructor: 'x', 'a.b': 'x', $set: 'x' }],
  ['bytes', { ...least, ce_id: Buffer.from([0xff, 0xfe]), ce_time: Buffer.from([0]) }],
  ['nothing in them', { ce_id: undefined, ce_type: [] }],
])('strange headers never throw: %s', (_title, headers) => {
  expect(decodeMessage(record(headers as IHeaders), place)).toMatchObject({ offset: 42, fault: expect.any(String) });
});
