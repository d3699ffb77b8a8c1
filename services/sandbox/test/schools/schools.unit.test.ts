import { readFile } from 'node:fs/promises';
import { paymentIds } from '@scenefi/contracts';
import { afterEach, expect, test } from 'vitest';
import { ownWebhookId } from '../../src/schools/react.ts';
import { type WorldUnderTest, worldUnderTest } from '../world-under-test.ts';

const open: WorldUnderTest[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((world) => world.close()));
});

const setUp = async (...given: Parameters<typeof worldUnderTest>): Promise<WorldUnderTest> => {
  const world = await worldUnderTest(...given);
  open.push(world);
  return world;
};

const paymentId = paymentIds.of('app', 'anna', '1');
const paid = (billNo: string, more: object = {}) => ({ billNo, paymentId, amountFen: 1_001, ...more });

test('a school that is told of money writes it off by one signed notice', async () => {
  const world = await setUp();
  expect(await world.tell({ data: paid('b1') })).toEqual({ status: 200, body: { webhookId: 'dlv_1' } });
  await world.arrivedAt(1);
  expect(world.arrivals[0]!.path).toBe('/v1/partners/school-a/notices');
  expect(world.posted()).toEqual([
    {
      type: 'campus.bill.written-off',
      timestamp: expect.stringMatching(/\+08:00$/),
      data: expect.objectContaining({ billNo: 'b1', paymentId, amountFen: 1_001 }),
    },
  ]);
  expect(await world.books('b1')).toEqual({
    bills: [
      {
        billNo: 'b1',
        told: { 'payment.debited': 1 },
        writtenOff: [{ paymentId, amountFen: 1_001, times: 1 }],
        rejected: [],
        refunded: [],
        closed: false,
      },
    ],
  });
});

test('a delivery that is repeated is taken once, at the same moment and later', async () => {
  const world = await setUp();
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.tell({ data: paid('b1') })));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  await world.restart();
  expect((await world.tell({ data: paid('b1') })).status).toBe(200);
  await world.tell({ id: 'dlv_2', data: paid('b2') });
  while (!world.posted().some(({ data }) => data.billNo === 'b2')) await world.arrivedAt(world.arrivals.length + 1);
  // A restart may send a notice again, never under another id.
  expect(new Set(world.arrivals.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  expect(await world.books('b1')).toMatchObject({ bills: [{ told: { 'payment.debited': 1 }, writtenOff: [{ times: 1 }] }] });
});

test('a school that writes off late waits for the second asking', async () => {
  const world = await setUp();
  await world.tell({ id: 'dlv_1', data: paid('b1~late') });
  await world.tell({ id: 'dlv_1', data: paid('b1~late') });
  expect(await world.books('b1~late')).toMatchObject({ bills: [{ writtenOff: [] }] });
  await world.tell({ id: 'dlv_2', data: paid('b1~late', { reminder: 1 }) });
  await world.arrivedAt(1);
  expect(await world.books('b1~late')).toMatchObject({ bills: [{ told: { 'payment.debited': 2 }, writtenOff: [{ times: 1 }] }] });
});

test('a second payment of a bill has a course of its own', async () => {
  const world = await setUp();
  const second = paymentIds.of('app', 'anna', '2');
  await world.tell({ id: 'dlv_1', data: paid('b1~reject') });
  await world.arrivedAt(1);
  await world.tell({ id: 'dlv_2', data: paid('b1~reject', { paymentId: second }) });
  await world.arrivedAt(2);
  expect(await world.books('b1~reject')).toMatchObject({
    bills: [
      {
        rejected: [
          { paymentId, times: 1 },
          { paymentId: second, times: 1 },
        ],
      },
    ],
  });
});

test('a school that answers early has written off before it answers', async () => {
  const world = await setUp();
  const order: string[] = [];
  const told = world.tell({ data: paid('b1~early-answer') }).then(() => order.push(`answered after ${world.arrivals.length}`));
  await told;
  expect(order).toEqual(['answered after 1']);
});

test('a plain school answers before it acts', async () => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  // The gate opens only once the webhook was answered: a school that waited for its notice would never answer.
  const world = await setUp(async () => {
    await answered;
    return 202;
  });
  expect((await world.tell({ data: paid('b1') })).status).toBe(200);
  answer();
  await world.arrivedAt(1);
});

test('a school that is down refuses the first five deliveries of a bill and then takes them', async () => {
  const world = await setUp();
  const statuses: number[] = [];
  for (let times = 0; times < 7; times += 1) statuses.push((await world.tell({ data: paid('b1~down') })).status);
  expect(statuses).toEqual([503, 503, 503, 503, 503, 200, 200]);
  await world.arrivedAt(1);
  expect(await world.books('b1~down')).toMatchObject({ bills: [{ told: { 'payment.debited': 1 }, writtenOff: [{ times: 1 }] }] });
});

test('a slow school answers after two seconds', async () => {
  const world = await setUp();
  expect((await world.tell({ data: paid('b1~slow') })).status).toBe(200);
  expect(world.clock.passed()).toBeGreaterThanOrEqual(2_000);
  await world.arrivedAt(1);
});

