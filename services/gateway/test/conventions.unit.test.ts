import { expect, test } from 'vitest';
import { Cursor, cursorOf, idempotencyKeyOf, type Place, pageOf } from '../src/conventions.ts';
import { at, paymentId } from './view-words.ts';

const place: Place = { at, id: `${paymentId}:12` };

test('a cursor leads back to its place', () => {
  expect(Cursor.parse(cursorOf(place))).toEqual(place);
});

test.each([
  ['an empty text', ''],
  ['no base64url', '%%%'],
  ['another text', Buffer.from('somewhere').toString('base64url')],
  ['no time', Buffer.from(`yesterday~${paymentId}`).toString('base64url')],
  ['no id', Buffer.from(`${at}~`).toString('base64url')],
  ['a query in the id', Buffer.from(`${at}~{"$gt":""}`).toString('base64url')],
  ['two places', Buffer.from(`${at}~a~b`).toString('base64url')],
  ['too much', 'A'.repeat(201)],
])('%s is no cursor', (_what, cursor) => {
  expect(Cursor.safeParse(cursor).success).toBe(false);
});

test('one item more than asked for means another page', () => {
  const placed = (id: string): Place => ({ at, id });
  expect(pageOf(['a', 'b', 'c'], 2, placed)).toEqual({ items: ['a', 'b'], next: cursorOf(placed('b')) });
  expect(pageOf(['a', 'b'], 2, placed)).toEqual({ items: ['a', 'b'], next: null });
  expect(pageOf([], 2, placed)).toEqual({ items: [], next: null });
});

test('a command without a key of 1 to 64 visible characters is refused', () => {
  const refused = expect.objectContaining({ code: 'HTTP_IDEMPOTENCY_KEY_MISSING', status: 400 });
  for (const key of [undefined, '', ' ', 'a b', 'x'.repeat(65), '键'])
    expect(() => idempotencyKeyOf({ ...(key !== undefined && { 'idempotency-key': key }) })).toThrow(refused);
  expect(idempotencyKeyOf({ 'idempotency-key': 'x'.repeat(64) })).toBe('x'.repeat(64));
});
