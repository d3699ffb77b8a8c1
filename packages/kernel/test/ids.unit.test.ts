import { createHash, createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson, defineId, keyedHash, shortHash } from '../src/ids.ts';

const bills = defineId('bill');
const payments = defineId('pay');
const key = createSecretKey(Buffer.alloc(32, 1));

test('an id is its kind and 26 characters, always the same for the same natural key', () => {
  expect(bills.of('school', 'B-1')).toMatch(/^bill_[a-z2-7]{26}$/);
  expect(bills.of('school', 'B-1')).toBe(bills.of('school', 'B-1'));
});

test('an id never changes its form: topics and documents are keyed by it for ever', () => {
  expect(bills.of('no-1-school', 'B-2026-0001')).toBe('bill_o5bgwzcufnmqwvi4pjswkicory');
  expect(bills.keyed(key, 'no-1-school', 'S20260001')).toBe('bill_qgibv62nkpqn3zykpqsd6kpzr2');
  expect(keyedHash(key, '王小明')).toBe('zf7qtnf4lihgiu2wfdkjkle7zm');
});

test.each([
  ['where one part ends and the next begins', ['ab', 'c'], ['a', 'bc']],
  ['parts that look like a length', ['1:a', 'b'], ['1', 'a1:b']],
  ['empty parts', ['', 'a'], ['a', '']],
  ['a missing part', ['a'], ['a', '']],
  ['order', ['a', 'b'], ['b', 'a']],
  ['characters beyond ASCII', ['学', '校'], ['学校', '']],
])('two natural keys that differ in %s have different ids', (_title, left, right) => {
  expect(bills.of(...left)).not.toBe(bills.of(...right));
  expect(bills.keyed(key, ...left)).not.toBe(bills.keyed(key, ...right));
  expect(keyedHash(key, ...left)).not.toBe(keyedHash(key, ...right));
});

test('kinds never collide, not even behind their prefix', () => {
  expect(bills.of('a').slice('bill_'.length)).not.toBe(payments.of('a').slice('pay_'.length));
});

test('a keyed id cannot be made without the key', () => {
  const others = [bills.of('S20260001'), bills.keyed(createSecretKey(Buffer.alloc(32, 2)), 'S20260001')];

  expect(others).not.toContain(bills.keyed(key, 'S20260001'));
});

test('the schema takes ids of its kind only', () => {
  expect(bills.schema.safeParse(bills.of('a')).success).toBe(true);
  for (const other of [payments.of('a'), 'bill_', `${bills.of('a')}x`, bills.of('a').toUpperCase(), ` ${bills.of('a')}`, 7]) {
    expect(bills.schema.safeParse(other).success, String(other)).toBe(false);
  }
});

test('a short hash is the beginning of a SHA-256, of text and of bytes alike', () => {
  expect(shortHash('学校')).toEqual(createHash('sha256').update('学校').digest().subarray(0, 16));
  expect(shortHash(Buffer.from('学校'))).toEqual(shortHash('学校'));
});

test('canonical JSON is the same for the same data, in whatever order its fields stand', () => {
  const left = { b: [1, { z: null, y: 'x' }], a: { d: true, c: 'é"\n' } };
  const right = { a: { c: 'é"\n', d: true }, b: [1, { y: 'x', z: null }] };

  expect(canonicalJson(left)).toBe(canonicalJson(right));
  expect(canonicalJson(left)).toBe('{"a":{"c":"é\\"\\n","d":true},"b":[1,{"y":"x","z":null}]}');
  expect(JSON.parse(canonicalJson(left))).toEqual(left);
});

test('canonical JSON keeps the order of lists and leaves out what is undefined', () => {
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
  expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  expect(canonicalJson({ 10: 'a', 9: 'b' })).toBe('{"10":"a","9":"b"}');
});
