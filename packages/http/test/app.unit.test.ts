import { connect } from 'node:net';
import { defineErrors, type LogFields, Outage } from '@scenefi/kernel';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp, Problem } from '../src/index.ts';

const errors = defineErrors('APP_TEST', {
  NOT_FOUND: { status: 404, retryable: false, title: 'No such thing' },
  BUSY: { status: 429, retryable: true, title: 'Too many at once' },
  LATE: { status: 503, retryable: true, title: 'The bank did not answer in time' },
});

type Line = { level: string; sentence: string; fields: LogFields };
const canary = '王小明 110105194912310021';

const failures: Record<string, () => unknown> = {
  known: () => errors.NOT_FOUND({ thingId: 'th_1', detail: 'never there' }),
  busy: () => errors.BUSY(),
  late: () => errors.LATE({ paymentId: 'pay_1', detail: 'host db7.internal' }),
  outage: () => new Outage('no broker at 10.0.0.7'),
  bug: () => new TypeError(`cannot read ${canary}`),
  text: () => canary,
};

const things: FastifyPluginAsyncZod = async (app) => {
  app.get('/failures/:kind', async ({ params }) => {
    throw failures[(params as { kind: string }).kind]?.();
  });
  app.post(
    '/things/:thingId',
    {
      schema: {
        operationId: 'postThing',
        params: z.object({ thingId: z.string().max(5) }),
        querystring: z.object({ limit: z.coerce.number().int().optional() }),
        body: z.object({ items: z.array(z.object({ amountFen: z.int() })) }),
        response: { 200: z.object({ thingId: z.string() }), 400: Problem, 404: Problem },
      },
    },
    async (request) => {
      request.logIds = { thingId: request.params.thingId };
      return { thingId: request.params.thingId };
    },
  );
  app.get('/wrong', { schema: { response: { 200: z.object({ amountFen: z.int() }) } } }, async () => ({
    amountFen: canary as unknown as number,
  }));
};

let app: FastifyInstance;
afterEach(() => app.close());

const start = (options: { development?: boolean; reasons?: string[] } = {}) => {
  const lines: Line[] = [];
  const metrics: unknown[] = [];
  const at =
    (level: string) =>
    (sentence: string, fields: LogFields = {}) =>
      void lines.push({ level, sentence, fields });
  app = createApp({
    name: 'things',
    version: '1.2.3',
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    meter: {
      count: (name, labels) => void metrics.push({ name, ...labels }),
      observe: (name, _value, labels) => void metrics.push({ name, ...labels }),
      gauge: () => () => {},
    },
    random: { number: () => 0.5, bytes: (size) => Buffer.alloc(size, 0xab) },
    development: options.development ?? false,
    bodyLimitBytes: 1000,
    health: { ready: () => options.reasons ?? [] },
    metricsText: async () => 'up 1\n',
  });
  app.register(things);
  return { lines, metrics };
};

const postThing = (payload: string, headers: Record<string, string> = { 'content-type': 'application/json' }, url = '/things/a') =>
  app.inject({ method: 'POST', url, headers, payload });

describe('a request that cannot be served is answered with a problem', () => {
  const valid = '{"items":[{"amountFen":1}]}';
  const refused: [string, () => ReturnType<typeof postThing>, number, string][] = [
    ['an unknown place', () => app.inject('/nowhere'), 404, 'HTTP_NOT_FOUND'],
    ['an unknown method', () => app.inject({ method: 'DELETE', url: '/things/a' }), 404, 'HTTP_NOT_FOUND'],
    ['a place that is no text', () => app.inject('/things/%c3%28'), 400, 'HTTP_BAD_REQUEST'],
    ['a body that is too large', () => postThing(`"${'x'.repeat(1000)}"`), 413, 'HTTP_BODY_TOO_LARGE'],
    ['a body of another type', () => postThing('<a/>', { 'content-type': 'text/xml' }), 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
    ['a body that is no JSON', () => postThing('{"a":'), 400, 'HTTP_NOT_JSON'],
    ['an empty body', () => postThing(''), 400, 'HTTP_NOT_JSON'],
    ['a body with __proto__', () => postThing('{"__proto__":{}}'), 400, 'HTTP_NOT_JSON'],
    ['a path that breaks its schema', () => postThing(valid, undefined, '/things/abcdef'), 400, 'HTTP_INVALID'],
    ['an error of a table', () => app.inject('/failures/known'), 404, 'APP_TEST_NOT_FOUND'],
    ['too much at once', () => app.inject('/failures/busy'), 429, 'APP_TEST_BUSY'],
    ['a retryable error', () => app.inject('/failures/late'), 503, 'APP_TEST_LATE'],
    ['an outage', () => app.inject('/failures/outage'), 503, 'HTTP_UNAVAILABLE'],
    ['a bug', () => app.inject('/failures/bug'), 500, 'HTTP_INTERNAL'],
    ['a thrown text', () => app.inject('/failures/text'), 500, 'HTTP_INTERNAL'],
    ['an answer that breaks its schema', () => app.inject('/wrong'), 500, 'HTTP_INTERNAL'],
  ];

  test.each(refused)('%s', async (_title, ask, status, code) => {
    start();
    const response = await ask();
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.headers['retry-after']).toBe(status === 429 || status === 503 ? '2' : undefined);
    const problem = Problem.parse(response.json());
    expect([response.statusCode, problem.status, problem.code, problem.type]).toEqual([status, status, code, `urn:scenefi:error:${code}`]);
    expect(problem.instance).toMatch(/^urn:scenefi:request:abababab-/);
  });

  test('it names each fault with its path', async () => {
    start();
    const response = await postThing('{"items":[{"amountFen":1},{"amountFen":"2"},{}]}');
    expect(response.json().errors).toEqual([
      { path: 'body.items.1.amountFen', message: 'Invalid input: expected number, received string' },
      { path: 'body.items.2.amountFen', message: 'Invalid input: expected number, received undefined' },
    ]);
  });

  test('it tells the detail of a refusal but nothing of a failure', async () => {
    start();
    expect((await app.inject('/failures/known')).json().detail).toBe('never there');
    for (const kind of ['late', 'outage', 'bug', 'text']) {
      const { body, headers } = await app.inject(`/failures/${kind}`);
      expect(body + JSON.stringify(headers)).not.toMatch(/db7|10\.0\.0\.7|王小明|at .*\.ts|fastify/i);
    }
  });
});

