import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { described, internalToken, issued, post, type Sending, school, secret, startIngress, type World } from './ingress-under-test.ts';

type Answer = { status: number; body: unknown };

const heard: { path: string | undefined; authorization: string | undefined; body: unknown }[] = [];
let answer: Answer;
let campus: Server;
let world: World;

/** Campus, as far as ingress knows it: one route, answered as the test says. */
beforeEach(async () => {
  heard.length = 0;
  answer = { status: 200, body: { billNo: 'B-1', status: 'issued', amountFen: 150, notices: [] } };
  campus = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      heard.push({ path: request.url, authorization: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => campus.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(campus.address() as AddressInfo).port}`;
  world = await startIngress([described(school, ['campus']), issued(school, 'k1', secret)], url);
});

afterEach(async () => {
  await world.app.close();
  campus.closeAllConnections();
  await new Promise((resolve) => campus.close(resolve));
});

const question = (type: string, data: object) => ({ type, timestamp: '2026-09-21T22:13:20+08:00', data });
const ask = (body: object, sending: Sending = {}) => post(world, { body, to: 'questions', ...sending });
const aboutBill = question('campus.bill.question', { billNo: 'B-1' });

test('a signed question is passed on to the scene that owns the bill, and its answer comes back', async () => {
  const response = await ask(aboutBill, { id: 'q-1' });

  expect([response.statusCode, response.json()]).toEqual([200, answer.body]);
  expect(heard).toEqual([
    {
      path: '/internal/questions',
      authorization: `Bearer ${internalToken}`,
      body: { partnerId: school, requestId: 'q-1', type: 'campus.bill.question', data: { billNo: 'B-1' } },
    },
  ]);
  expect(world.published).toEqual([]);
});

test('a refusal of the scene comes back in its own words', async () => {
  const problem = { type: 'urn:scenefi:error:CAMPUS_IN_PAYMENT', title: 'Held', status: 409, code: 'CAMPUS_IN_PAYMENT', detail: 'by app' };
  answer = { status: 409, body: problem };

  const response = await ask(question('campus.bill.lease', { billNo: 'B-1' }));

  expect(response.statusCode).toBe(409);
  expect(response.json()).toMatchObject({ code: 'CAMPUS_IN_PAYMENT', detail: 'by app' });
});

test.each([
  ['fails', 500, {}],
  ['answers in other words than it promises', 200, { surprise: true }],
])('a scene that %s leaves the question open: 503, ask again', async (_what, status, body) => {
  answer = { status, body };
  expect((await ask(aboutBill)).statusCode).toBe(503);
});

test('a scene that is away leaves the question open: 503, ask again', async () => {
  campus.closeAllConnections();
  await new Promise((resolve) => campus.close(resolve));
  const response = await ask(aboutBill);
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
  await new Promise<void>((resolve) => campus.listen(0, '127.0.0.1', resolve));
});

test.each([
  ['of an unknown type', question('campus.bill.gossip', { billNo: 'B-1' }), 'INGRESS_UNKNOWN_TYPE'],
  ['that is a notice', question('campus.bill.closed', { billNo: 'B-1', reason: 'x' }), 'INGRESS_UNKNOWN_TYPE'],
  ['without its data', question('campus.bill.release', { billNo: 'B-1' }), 'INGRESS_BROKEN_CONTRACT'],
])('a question %s never reaches a scene', async (_what, body, code) => {
  const response = await ask(body);
  expect([response.statusCode, response.json().code]).toEqual([400, code]);
  expect(heard).toEqual([]);
});

test('only a partner of the scene may ask, and only with its own signature', async () => {
  const stranger = await ask(aboutBill, { key: Buffer.alloc(32, 9) });
  expect([stranger.statusCode, heard.length]).toEqual([401, 0]);
  await world.app.close();
  world = await startIngress([described(school, ['parking']), issued(school, 'k1', secret)], 'http://127.0.0.1:9');
  expect((await ask(aboutBill)).statusCode).toBe(403);
});

test('a notice is no question: it stays on its own route', async () => {
  const response = await post(world, { body: aboutBill });
  expect([response.statusCode, response.json().code]).toEqual([400, 'INGRESS_UNKNOWN_TYPE']);
});
