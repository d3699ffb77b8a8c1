import { billIds } from '@scenefi/contracts';
import { Problem } from '@scenefi/http';
import { Outage } from '@scenefi/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bill,
  described,
  issued,
  nowMs,
  post,
  revoked,
  type Sending,
  school,
  secondSecret,
  secret,
  startIngress,
  type World,
} from './ingress-under-test.ts';

const lapsed = Buffer.alloc(32, 9);
const zoo = 'city-zoo';

let world: World;
beforeEach(async () => {
  world = await startIngress([
    described(school, ['campus']),
    issued(school, 'k1', secret),
    issued(school, 'k2', secondSecret),
    issued(school, 'k0', lapsed),
    revoked(school, 'k0'),
    described(zoo, ['parking']),
    issued(zoo, 'k1', secret),
  ]);
});
afterEach(() => world.app.close());

const nested = (levels: number) => `{"type":"campus.bill.issued","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;

describe('a notice that is in order', () => {
  test('is taken with its id, and stands in the log byte for byte', async () => {
    const body = Buffer.from(`\n ${JSON.stringify(bill, null, 2)} `);
    const response = await post(world, { body });
    expect([response.statusCode, response.json()]).toEqual([202, { noticeId: 'no-1-school:msg_1' }]);
    const billId = billIds.of(school, bill.data.billNo);
    expect(world.published).toEqual([
      {
        topic: 'campus.notice.v1',
        key: billId,
        events: [
          {
            id: 'no-1-school:msg_1',
            source: '/scenefi/ingress',
            type: 'cn.scenefi.campus.notice.received.v1',
            time: '2026-09-21T14:13:20.000Z',
            correlationId: 'no-1-school:msg_1',
            partnerId: school,
            traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
            classification: 'C2',
            subject: billId,
            value: body,
          },
        ],
      },
    ]);
    expect(world.timers.size).toBe(0);
  });

  test('is taken again when it is sent again', async () => {
    const first = await post(world);
    const again = await post(world);
    expect([again.statusCode, again.body]).toEqual([202, first.body]);
    expect(world.published).toHaveLength(2);
  });

  test.each<[string, Sending]>([
    ['signed with the second key', { key: secondSecret }],
    ['300 seconds old', { sentMs: nowMs - 300_000 }],
    ['300 seconds ahead', { sentMs: nowMs + 300_000 }],
    ['with a charset', { headers: { 'content-type': 'application/json; charset=utf-8' } }],
    ['with fields that nobody knows yet', { body: { ...bill, later: 1, data: { ...bill.data, later: [1] } } }],
  ])('is taken %s', async (_title, sending) => {
    expect((await post(world, sending)).statusCode).toBe(202);
  });

  test('goes on with the trace that the partner began, if it is one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await post(world, { headers: { traceparent } });
    await post(world, { headers: { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` } });
    await post(world, { headers: { traceparent: 'canary' } });
    const traces = world.published.map(({ events }) => events[0]?.traceparent);
    expect(traces[0]).toBe(traceparent);
    expect(new Set(traces).size).toBe(3);
    for (const trace of traces) expect(trace).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

const strangers: [string, string, Sending][] = [
  ['a wrong signature', 'signature', { key: Buffer.alloc(32, 99) }],
  ['no signature', 'signature', { headers: { 'webhook-signature': undefined } }],
  ['no id', 'signature', { headers: { 'webhook-id': undefined } }],
  ['no time', 'timestamp', { headers: { 'webhook-timestamp': undefined } }],
  ['nothing at all', 'timestamp', { headers: { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined } }],
  ['a stale signature', 'timestamp', { sentMs: nowMs - 301_000 }],
  ['a signature of the future', 'timestamp', { sentMs: nowMs + 301_000 }],
  ['an id with a dot', 'signature', { id: 'a.b' }],
  ['an unknown partner', 'partner', { partnerId: 'nobody' }],
  ['a partner that cannot exist', 'partner', { partnerId: 'No%20Body' }],
  ['an unknown key', 'signature', { key: Buffer.alloc(32, 10) }],
  ['a revoked key', 'signature', { key: lapsed }],
  ['another media type too', 'signature', { key: lapsed, headers: { 'content-type': 'text/xml' } }],
  ['no media type too', 'signature', { key: lapsed, headers: { 'content-type': undefined } }],
  ['a body that is no JSON too', 'signature', { key: lapsed, body: 'x' }],
  ['an empty body too', 'signature', { key: lapsed, body: '' }],
  ['a scene it may not serve too', 'signature', { partnerId: zoo, key: lapsed }],
];

