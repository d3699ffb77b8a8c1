import { randomBytes } from 'node:crypto';
import type { Random } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { openSecret, sealSecret } from '../src/index.ts';

const random: Random = { number: () => 0.5, bytes: randomBytes };
const key = Buffer.alloc(32, 1);
const owner = { partnerId: 'no-1-school', keyId: 'k1' };
const secret = Buffer.from('a secret of more than 24 bytes');
const sealed = sealSecret(key, owner, secret, random);

test('a sealed secret opens with its key for its owner', () => expect(openSecret(key, owner, sealed)).toEqual(secret));

test('the same secret is sealed differently each time', () => expect(sealSecret(key, owner, secret, random)).not.toBe(sealed));

test('a sealed secret does not show its bytes', () => expect(Buffer.from(sealed, 'base64').includes(secret)).toBe(false));

test.each([
  ['with another key', Buffer.alloc(32, 2), owner],
  ['for another partner', key, { ...owner, partnerId: 'no-2-school' }],
  ['for another key id', key, { ...owner, keyId: 'k2' }],
  ['for an owner whose names are cut elsewhere', key, { partnerId: 'no-1-schoo', keyId: 'lk1' }],
])('it does not open %s', (_title, otherKey, otherOwner) => {
  expect(() => openSecret(otherKey, otherOwner, sealed)).toThrow('does not open');
});

test('it does not open when any one byte was changed', () => {
  const bytes = Buffer.from(sealed, 'base64');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    expect(() => openSecret(key, owner, changed.toString('base64')), `byte ${at}`).toThrow('does not open');
  }
});

test.each(['', 'AAAA', sealed.slice(0, 24)])('%j is no sealed secret', (text) =>
  expect(() => openSecret(key, owner, text)).toThrow('does not open'),
);

test('a tag that is cut short is not accepted', () => {
  const bytes = Buffer.from(sealed, 'base64');
  expect(() => openSecret(key, owner, bytes.subarray(0, 16).toString('base64'))).toThrow('does not open');
});
