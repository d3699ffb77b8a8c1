import { createHmac } from 'node:crypto';
import { getJson, namespace } from '@scenefi/testing/engines';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { billId, customer, type Gateway, isReady, issuer, keys, linkTo, openGateway, paymentIdOf, tokenOf } from './gateway-under-test.ts';

let on: Gateway;
let url: string;

beforeAll(async () => {
  on = await openGateway(namespace('gateway-access'), { REQUESTS_PER_SECOND: '10' });
  url = on.gateway.url;
  await isReady(url);
});

afterAll(() => on.stop());

const get = (authorization: string | undefined, path = '/v1/bills') =>
  fetch(url + path, { headers: { ...(authorization !== undefined && { authorization }) } });

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const claims = { iss: issuer, aud: 'scenefi-app', sub: customer('someone'), iat: now, exp: now + 300 };

const unsigned = (): string => `${part({ alg: 'none', kid: 'key-1' })}.${part(claims)}.`;

/** The old trick: the public key, which everybody has, taken for a shared secret. */
const signedWithPublicKey = async (): Promise<string> => {
  const text = `${part({ alg: 'HS256', kid: 'key-1' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', await exportSPKI(keys.publicKey))
    .update(text)
    .digest('base64url')}`;
};

const signedBySomebody = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('EdDSA');
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: 'key-1' }).sign(privateKey);
};

const altered = async (): Promise<string> => {
  const [header, , signature] = (await tokenOf(customer('someone'))).split('.');
  return `${header}.${part({ ...claims, sub: customer('somebody-else') })}.${signature}`;
};

const bearer = async (token: string | Promise<string>): Promise<string> => `Bearer ${await token}`;

test.each<[what: string, authorization: () => Promise<string | undefined>]>([
  ['no header', async () => undefined],
  ['an empty header', async () => ''],
  ['another scheme', async () => `Basic ${await tokenOf(customer('someone'))}`],
  ['no token', async () => 'Bearer '],
  ['what is no token', async () => 'Bearer abc'],
  ['another issuer', () => bearer(tokenOf(customer('someone'), { iss: 'https://elsewhere.example' }))],
  ['another audience', () => bearer(tokenOf(customer('someone'), { aud: 'another-app' }))],
  ['a time that is over', () => bearer(tokenOf(customer('someone'), {}, '-1m'))],
  ['no subject', () => bearer(tokenOf(undefined))],
  ['a subject that is no customer', () => bearer(tokenOf('admin'))],
  ['no signature', () => bearer(unsigned())],
  ['the public key as a secret', () => bearer(signedWithPublicKey())],
  ['the key of somebody else', () => bearer(signedBySomebody())],
  ['claims that were altered', () => bearer(altered())],
  ['the token of our own services', async () => 'Bearer a-token-for-people-inside'],
])('a request with %s ends with 401', async (_what, authorization) => {
  const answer = await get(await authorization());
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await answer.json()).toMatchObject({ code: 'HTTP_UNAUTHORIZED' });
});

test('a right token is let in', async () => {
  expect((await get(await bearer(tokenOf(customer('someone'))))).status).toBe(200);
});

test.each([
  ['GET', '/v1/accounts'],
  ['GET', '/v1/linked-accounts'],
  ['POST', '/v1/linked-accounts'],
  ['DELETE', `/v1/linked-accounts/${linkTo('wang').linkId}`],
  ['GET', '/v1/bills'],
  ['GET', `/v1/bills/${billId('any')}`],
  ['POST', '/v1/payments'],
  ['GET', '/v1/payments'],
  ['GET', `/v1/payments/${paymentIdOf('any')}`],
  ['GET', '/v1/messages'],
  ['GET', '/internal/views'],
  ['POST', '/internal/views/rebuild'],
])('%s %s is closed without a token', async (method, path) => {
  expect((await fetch(url + path, { method })).status).toBe(401);
});

test('a customer does not come where operators go', async () => {
  expect((await getJson(on.gateway, '/internal/views', await tokenOf(customer('someone')))).status).toBe(401);
});

test('whoever asks too often is told to come later, and nobody else is', async () => {
  const eager = await bearer(tokenOf(customer('eager')));
  const answers = await Promise.all(Array.from({ length: 200 }, () => get(eager, '/v1/messages')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  const late = answers.find(({ status }) => status === 429);
  expect(late!.headers.get('retry-after')).toBe('2');
  expect((await get(await bearer(tokenOf(customer('calm'))))).status).toBe(200);
});

test('without the keys of the authorization server nobody is called a liar', async () => {
  await on.stop();
  on = await openGateway(namespace('gateway-no-keys'));
  url = on.gateway.url;
  await isReady(url);
  on.authorization.answers(() => ({ status: 500, body: {} }));
  const answer = await get(await bearer(tokenOf(customer('someone'))));
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'HTTP_UNAVAILABLE' }]);
});
