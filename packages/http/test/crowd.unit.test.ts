import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limitCrowd } from '../src/crowd.ts';

let app: FastifyInstance;
let url: string;
/** Lets the callers inside go, the first one first. */
let ends: (() => void)[];
let gone: () => void;
let onInside: () => void;

beforeEach(async () => {
  ends = [];
  app = Fastify();
  limitCrowd(app, 2);
  app.get('/slow', (_request, reply) => {
    reply.raw.once('close', () => gone());
    return new Promise((resolve) => {
      ends.push(() => resolve({ done: true }));
      onInside();
    });
  });
  app.get('/health/live', async () => ({ status: 'live' }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  gone = () => undefined;
});
afterEach(async () => {
  for (const end of ends) end();
  await app.close();
});

/** A caller that is inside, and what it will be answered. */
const enter = async () => {
  const inside = new Promise<void>((resolve) => {
    onInside = resolve;
  });
  const request = get(`${url}/slow`, { agent: false });
  const status = new Promise<number>((resolve) => {
    request.once('response', (response: IncomingMessage) => resolve(response.resume().statusCode!));
    request.once('error', () => resolve(0));
  });
  await Promise.race([inside, status]);
  return { status, leave: () => void request.destroy() };
};

const closed = () =>
  new Promise<void>((resolve) => {
    gone = resolve;
  });

test('one more than may be under way is put off with 503, and taken once another has ended', async () => {
  const [first] = [await enter(), await enter()];
  const refused = await fetch(`${url}/slow`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
  expect(await refused.json()).toMatchObject({ code: 'HTTP_OVERLOADED' });

  const over = closed();
  ends.shift()!();
  expect(await first.status).toBe(200);
  await over;
  const third = await enter();
  for (const end of ends) end();
  expect(await third.status).toBe(200);
});

test('a caller who leaves without an answer gives its place back', async () => {
  const [first] = [await enter(), await enter()];
  const over = closed();
  first.leave();
  await over;
  const third = await enter();
  for (const end of ends) end();
  expect(await third.status).toBe(200);
});

test('operators are answered in any crowd', async () => {
  await enter();
  await enter();
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});
