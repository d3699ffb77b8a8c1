import { createHmac, hash, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** An id of ours: its kind, an underscore and 26 base32 characters of a hash over the natural key. */
export type Id<Kind extends string> = `${Kind}_${string}`;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

const base32 = (bytes: Buffer, length: number): string => {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < length) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
  }
  return text;
};

/** Lengths stand before the parts, so that ("ab","c") and ("a","bc") never meet. */
const naturalKey = (kind: string, parts: readonly string[]): string => [kind, ...parts].map((part) => `${part.length}:${part}`).join('');

/**
 * One kind of id. `of` hashes a natural key whose parts anybody may know (partner first);
 * `keyed` is for things of persons (accounts, plates), whose plain hash could be enumerated.
 */
export const defineId = <Kind extends string>(kind: Kind) => ({
  schema: z.templateLiteral([`${kind}_`, z.string().regex(/^[a-z2-7]{26}$/)]),
  of: (...parts: string[]): Id<Kind> => `${kind}_${base32(hash('sha256', naturalKey(kind, parts), 'buffer'), 26)}`,
  keyed: (key: KeyObject, ...parts: string[]): Id<Kind> =>
    `${kind}_${base32(createHmac('sha256', key).update(naturalKey(kind, parts)).digest(), 26)}`,
});

/**
 * A keyed hash that tells whether two clear values are the same, without telling the value: 26 base32 characters.
 * The key is a KeyObject, since its bytes would be prepared anew in every call, at five times the cost.
 */
export const keyedHash = (key: KeyObject, ...parts: string[]): string =>
  base32(createHmac('sha256', key).update(naturalKey('hash', parts)).digest(), 26);

/** JSON with sorted keys: two texts of the same data have the same bytes. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
};

/** The first 16 bytes of a SHA-256: enough to tell message ids and bodies apart. */
export const shortHash = (text: string | Buffer): Buffer => hash('sha256', text, 'buffer').subarray(0, 16);
