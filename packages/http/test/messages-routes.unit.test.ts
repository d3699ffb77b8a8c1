import { Outage } from '@scenefi/kernel';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApp, httpErrors, type MessageBacklog, type MessageDetail, messagesRoutes, requireBearer } from '../src/index.ts';

const internalToken = 'a-token-for-people-inside';
const id = 'campus.notice.v1|3|1042';

const parked: MessageDetail = {
  id,
  kind: 'parked',
  messageId: 'no-1-school:msg_1',
  type: 'cn.scenefi.campus.notice.received.v1',
  topic: 'campus.notice.v1',
  partition: 3,
  offset: 1042,
  key: 'bill_aaaaaaaaaaaaaaaaaaaaaaaaaa',
  code: 'ENGINE_UNEXPECTED',
  at: '2026-01-02T03:04:05.000Z',
  reason: 'TypeError',
  headers: { ce_id: 'no-1-school:msg_1' },
  bodyBase64: Buffer.from('{"holderName":"王小明"}').toString('base64'),
};

const known: MessageBacklog = {
  list: async (limit) => [parked].slice(0, limit),
  show: async (asked) => (asked === id ? parked : undefined),
  redrive: async (asked) => {
    if (asked !== id) throw httpErrors.NOT_FOUND({ id: asked });
    return { status: 'refused', code: 'CAMPUS_UNKNOWN' };
  },
};

let backlog = known;
let app: ReturnType<typeof createApp>;

beforeEach(() => {
  backlog = known;
  const silent = () => {};
  app = createApp({
    name: 'campus',
    version: '0.1.0',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    meter: { count: silent, observe: silent, gauge: () => silent },
    random: { number: () => 0.5, bytes: (size) => Buffer.alloc(size) },
    development: false,
    health: { ready: () => [] },
    metricsText: () => '',
  });
  const current: MessageBacklog = {
    list: (limit) => backlog.list(limit),
    show: (one) => backlog.show(one),
    redrive: (one) => backlog.redrive(one),
  };
  app.register(messagesRoutes({ backlog: current, internalToken }));
});
afterEach(() => app.close());

const ask = (method: 'GET' | 'POST', path: string, authorization = `Bearer ${internalToken}`) =>
  app.inject({ method, url: `/internal/messages${path}`, headers: { authorization } });

test('the list shows ids and codes but no body', async () => {
  const response = await ask('GET', '');
  const { reason: _reason, headers: _headers, bodyBase64: _body, ...summary } = parked;
  expect([response.statusCode, response.json()]).toEqual([200, { messages: [summary] }]);
});

test('one message is shown whole', async () => {
  const response = await ask('GET', `/${encodeURIComponent(id)}`);
  expect([response.statusCode, response.json()]).toEqual([200, parked]);
});

test('a re-drive answers how the message ended', async () => {
  const response = await ask('POST', `/${encodeURIComponent(id)}/redrive`);
  expect([response.statusCode, response.json()]).toEqual([200, { status: 'refused', code: 'CAMPUS_UNKNOWN' }]);
});

test.each([
  ['GET', '/unknown', 404, 'HTTP_NOT_FOUND'],
  ['POST', '/unknown/redrive', 404, 'HTTP_NOT_FOUND'],
  ['GET', '?limit=0', 400, 'HTTP_INVALID'],
  ['GET', '?limit=501', 400, 'HTTP_INVALID'],
  ['GET', '?limit=many', 400, 'HTTP_INVALID'],
] as const)('%s %s is answered with %i', async (method, path, status, code) => {
  const response = await ask(method, path);
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
});

test('an absent store is an answer to try again', async () => {
  backlog = { ...known, list: () => Promise.reject(new Outage('the store is away')) };
  const response = await ask('GET', '');
  expect([response.statusCode, response.json().code, response.headers['retry-after']]).toEqual([503, 'HTTP_UNAVAILABLE', '2']);
});

test.each([
  '',
  'Bearer',
  'Bearer ',
  'Bearer wrong-token-of-somebody',
  `Basic ${internalToken}`,
  `Bearer ${internalToken} `,
  `Bearer ${internalToken}x`,
  internalToken,
])('a request with %j is not authorized', async (authorization) => {
  const bodies = [];
  for (const [method, path] of [
    ['GET', ''],
    ['GET', `/${id}`],
    ['POST', '/unknown/redrive'],
  ] as const) {
    const response = await ask(method, path, authorization);
    expect([response.statusCode, response.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    bodies.push(response.body);
  }
  expect(new Set(bodies).size).toBe(1);
});

test('a short token is no guard', () => expect(() => requireBearer('short')).toThrow('at least 16'));

test('every operation is documented behind the token, with its problems', async () => {
  const { paths } = (await app.inject('/openapi.json')).json();
  const internal = Object.entries<Record<string, { operationId: string; security: unknown; responses: object }>>(paths).filter(([path]) =>
    path.startsWith('/internal'),
  );
  const operations = internal.flatMap(([, path]) => Object.values(path));
  expect(operations.map(({ operationId }) => operationId)).toEqual(['listMessages', 'getMessage', 'redriveMessage']);
  for (const { security, responses } of operations) {
    expect(security).toEqual([{ internalToken: [] }]);
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '400', '401', '503']));
  }
});
