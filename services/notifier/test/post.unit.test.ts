import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { formatSecret } from '@scenefi/http';
import { type Clock, instantOf } from '@scenefi/kernel';
import { testClock } from '@scenefi/testing/scenario';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAddressGuard } from '../src/address-guard.ts';
import { createPost } from '../src/post.ts';
import { type LocalPartner, openLocalPartner, withStatus } from './local-partner.ts';

const timeoutMs = 10_000;
const secret = Buffer.alloc(32, 7);
const deliveryId = `dlv_${'a'.repeat(26)}`;
const body = JSON.stringify({ type: 'payment.debited', timestamp: '2026-09-01T10:00:00.000+08:00', data: { billNo: 'B-1' } });

const open = ({ allowPrivate = true, at = '2026-09-01T02:00:00.000Z' as const, resolvesTo = '127.0.0.1' } = {}) => {
  const clock = testClock(at);
  const guard = createAddressGuard({ allowPrivate, resolve: (_name, done) => done(null, [{ address: resolvesTo, family: 4 }]) });
  const post = createPost({ guard, clock, timeoutMs });
  return { clock, post: (url: string) => post({ url, key: createSecretKey(secret), deliveryId, body }) };
};

let partner: LocalPartner;
beforeAll(async () => {
  partner = await openLocalPartner();
});
beforeEach(() => {
  partner.answer(withStatus(200));
  partner.arrived.length = 0;
});
afterAll(() => partner.close());

test('a webhook is one that the library of Standard Webhooks verifies', async () => {
  const clock = testClock('2026-09-01T02:00:00.000Z');
  clock.set(instantOf(performance.timeOrigin + performance.now()));
  const post = createPost({ guard: createAddressGuard({ allowPrivate: true }), clock, timeoutMs });
  const posted = await post({ url: partner.url, key: createSecretKey(secret), deliveryId, body });
  expect(posted).toMatchObject({ status: 200, answer: 'thanks' });
  const [{ headers, body: came }] = partner.arrived as [LocalPartner['arrived'][number]];
  expect(headers).toMatchObject({ 'webhook-id': deliveryId, 'content-type': 'application/json' });
  const verified = new Webhook(formatSecret(secret)).verify(came, headers as Record<string, string>);
  expect(verified).toEqual(JSON.parse(body));
  expect(() => new Webhook(formatSecret(Buffer.alloc(32, 8))).verify(came, headers as Record<string, string>)).toThrow();
});

test.each([400, 410, 500, 503])('a status of %i is what it is', async (status) => {
  partner.answer(withStatus(status));
  expect(await open().post(partner.url)).toMatchObject({ status });
});

test.each([301, 302, 307, 308])('a redirect with %i is not followed', async (status) => {
  partner.answer(withStatus(status, { location: partner.url }));
  expect(await open().post(partner.url)).toMatchObject({ status });
  expect(partner.arrived).toHaveLength(1);
});

test.each([
  ['120', 429, 120_000],
  ['Tue, 01 Sep 2026 02:01:00 GMT', 503, 60_000],
  ['Tue, 01 Sep 2026 01:00:00 GMT', 503, undefined],
  ['soon', 503, undefined],
  ['120', 500, undefined],
])('Retry-After: %s with %i means %s ms', async (header, status, retryAfterMs) => {
  partner.answer(withStatus(status, { 'retry-after': header }));
  const posted = await open().post(partner.url);
  expect(posted.retryAfterMs).toBe(retryAfterMs);
});

test('of a huge answer only the beginning is read, and the connection is cut', async () => {
  let cut: Promise<unknown> | undefined;
  partner.answer((_arrived, response) => {
    cut = once(response, 'close');
    const more = (): void => {
      while (response.write('x'.repeat(64 * 1024)));
      response.once('drain', more);
    };
    response.writeHead(200);
    more();
  });
  expect(await open().post(partner.url)).toMatchObject({ status: 200, answer: 'x'.repeat(200) });
  await cut;
});

test('an answer is kept as one line of at most two hundred characters', async () => {
  partner.answer((_arrived, response) => void response.writeHead(400).end(`错误\n\u0000\u001b[31m ${'学'.repeat(500)}`));
  const { answer } = await open().post(partner.url);
  expect(answer).toMatch(/^错误 \[31m 学+$/);
  expect([...answer]).toHaveLength(200);
});

/** Resolves once the partner has heard the request, which it answers as told. */
const heard = (answering: (response: Parameters<Parameters<LocalPartner['answer']>[0]>[1]) => void): Promise<void> =>
  new Promise((resolve) => {
    partner.answer((_arrived, response) => {
      answering(response);
      resolve();
    });
  });

test('a partner that does not answer in time is given up', async () => {
  const { clock, post } = open();
  const arrived = heard(() => undefined);
  const posted = post(partner.url);
  await arrived;
  await clock.advance(timeoutMs);
  expect(await posted).toEqual({ at: '2026-09-01T02:00:00.000Z', tookMs: timeoutMs, status: 'timeout', answer: '' });
});

test('a partner that says 200 and then trickles has taken it, and holds nobody up', async () => {
  const clock: Clock = {
    now: () => performance.now(),
    after: (delayMs, run) => {
      const signal = AbortSignal.timeout(delayMs);
      signal.addEventListener('abort', run);
      return () => signal.removeEventListener('abort', run);
    },
  };
  const post = createPost({ guard: createAddressGuard({ allowPrivate: true }), clock, timeoutMs: 2_000 });
  partner.answer((_arrived, response) => void response.writeHead(200).write('well'));
  expect(await post({ url: partner.url, key: createSecretKey(secret), deliveryId, body })).toMatchObject({ status: 200, answer: 'well' });
});

test('a server that is not there, or hangs up, is unreachable', async () => {
  const { post } = open();
  const gone = await openLocalPartner();
  await gone.close();
  expect(await post(gone.url)).toMatchObject({ status: 'unreachable', answer: 'ECONNREFUSED' });
  partner.answer((_arrived, response) => void response.socket?.destroy());
  expect(await post(partner.url)).toMatchObject({ status: 'unreachable' });
});

test('a name that resolves to a private address is refused when the connection is made, and nothing arrives', async () => {
  const { port } = new URL(partner.url);
  const posted = await open({ allowPrivate: false }).post(`https://school.example:${port}/hooks`);
  expect(posted).toMatchObject({ status: 'address-refused', answer: 'private-address' });
  expect(await open({ allowPrivate: false }).post(partner.url)).toMatchObject({ status: 'address-refused', answer: 'not-https' });
  expect(partner.arrived).toEqual([]);
});

test('the connection of a name goes to the address that was checked', async () => {
  const { port } = new URL(partner.url);
  expect(await open().post(`http://school.example:${port}/hooks`)).toMatchObject({ status: 200 });
  expect(partner.arrived[0]?.headers.host).toBe(`school.example:${port}`);
});
