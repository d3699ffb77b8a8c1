import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customerIds } from '@scenefi/contracts';
import { testRandom } from '@scenefi/testing/scenario';
import { createRemoteJWKSet, type JWTVerifyOptions, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSeed } from '../../src/app/seed.ts';
import { type WorldUnderTest, worldUnderTest } from '../world-under-test.ts';

let world: WorldUnderTest;
beforeAll(async () => {
  world = await worldUnderTest();
});
afterAll(() => world.close());

const verify = (token: string, more: JWTVerifyOptions = {}) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${world.url()}/.well-known/jwks.json`)), {
    issuer: 'http://127.0.0.1:8799',
    audience: 'scenefi-app',
    algorithms: ['EdDSA'],
    currentDate: new Date(world.clock.now()),
    ...more,
  });

test('a token tells who the customer is and is verified by the published keys', async () => {
  const { token, customerId, expiresInS } = await world.signIn('anna');
  const { payload } = await verify(token);
  expect([customerId, expiresInS]).toEqual([customerIds.of('sandbox', 'anna'), 3_600]);
  expect(payload).toMatchObject({ sub: customerId, iss: 'http://127.0.0.1:8799', aud: 'scenefi-app' });
  expect(payload.exp! - payload.iat!).toBe(3_600);
  expect(payload).not.toHaveProperty('acr');
});

test('a second proof stands in the token only when it was asked for', async () => {
  expect((await verify((await world.signIn('anna', true)).token)).payload.acr).toBe('step-up');
  expect((await verify((await world.signIn('anna', false)).token)).payload).not.toHaveProperty('acr');
});

test('a token ends after an hour, and an altered one never counts', async () => {
  const { token } = await world.signIn('anna');
  const later = new Date(world.clock.now() + 3_601_000);
  await expect(verify(token, { currentDate: later })).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
  const [header, , signature] = token.split('.');
  const [, other] = (await world.signIn('ben')).token.split('.');
  await expect(verify(`${header}.${other}.${signature}`)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
});

test('tokens outlive a restart, and so do the accounts that the first one opened', async () => {
  const { token, customerId } = await world.signIn('carl');
  await world.restart();
  expect((await verify(token)).payload.sub).toBe(customerId);
  const { body } = await world.askBank('GET', `/accounts?customerId=${customerId}`);
  expect((body as { accounts: unknown[] }).accounts).toHaveLength(13);
});

test('the published keys hold nothing private', async () => {
  const { body } = await world.ask('/.well-known/jwks.json');
  const { keys } = body as { keys: object[] };
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']]);
});

test('a user without a name is refused', async () => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"user":""}' };
  expect(await world.ask('/tokens', init)).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } });
});

test('a seed is made once, for its owner only, and a file that holds something else stops the start', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'seed-')), 'seed');
  const made = await readSeed(file, testRandom(1));
  expect(await readSeed(file, testRandom(2))).toEqual(made);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  await writeFile(file, 'something else');
  await expect(readSeed(file, testRandom(3))).rejects.toThrow('the seed file cannot be used');
  expect(await readSeed(undefined, testRandom(4))).toHaveLength(32);
});
