import { createSecretKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { canonicalJson, defineId, keyedHash } from '../src/index.ts';

const key = createSecretKey(Buffer.alloc(32, 5));
const billIds = defineId('bill');
const otherIds = defineId('bil');

/** Parts that imitate what stands between parts: lengths, colons, digits. */
const part = fc.oneof(fc.stringMatching(/^[0-9:a]{0,6}$/), fc.string({ unit: 'binary' }), fc.constantFrom('', '1:', '4:bill'));
const parts = fc.array(part, { maxLength: 4 });

test('other parts are another id, however they are cut', () => {
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      const same = isDeepStrictEqual(left, right);
      expect(billIds.of(...left) === billIds.of(...right)).toBe(same);
      expect(billIds.keyed(key, ...left) === billIds.keyed(key, ...right)).toBe(same);
      expect(keyedHash(key, ...left) === keyedHash(key, ...right)).toBe(same);
    }),
    { ...runs, numRuns: 1_000 },
  );
});

test('the same text cut at other places is another id', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9:a]{2,8}$/), fc.nat(), fc.nat(), (text, one, other) => {
      const cut = (at: number): string[] => [text.slice(0, at % (text.length + 1)), text.slice(at % (text.length + 1))];
      expect(billIds.of(...cut(one)) === billIds.of(...cut(other))).toBe(isDeepStrictEqual(cut(one), cut(other)));
      expect(billIds.of(text)).not.toBe(billIds.of(text, ''));
    }),
    runs,
  );
});

test('every id is its own kind and keeps to its schema', () => {
  fc.assert(
    fc.property(parts, (given) => {
      for (const id of [billIds.of(...given), billIds.keyed(key, ...given)]) {
        expect(billIds.schema.safeParse(id).success).toBe(true);
        expect(otherIds.schema.safeParse(id).success).toBe(false);
      }
      expect(billIds.of(...given).slice(5)).not.toBe(otherIds.of(...given).slice(4));
      expect(billIds.of(...given)).not.toBe(billIds.keyed(key, ...given));
    }),
    runs,
  );
});

test('canonical JSON is the same for the same data in any order, and reads back as the data', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, field]) => [name, shuffled(field)] as const)
        .toReversed(),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data = JSON.parse(JSON.stringify(value)) as unknown;
      expect(JSON.parse(canonicalJson(data))).toEqual(data);
      expect(canonicalJson(shuffled(data))).toBe(canonicalJson(data));
    }),
    runs,
  );
});
