import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { type Decided, decodeRecent, encodeRecent } from '../src/recent.ts';

const hashBytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const code = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,63}$/);
const decided: fc.Arbitrary<Decided> = fc.record(
  { id: hashBytes, body: hashBytes, refused: code },
  { requiredKeys: ['id', 'body'], noNullPrototype: true },
);

test('whatever was decided comes back from its one binary, in order', () => {
  fc.assert(
    fc.property(fc.array(decided, { maxLength: 100 }), (recent) => {
      expect(decodeRecent(encodeRecent(recent))).toEqual(recent);
    }),
    runs,
  );
});

test('two histories are one after the other, so that the oldest can be cut off', () => {
  fc.assert(
    fc.property(fc.array(decided, { maxLength: 70 }), fc.array(decided, { maxLength: 70 }), (older, newer) => {
      const joined = Buffer.concat([encodeRecent(older), encodeRecent(newer)]);
      expect(decodeRecent(joined)).toEqual([...older, ...newer]);
      expect(decodeRecent(encodeRecent(decodeRecent(joined).slice(-64)))).toEqual([...older, ...newer].slice(-64));
    }),
    runs,
  );
});

test('bytes that are no history are read without an error or an endless loop', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(decodeRecent(Buffer.from(bytes)).length).toBeLessThanOrEqual(Math.ceil(bytes.length / 33));
    }),
    runs,
  );
});