test('notices of one reaction come in order, each after the one before was taken', async () => {
  const world = await setUp((_arrival, count) => (count === 1 ? 503 : 0));
  await world.tell({ data: paid('b1~refund-half') });
  await world.arrivedAt(4);
  expect(world.posted().map(({ type, data }) => [type, data.amountFen])).toEqual([
    ['campus.bill.written-off', 1_001],
    ['campus.bill.written-off', 1_001],
    ['campus.refund.requested', 500],
    ['campus.refund.requested', 501],
  ]);
  expect(world.arrivals[0]!.headers['webhook-id']).toBe(world.arrivals[1]!.headers['webhook-id']);
});

test('a refund that the bank completed stands in the books, also where the bank names the payment only', async () => {
  const world = await setUp();
  await world.tell({ id: 'dlv_1', data: paid('b1~refund-then-close') });
  await world.arrivedAt(2);
  const { refundNo } = world.posted()[1]!.data;
  await world.tell({ id: 'dlv_2', type: 'refund.completed', data: { paymentId, refundNo, amountFen: 7 } });
  await world.arrivedAt(3);
  expect(world.posted()[2]).toMatchObject({ type: 'campus.bill.closed', data: { billNo: 'b1~refund-then-close' } });
  expect(await world.books('b1~refund-then-close')).toMatchObject({
    bills: [{ refunded: [{ refundNo, amountFen: 1_001, times: 1, completed: 1 }], closed: true }],
  });
});

test('a school writes off for what was debited, though a later webhook names another amount', async () => {
  const world = await setUp();
  await world.tell({ id: 'dlv_1', data: paid('b1~off-after-reversed') });
  await world.tell({ id: 'dlv_2', type: 'payment.reversed', data: { billNo: 'b1~off-after-reversed' } });
  await world.arrivedAt(1);
  expect(world.posted()[0]).toMatchObject({ type: 'campus.bill.written-off', data: { paymentId, amountFen: 1_001 } });
});

test('the next process sends what a school had decided, under the same webhook-id, and nothing that was answered', async () => {
  const first = await setUp((_arrival, count) => (count === 1 ? 202 : 503));
  await first.tell({ data: paid('b1~refund') });
  await first.arrivedAt(2);
  // Whatever is taken next brings the answer of the first notice to the disk.
  await first.tell({ id: 'dlv_2', type: 'notice.refused' });
  const next = await setUp(undefined, await readFile(first.config.SCHOOL_FILE, 'utf8'));
  await next.arrivedAt(1);
  const [undone] = next.arrivals;
  expect([undone!.headers['webhook-id'], undone!.body]).toEqual([first.arrivals[1]!.headers['webhook-id'], first.arrivals[1]!.body]);
  await next.tell({ id: 'dlv_3', data: paid('b2') });
  await next.arrivedAt(2);
  expect(next.posted().map(({ type, data }) => `${type} ${data.billNo}`)).toEqual([
    'campus.refund.requested b1~refund',
    'campus.bill.written-off b2',
  ]);
});

test('a webhook without a right signature is refused, whoever sends it', async () => {
  const world = await setUp();
  const refused = { status: 401, body: expect.objectContaining({ code: 'SANDBOX_WEBHOOK_UNAUTHORIZED' }) };
  expect(await world.tell({ data: paid('b1'), secret: Buffer.alloc(32, 9) })).toEqual(refused);
  expect(await world.tell({ data: paid('b1'), partnerId: 'school-of-nobody' })).toEqual(refused);
  expect(await world.tell({ data: paid('b1'), headers: { 'webhook-id': 'another' } })).toEqual(refused);
  expect(await world.tell({ data: paid('b1'), headers: { 'webhook-timestamp': '1' } })).toEqual(refused);
  expect(await world.books('b1')).toEqual({ bills: [] });
});

test('a webhook that cannot be read is refused to its sender', async () => {
  const world = await setUp();
  expect(await world.tell({ data: { billNo: 5 } })).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } });
  expect(await world.tell({ data: paid('b1'), headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 });
});

test('a webhook about nothing that the school knows is taken and changes nothing', async () => {
  const world = await setUp();
  expect((await world.tell({ type: 'notice.refused', data: { noticeId: 'school-a:w1', code: 'CAMPUS_UNKNOWN_PAYMENT' } })).status).toBe(
    200,
  );
  expect((await world.tell({ id: 'dlv_2', type: 'payment.reversed', data: { billNo: 'b9~off-after-reversed' } })).status).toBe(200);
  expect(world.arrivals).toEqual([]);
  const lines = (await readFile(world.config.SCHOOL_FILE, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).type)).toEqual(['notice.refused', 'payment.reversed']);
});

test('the notices that a school sends about a bill are numbered over its payments, and a restart goes on counting', async () => {
  const world = await setUp();
  const second = paymentIds.of('app', 'anna', '2');
  await world.tell({ id: 'dlv_1', data: paid('b1~twice') });
  await world.arrivedAt(2);
  await world.restart();
  await world.tell({ id: 'dlv_2', data: paid('b1~twice', { paymentId: second }) });
  while (new Set(world.arrivals.map(({ headers }) => headers['webhook-id'])).size < 4) await world.arrivedAt(world.arrivals.length + 1);
  const ids = new Set(world.arrivals.map(({ headers }) => headers['webhook-id']));
  expect(ids).toEqual(new Set([1, 2, 3, 4].map((nth) => ownWebhookId('school-a', 'b1~twice', nth))));
});