describe('a sender that is not accepted', () => {
  test.each(strangers)('has %s, and the reason is counted coarsely', async (_title, reason, sending) => {
    expect((await post(world, sending)).statusCode).toBe(401);
    expect(world.counted).toContainEqual({ name: 'ingress_rejected_total', reason });
    expect(world.published).toEqual([]);
  });

  test('gets the same bytes whatever was wrong', async () => {
    const answers = new Set<string>();
    for (const [, , sending] of strangers) {
      const { statusCode, headers, body } = await post(world, sending);
      const { date: _date, ...rest } = headers;
      answers.add(JSON.stringify([statusCode, rest, body]));
    }
    expect([...answers]).toHaveLength(1);
    expect(Problem.parse(JSON.parse(JSON.parse([...answers][0] as string)[2])).code).toBe('INGRESS_UNAUTHORIZED');
  });
});

describe('a notice that cannot be taken', () => {
  test.each<[string, Sending, number, string]>([
    ['is too large, before anybody asks for a signature', { body: Buffer.alloc(256 * 1024 + 1), key: lapsed }, 413, 'HTTP_BODY_TOO_LARGE'],
    ['is of another media type', { headers: { 'content-type': 'text/plain' } }, 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
    ['is of no media type', { headers: { 'content-type': undefined } }, 415, 'HTTP_UNSUPPORTED_MEDIA_TYPE'],
    ['has a colon in its id', { id: 'a:b' }, 400, 'HTTP_INVALID'],
    ['has an id of 65 characters', { id: 'x'.repeat(65) }, 400, 'HTTP_INVALID'],
    ['is empty', { body: '' }, 400, 'HTTP_NOT_JSON'],
    ['is no JSON', { body: 'billNo=1' }, 400, 'HTTP_NOT_JSON'],
    ['is not UTF-8', { body: Buffer.from([0x22, 0xd6, 0xd0, 0x22]) }, 400, 'HTTP_NOT_JSON'],
    ['has a __proto__', { body: JSON.stringify(bill).replace('"data":', '"__proto__":{"type":"x"},"data":') }, 400, 'HTTP_NOT_JSON'],
    ['gives an amount twice', { body: JSON.stringify(bill).replace('"amountFen":', '"amountFen":1,"amountFen":') }, 400, 'HTTP_NOT_JSON'],
    ['is nested too deeply', { body: nested(32) }, 400, 'HTTP_TOO_DEEP'],
    ['is nested as deeply as may be, but wrong', { body: nested(31) }, 400, 'INGRESS_BROKEN_CONTRACT'],
    ['has an unknown type', { body: { ...bill, type: 'campus.bill.eaten' } }, 400, 'INGRESS_UNKNOWN_TYPE'],
    ['has a type that is no text', { body: { ...bill, type: 1 } }, 400, 'INGRESS_BROKEN_CONTRACT'],
    ['has a type that every object has', { body: { ...bill, type: 'toString' } }, 400, 'INGRESS_UNKNOWN_TYPE'],
    ['is a list', { body: [bill] }, 400, 'INGRESS_BROKEN_CONTRACT'],
    ['is null', { body: 'null' }, 400, 'INGRESS_BROKEN_CONTRACT'],
    ['is of a scene that the partner may not serve', { partnerId: zoo }, 403, 'INGRESS_SCENE_NOT_ALLOWED'],
  ])('%s', async (_title, sending, status, code) => {
    const response = await post(world, sending);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect([response.statusCode, Problem.parse(response.json()).code]).toEqual([status, code]);
    expect(world.published).toEqual([]);
  });

  test('is told every fault of its contract with its path, and nothing of what it said', async () => {
    const [item] = bill.data.items;
    const data = {
      ...bill.data,
      billNo: '',
      dueAt: '2026-10-01',
      studentNo: undefined,
      items: [item, { ...item, itemNo: 'b', amountFen: 0.5 }],
    };
    const response = await post(world, { body: { ...bill, timestamp: 'yesterday', data } });
    expect(response.json()).toMatchObject({ status: 400, code: 'INGRESS_BROKEN_CONTRACT' });
    const paths = response.json().errors.map(({ path }: { path: string }) => path);
    expect(paths.sort()).toEqual(['data.billNo', 'data.dueAt', 'data.items.1.amountFen', 'data.studentNo', 'timestamp']);
    expect(response.body).not.toMatch(/王小明|yesterday|S20260001/);
  });

  test('is told the path of a rule over several fields', async () => {
    const [item] = bill.data.items;
    const response = await post(world, { body: { ...bill, data: { ...bill.data, items: [item, item] } } });
    expect(response.json().errors).toEqual([{ path: 'data.items', message: 'each itemNo may stand once' }]);
  });
});

describe('whether a notice was taken is unknown', () => {
  const expectUnknown = (response: Awaited<ReturnType<typeof post>>, code: string) => {
    expect([response.statusCode, Problem.parse(response.json()).code, response.headers['retry-after']]).toEqual([503, code, '2']);
  };

  test('while the partner table is not fresh, also for strangers', async () => {
    world.fresh = false;
    expectUnknown(await post(world), 'INGRESS_NOT_READY');
    expectUnknown(await post(world, { key: lapsed }), 'INGRESS_NOT_READY');
    expect((await world.app.inject('/health/ready')).json().reasons).toEqual(['the partner table has not been confirmed fresh']);
    expect(world.published).toEqual([]);
    world.fresh = true;
    expect((await post(world)).statusCode).toBe(202);
  });

  test('when the broker is away or the queue is full', async () => {
    world.publish = () => Promise.reject(new Outage('the queue is full'));
    expectUnknown(await post(world), 'INGRESS_NOT_ACKNOWLEDGED');
    expect(world.timers.size).toBe(0);
  });

  test('when the broker does not acknowledge in time', async () => {
    let acknowledge = () => {};
    const asked = new Promise<void>((resolve) => {
      world.publish = () => {
        resolve();
        return new Promise((done) => {
          acknowledge = done;
        });
      };
    });
    const answer = post(world);
    void answer.then(() => {});
    await asked;
    world.passMs(4_999);
    expect(world.timers.size).toBe(1);
    world.passMs(1);
    expectUnknown(await answer, 'INGRESS_NOT_ACKNOWLEDGED');
    acknowledge();
  });

  test('when publishing itself is broken, which is a fault of ours', async () => {
    world.publish = () => {
      throw new TypeError('a bug');
    };
    const response = await post(world);
    expect([response.statusCode, response.json().code]).toEqual([500, 'HTTP_INTERNAL']);
    expect(world.timers.size).toBe(0);
  });
});

test('the log has ids of verified partners, and neither secrets nor bodies nor what strangers wrote', async () => {
  await post(world);
  await post(world, { partnerId: 'canary-stranger', id: 'canary' });
  await post(world, { body: { ...bill, data: { ...bill.data, holderName: 5, title: 'canary' } } });
  expect(world.lines[0]).toEqual({
    level: 'debug',
    sentence: 'request answered',
    fields: {
      requestId: expect.any(String),
      route: 'POST /v1/partners/:partnerId/notices',
      status: '202',
      ms: expect.any(Number),
      partnerId: school,
      noticeId: 'no-1-school:msg_1',
    },
  });
  const text = JSON.stringify(world.lines);
  for (const told of ['canary', '王小明', 'S20260001', secret.toString('hex'), secret.toString('base64')]) expect(text).not.toContain(told);
});

test('the route is documented with its headers, its notices and every answer', async () => {
  const { paths } = (await world.app.inject('/openapi.json')).json();
  const operation = paths['/v1/partners/{partnerId}/notices'].post;
  expect(operation.operationId).toBe('postNotice');
  expect(Object.keys(operation.responses)).toEqual(['202', '400', '401', '403', '413', '415', '503']);
  const required = operation.parameters.map(({ name, required }: { name: string; required: boolean }) => [name, required]);
  expect(Object.fromEntries(required)).toEqual({
    partnerId: true,
    'webhook-id': true,
    'webhook-timestamp': true,
    'webhook-signature': true,
    traceparent: false,
  });
  const { schema } = operation.requestBody.content['application/json'];
  const types = schema.anyOf.map((body: { properties: { type: { enum: string[] } } }) => body.properties.type.enum[0]);
  expect(types).toContain('campus.bill.issued');
});
