import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Outage } from '@scenefi/kernel';
import { testClock } from '@scenefi/testing/scenario';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createInternalCalls } from '../src/internal-calls.ts';

const clock = testClock('2026-01-02T03:04:05.000Z');
const token = 'a-token-for-people-inside';
const heard: { method: string | undefined; url: string | undefined; authorization: string | undefined; body: string }[] = [];
let answer: (response: ServerResponse) => void;
let server: Server;

beforeEach(async () => {
  heard.length = 0;
  answer = (response) => void response.end('{"sum":7}');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({ method: request.method, url: request.url, authorization: request.headers.authorization, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const call = (body?: unknown) => {
  const calls = createInternalCalls({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token, clock });
  return calls({ method: body === undefined ? 'GET' : 'POST', path: '/internal/sums', body, answer: z.object({ sum: z.int() }) });
};

test('a call carries the internal token, and its answer is checked', async () => {
  expect(await call({ of: [3, 4] })).toEqual({ sum: 7 });
  expect(await call()).toEqual({ sum: 7 });
  expect(heard).toEqual([
    { method: 'POST', url: '/internal/sums', authorization: `Bearer ${token}`, body: '{"of":[3,4]}' },
    { method: 'GET', url: '/internal/sums', authorization: `Bearer ${token}`, body: '' },
  ]);
});

test('a refusal keeps its code, its status and what it tells', async () => {
  const problem = { type: 'urn:x', title: 'No such sum', status: 404, code: 'SUMS_NOT_FOUND', detail: 'of nothing' };
  answer = (response) => void response.writeHead(404).end(JSON.stringify(problem));
  await expect(call()).rejects.toMatchObject({ code: 'SUMS_NOT_FOUND', status: 404, retryable: false, details: { detail: 'of nothing' } });
});

test.each([
  ['fails', (response: ServerResponse) => void response.writeHead(500).end('{}')],
  ['is not ready', (response: ServerResponse) => void response.writeHead(503).end('{"status":503}')],
  ['refuses without a problem', (response: ServerResponse) => void response.writeHead(404).end('<html>')],
  [
    'does not know our token',
    (response: ServerResponse) =>
      void response.writeHead(401).end('{"type":"urn:x","title":"Who?","status":401,"code":"HTTP_UNAUTHORIZED"}'),
  ],
  ['answers no JSON', (response: ServerResponse) => void response.end('seven')],
  ['answers in other words', (response: ServerResponse) => void response.end('{"sum":"seven"}')],
  ['breaks off', (response: ServerResponse) => void response.destroy()],
])('where the other service %s, the end of the call is not known', async (_what, how) => {
  answer = how;
  await expect(call({})).rejects.toBeInstanceOf(Outage);
});

test('a service that never answers is left after five seconds', async () => {
  const asked = new Promise<void>((resolve) => {
    answer = () => resolve();
  });
  const waiting = call({});
  await asked;
  await clock.advance(5_000);
  await expect(waiting).rejects.toBeInstanceOf(Outage);
});
