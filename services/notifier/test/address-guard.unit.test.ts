import type { LookupAddress } from 'node:dns';
import { AppError } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { createAddressGuard, isPublicAddress, type Resolve } from '../src/address-guard.ts';

const resolveTo =
  (...addresses: string[]): Resolve =>
  (_name, done) =>
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const guardOf = (resolve?: Resolve) => createAddressGuard({ allowPrivate: false, ...(resolve && { resolve }) });

const reasonFor = (url: string): unknown => {
  try {
    guardOf().check(url);
  } catch (error) {
    return error instanceof AppError && error.code === 'NOTIFIER_ADDRESS_REFUSED' ? error.details.reason : error;
  }
  return undefined;
};

type Looked = { error: unknown; addresses: unknown };

const lookUp = (resolve: Resolve | undefined, name: string, options: { all?: boolean; family?: 4 | 6 } = { all: true }): Promise<Looked> =>
  new Promise((looked) => guardOf(resolve).lookup(name, options, (error, addresses) => looked({ error, addresses })));

const privateAddress = expect.objectContaining({ code: 'NOTIFIER_ADDRESS_REFUSED', details: { reason: 'private-address' } });

test.each([
  'https://127.0.0.1/hook',
  'https://2130706433/hook',
  'https://0x7f.1/hook',
  'https://017700000001/hook',
  'https://[::1]/hook',
  'https://[::ffff:127.0.0.1]/hook',
  'https://[::127.0.0.1]/hook',
  'https://169.254.169.254/latest/meta-data',
  'https://[::ffff:a9fe:a9fe]/latest/meta-data',
  'https://10.0.0.8/hook',
  'https://172.16.0.1/hook',
  'https://192.168.1.1/hook',
  'https://100.100.100.200/latest/meta-data',
  'https://0.0.0.0/hook',
  'https://255.255.255.255/hook',
  'https://224.0.0.1/hook',
  'https://[fc00::1]/hook',
  'https://[fe80::1]/hook',
  'https://[64:ff9b::7f00:1]/hook',
  'https://[64:ff9b:1::a00:1]/hook',
  'https://[2002:7f00:1::]/hook',
  'https://[2001::1]/hook',
])('%s is refused before anything is sent', (url) => expect(reasonFor(url)).toBe('private-address'));

test.each([
  ['http://school.example/hook', 'not-https'],
  ['ftp://school.example/hook', 'not-https'],
  ['file:///etc/passwd', 'not-https'],
  ['https://user@school.example/hook', 'credentials-in-url'],
  ['https://:secret@school.example/hook', 'credentials-in-url'],
  ['school.example/hook', 'not-a-url'],
])('%s is refused: %s', (url, reason) => expect(reasonFor(url)).toBe(reason));

test.each(['https://school.example/hook', 'https://8.8.8.8:8443/hook', 'https://[2606:4700::1111]/hook', 'https://[::ffff:8.8.8.8]/hook'])(
  '%s may be posted to',
  (url) => expect(reasonFor(url)).toBeUndefined(),
);

test('localhost is refused, whatever resolves it', async () => {
  expect(await lookUp(resolveTo('127.0.0.1', '::1'), 'localhost')).toMatchObject({ error: privateAddress });
  expect(await lookUp(undefined, 'localhost')).toMatchObject({ error: privateAddress });
});

test('a name is refused where any of its addresses is private, and else goes to the very addresses that were checked', async () => {
  expect(await lookUp(resolveTo('8.8.8.8', '10.0.0.8'), 'school.example')).toMatchObject({ error: privateAddress });
  expect(await lookUp(resolveTo('8.8.8.8', '::ffff:10.0.0.8'), 'school.example')).toMatchObject({ error: privateAddress });
  const both = resolveTo('8.8.8.8', '2606:4700::1111');
  const [four, six] = [
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  expect(await lookUp(both, 'school.example')).toEqual({ error: null, addresses: [four, six] });
  expect(await lookUp(both, 'school.example', {})).toEqual({ error: null, addresses: '8.8.8.8' });
  expect(await lookUp(both, 'school.example', { all: true, family: 6 })).toEqual({ error: null, addresses: [six] });
});

test('a name that resolves to nothing, or not at all, is an error', async () => {
  expect(await lookUp(resolveTo(), 'school.example')).toMatchObject({ error: { details: { reason: 'no-address' } } });
  const away: Resolve = (_name, done) => done(Object.assign(new Error('away'), { code: 'EAI_AGAIN' }), []);
  expect(await lookUp(away, 'school.example')).toMatchObject({ error: { code: 'EAI_AGAIN' } });
});

test('development may post to the machine itself, and still to nothing but http and https', () => {
  const guard = createAddressGuard({ allowPrivate: true });
  expect(guard.check('http://127.0.0.1:8080/hook').port).toBe('8080');
  expect(() => guard.check('ftp://127.0.0.1/hook')).toThrow(AppError);
});

test('what is no address at all is not public', () => {
  expect(isPublicAddress('school.example')).toBe(false);
});
