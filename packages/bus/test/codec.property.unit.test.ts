import type { EventAttributes, OutgoingEvent } from '@scenefi/engine';
import { Instant, instantOf } from '@scenefi/kernel';
import fc from 'fast-check';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { decodeMessage, encodeEvent } from '../src/codec.ts';

const place = { topic: 'campus.bill.v1', partition: 3 };

/** Whatever a Kafka header can hold: texts without half characters, since those are no UTF-8. */
const text = fc.string({ unit: 'binary', minLength: 1 });
const instant = fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((date) => instantOf(+date));

const event: fc.Arbitrary<OutgoingEvent> = fc.record(
  {
    id: text,
    source: text,
    type: text,
    time: instant,
    subject: text,
    sequence: text,
    correlationId: text,
    causationId: text,
    traceparent: text,
    partnerId: text,
    classification: fc.constantFrom('C1', 'C2'),
    value: fc.oneof(fc.uint8Array().map(Buffer.from), fc.constant(null)),
  },
  { requiredKeys: ['id', 'source', 'type', 'time', 'value'], noNullPrototype: true },
);

/** A record as kafkajs hands it out. */
const recordOf = (headers: IHeaders | undefined, more: Partial<Pick<KafkaMessage, 'value' | 'timestamp'>> = {}): KafkaMessage => ({
  key: Buffer.from('bill_x'),
  value: Buffer.from('{}'),
  timestamp: '1790000000123',
  offset: '42',
  attributes: 0,
  headers: headers!,
  ...more,
});

const asBuffers = (headers: Record<string, string>): IHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

test('whatever is encoded comes back as it was', () => {
  fc.assert(
    fc.property(event, (sent) => {
      const { value, headers } = encodeEvent(sent);
      const message = decodeMessage(recordOf(asBuffers(headers), { value: value as Buffer | null }), place);

      const { value: _value, ...attributes } = sent;
      expect(message.event).toEqual(attributes satisfies EventAttributes);
      expect(message.value).toEqual(sent.value);
    }),
    runs,
  );
});

const knownNames = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_dataclassification', '__proto__', 'constructor'];
const times = ['+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '0', '99999', '2026-02-30', '12', 'Tue Mar 01 22022'];
const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1.0', 'C1', 'C2', 'C3', ...times));
const bytes = fc.oneof(
  word,
  word.map((value) => Buffer.from(value)),
  fc.uint8Array().map(Buffer.from),
);
const anyHeaders = fc.oneof(
  fc.constant(undefined),
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...knownNames), fc.string()), fc.oneof(bytes, fc.array(bytes), fc.constant(undefined))))
    .chain((pairs) => fc.boolean().map((whole) => (whole ? [['ce_specversion', '1.0'], ...pairs] : pairs)))
    .map((pairs) => Object.fromEntries(pairs) as IHeaders),
  fc.record({
    ce_specversion: fc.constant('1.0'),
    ce_id: bytes,
    ce_source: bytes,
    ce_type: bytes,
    ce_time: fc.option(bytes, { nil: undefined }),
  }),
);
/** Kafka keeps a time of 64 bits as its producer wrote it, and -1 where there is none. */
const timestamp = fc.oneof(fc.constantFrom('-1', '0', '1790000000123'), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String));

test('whatever a stranger put into a record is told as a fault, or read with a time that sorts; nothing is thrown', () => {
  fc.assert(
    fc.property(anyHeaders, timestamp, (headers, at) => {
      const message = decodeMessage(recordOf(headers, { timestamp: at }), place);

      expect(message).toMatchObject({ ...place, offset: 42, key: 'bill_x', value: Buffer.from('{}') });
      if (message.event) expect(Instant.safeParse(message.event.time).success, message.event.time).toBe(true);
      else expect(message.fault).toMatch(/^ce_\w+ is /);
    }),
    { ...runs, numRuns: 1_000 },
  );
});
