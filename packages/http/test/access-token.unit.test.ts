import { customerIds } from '@scenefi/contracts';
import Fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, errors, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireCustomer } from '../src/access-token.ts';
import { asAppError, sendProblem } from '../src/problems.ts';

const issuer = 'https://bank.test';
const audience = 'scenefi-app';
const customerId = customerIds.of('test', 'wang');
const own = await generateKeyPair('EdDSA', { extractable: true });
const elliptic = await generateKeyPair('ES256', { extractable: true });
const stranger = await generateKeyPair('EdDSA', { extractable: true });
const jwks = {
  keys: [
    { ...(await exportJWK(own.publicKey)), kid: 'ed', alg: 'EdDSA' },
    { ...(await exportJWK(elliptic.publicKey)), kid: 'ec', alg: 'ES256' },
  ],
};

let app: FastifyInstance;

const open = (keys: Parameters<typeof requireCustomer>[0]['keys'] = createLocalJWKSet(jwks)): FastifyInstance => {
  const opened = Fastify();
  opened.setErrorHandler((error, _request, reply) => sendProblem(reply, asAppError(error)));
  opened.addHook('onRequest', requireCustomer({ keys, issuer, audience }));
  opened.get('/me', async (request) => request.customer);
  return opened;
};

beforeEach(() => {
  app = open();
});
afterEach(() => app.close());

type Key = typeof own.privateKey | Uint8Array;
type Change = { claims?: JWTPayload; key?: Key; header?: { alg: string; kid?: string } };

const now = Math.floor(Date.now() / 1000);
const token = ({ claims = {}, key = own.privateKey, header = { alg: 'EdDSA', kid: 'ed' } }: Change = {}): Promise<string> =>
  new SignJWT({ sub: customerId, iss: issuer, aud: audience, exp: now + 600, ...claims }).setProtectedHeader(header).sign(key);

const me = (authorization?: string) => app.inject({ url: '/me', ...(authorization !== undefined && { headers: { authorization } }) });

test('a token of the bank names the customer, by either kind of key', async () => {
  expect((await me(`Bearer ${await token()}`)).json()).toEqual({ customerId, stepUp: false });
  const byElliptic = await token({ key: elliptic.privateKey, header: { alg: 'ES256', kid: 'ec' } });
  expect((await me(`Bearer ${byElliptic}`)).statusCode).toBe(200);
});

test('a customer who proved himself once more is told apart', async () => {
  expect((await me(`Bearer ${await token({ claims: { acr: 'step-up' } })}`)).json().stepUp).toBe(true);
});

const publicBytes = new TextEncoder().encode(JSON.stringify(jwks.keys[0]));
const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const unsigned = `${encoded({ alg: 'none' })}.${encoded({ sub: customerId, iss: issuer, aud: audience, exp: now + 600 })}.`;

test.each([
  ['none at all', async () => undefined],
  ['another scheme', async () => 'Basic abc'],
  ['no token', async () => 'Bearer '],
  ['a wrong issuer', async () => `Bearer ${await token({ claims: { iss: 'https://other.test' } })}`],
  ['another audience', async () => `Bearer ${await token({ claims: { aud: 'other-app' } })}`],
  ['an old one', async () => `Bearer ${await token({ claims: { exp: now - 60 } })}`],
  ['one that never ends', async () => `Bearer ${await token({ claims: { exp: undefined } as never })}`],
  ['one for nobody', async () => `Bearer ${await token({ claims: { sub: undefined } as never })}`],
  ['a subject that is no customer', async () => `Bearer ${await token({ claims: { sub: 'admin' } })}`],
  ['a key of a stranger', async () => `Bearer ${await token({ key: stranger.privateKey })}`],
  ['the public key as a secret', async () => `Bearer ${await token({ key: publicBytes, header: { alg: 'HS256', kid: 'ed' } })}`],
  ['no signature', async () => `Bearer ${unsigned}`],
])('a request with %s is answered 401 and told nothing else', async (_what, authorization) => {
  const answer = await me(await authorization());
  expect([answer.statusCode, answer.json().code, answer.headers['www-authenticate']]).toEqual([401, 'HTTP_UNAUTHORIZED', 'Bearer']);
});

test('keys that cannot be had are our trouble: 503, and the token stays unjudged', async () => {
  await app.close();
  app = open(async () => {
    throw new errors.JWKSTimeout();
  });
  expect((await me(`Bearer ${await token()}`)).statusCode).toBe(503);
  await app.close();
  app = open(async () => {
    throw new TypeError('fetch failed');
  });
  expect((await me(`Bearer ${await token()}`)).statusCode).toBe(503);
});