describe('the log of requests', () => {
  test('has pattern, status, ids and code, and nothing that the caller wrote', async () => {
    const { lines, metrics } = start();
    await app.inject({
      method: 'POST',
      url: '/things/abc?limit=1&name=canary',
      headers: { 'x-name': 'canary' },
      payload: { items: [], name: 'canary' },
    });
    await app.inject('/canary/canary');
    expect(lines).toEqual([
      {
        level: 'debug',
        sentence: 'request answered',
        fields: { requestId: 'abababab-1', route: 'POST /things/:thingId', status: '200', ms: expect.any(Number), thingId: 'abc' },
      },
      {
        level: 'info',
        sentence: 'request answered',
        fields: { requestId: 'abababab-2', route: 'GET unmatched', status: '404', ms: expect.any(Number), code: 'HTTP_NOT_FOUND' },
      },
    ]);
    expect(metrics).toEqual([
      { name: 'http_requests_total', route: 'POST /things/:thingId', status: '200' },
      { name: 'http_request_seconds', route: 'POST /things/:thingId' },
      { name: 'http_requests_total', route: 'GET unmatched', status: '404' },
      { name: 'http_request_seconds', route: 'GET unmatched' },
    ]);
  });

  test('shows where a bug is, without its message, and the ids of a failure', async () => {
    const { lines } = start();
    await app.inject('/failures/bug');
    await app.inject('/failures/late');
    await app.inject('/failures/outage');
    expect(lines.filter(({ level }) => level !== 'info')).toMatchObject([
      {
        level: 'error',
        sentence: 'request failed',
        fields: { code: 'HTTP_INTERNAL', error: 'TypeError', at: expect.arrayContaining([expect.stringContaining('app.unit.test.ts')]) },
      },
      { level: 'warn', sentence: 'request answered with a failure', fields: { code: 'APP_TEST_LATE', paymentId: 'pay_1' } },
      { level: 'warn', sentence: 'a dependency is away', fields: { reason: 'no broker at 10.0.0.7' } },
    ]);
    expect(JSON.stringify(lines)).not.toContain('王小明');
  });
});

describe('what operators ask', () => {
  test('a process that turns is live, and ready when nothing speaks against it', async () => {
    start();
    expect((await app.inject('/health/live')).json()).toEqual({ status: 'live' });
    const ready = await app.inject('/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', reasons: [] }]);
  });

  test('an unready process says why', async () => {
    start({ reasons: ['the table is not fresh'] });
    const ready = await app.inject('/health/ready');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unready', reasons: ['the table is not fresh'] }]);
  });

  test('metrics are plain text', async () => {
    start();
    const { body, headers } = await app.inject('/metrics');
    expect([body, headers['content-type']]).toEqual(['up 1\n', 'text/plain; version=0.0.4; charset=utf-8']);
  });
});

describe('the documents', () => {
  test('are OpenAPI 3.1 and name the problem once, by its own media type', async () => {
    start();
    const document = (await app.inject('/openapi.json')).json();
    expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'scenefi things', version: '1.2.3' } });
    expect(Object.keys(document.components.schemas)).toEqual(['Problem']);
    expect(document.paths['/things/{thingId}'].post.responses['404'].content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });
    expect(document.paths['/things/{thingId}'].post.responses['200'].content['application/json'].schema.properties).toEqual({
      thingId: { type: 'string' },
    });
  });

  test('are shown in a browser in development only', async () => {
    start();
    expect((await app.inject('/docs')).statusCode).toBe(404);
    await app.close();
    start({ development: true });
    expect((await app.inject('/docs/')).headers['content-type']).toContain('text/html');
  });
});

test('every answer carries the security headers and none says what we are made of', async () => {
  start();
  for (const url of ['/health/live', '/nowhere', '/failures/bug']) {
    const { headers } = await app.inject(url);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  }
});

describe('a connection', () => {
  const send = async (bytes: string): Promise<string> => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.addresses()[0] as { port: number };
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('close', () => resolve(answer)).on('error', reject);
    });
  };

  test('that does not speak HTTP is told so and closed', async () => {
    start();
    expect(await send('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"HTTP_BAD_REQUEST"/s);
  });

  test('with endless headers is closed', async () => {
    start();
    expect(await send(`GET / HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 .*HTTP_HEADERS_TOO_LARGE/s);
  });

  test('that trickles has few seconds, and there is a limit to how many there are', async () => {
    start();
    await app.ready();
    const { headersTimeout, requestTimeout, maxConnections } = app.server;
    expect({ headersTimeout, requestTimeout, maxConnections }).toEqual({
      headersTimeout: 5_000,
      requestTimeout: 15_000,
      maxConnections: 10_000,
    });
  });
});
