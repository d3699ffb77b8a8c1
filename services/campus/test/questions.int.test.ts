import { leaseIds, PaymentRequested } from '@scenefi/contracts';
import { namespace, noticeData, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, billIdOf, type Campus, hear, notify, school, startCampus } from './campus-under-test.ts';

const prefix = namespace('campus-questions');
let campus: Campus;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  const env = { LEASE_MS: '5000', TABLE_REFRESH_MS: '100' };
  [campus, bus, database] = await Promise.all([startCampus(prefix, { env }), rawBus(prefix), rawDatabase(prefix, 'campus')]);
});

afterAll(async () => {
  await campus.stop();
  await Promise.all([bus.close(), database.close()]);
});

const issue = async (billNo: string): Promise<void> => {
  await notify(bus, `${billNo}:issue`, 'issued', noticeData.issued(billNo));
  await campus.spy.awaitEnd(`${billNo}:issue`, 'done');
};

const lease = (billNo: string, requestId: string) => ask(campus, { type: 'lease', data: { billNo }, requestId });
const release = (billNo: string, leaseId: unknown, requestId: string) =>
  ask(campus, { type: 'release', data: { billNo, leaseId }, requestId });
const statusOf = async (billNo: string) => (await ask(campus, { type: 'question', data: { billNo } })).body;

test('a cashier takes a bill and gives it back, and asking again gets the same answer', async () => {
  await issue('desk');
  const first = await lease('desk', 'req-1');
  const leaseId = leaseIds.of(school, 'req-1');
  expect(first).toEqual({ status: 200, body: { billNo: 'desk', leaseId, until: expect.any(String), amountFen: 150_000 } });
  expect(await lease('desk', 'req-1')).toEqual(first);
  expect(await statusOf('desk')).toMatchObject({ status: 'leased', held: { holder: 'cashier', until: first.body.until } });
  expect(await release('desk', leaseId, 'req-2')).toEqual({ status: 200, body: { billNo: 'desk', status: 'issued' } });
  expect(await release('desk', leaseId, 'req-2')).toMatchObject({ status: 200 });
  expect(await release('desk', leaseId, 'req-3')).toEqual({ status: 200, body: { billNo: 'desk', status: 'issued' } });
  expect(await lease('desk', 'req-1')).toEqual(first);
});

test('a second cashier is refused in the same words as often as he asks, and told until when', async () => {
  await issue('busy');
  await lease('busy', 'busy-1');
  const refused = await lease('busy', 'busy-2');
  expect(refused).toMatchObject({ status: 409, body: { code: 'CAMPUS_IN_PAYMENT' } });
  expect(refused.body.detail).toMatch(/^a cashier holds the bill until \d{4}-.*\+08:00$/);
  const { code, title } = refused.body;
  expect(await lease('busy', 'busy-2')).toMatchObject({ status: 409, body: { code, title } });
  const foreign = leaseIds.of(school, 'busy-2');
  expect(await release('busy', foreign, 'busy-3')).toMatchObject({ status: 409, body: { code: 'CAMPUS_NOT_YOUR_LEASE' } });
});

test('a payment of the app that meets a cashier is refused, and a cashier who meets a payment too', async () => {
  await issue('met');
  await lease('met', 'met-1');
  await hear(bus, PaymentRequested, 'p:met', 'met');
  await campus.spy.awaitEnd('p:met:requested', 'done');
  expect(await statusOf('met')).toMatchObject({ held: { holder: 'cashier' } });
  await issue('app');
  await hear(bus, PaymentRequested, 'p:app', 'app');
  await campus.spy.awaitEnd('p:app:requested', 'done');
  expect(await lease('app', 'app-1')).toMatchObject({ status: 409, body: { code: 'CAMPUS_IN_PAYMENT' } });
});

test('the lease of a cashier who does not come back ends by itself', async () => {
  await issue('gone');
  await lease('gone', 'gone-1');
  await until('the bill is free', async () => (await statusOf('gone')).status === 'issued');
  expect(await lease('gone', 'gone-2')).toMatchObject({ status: 200 });
});

test('a cashier who took the money reports it, and the bill is paid', async () => {
  await issue('sold');
  const { body } = await lease('sold', 'sold-1');
  await notify(bus, 'sold:paid', 'paid', noticeData.paid('sold', 'P1', { leaseId: body.leaseId }));
  await campus.spy.awaitEnd('sold:paid', 'done');
  expect(await statusOf('sold')).toMatchObject({ status: 'paid-elsewhere' });
  expect(await statusOf('sold')).not.toHaveProperty('held');
});

test('the school asks what became of its notices: done, kept and refused ones, newest first', async () => {
  await issue('told');
  await notify(bus, 'told:void', 'paid-voided', noticeData.voided('told', 'P9'));
  await campus.spy.awaitEnd('told:void', 'done');
  await notify(bus, 'told:other', 'issued', noticeData.issued('told', { title: '另一张账单' }));
  await campus.spy.awaitEnd('told:other', 'dead');
  const { status, amountFen, notices } = await statusOf('told');
  expect({ status, amountFen }).toEqual({ status: 'issued', amountFen: 150_000 });
  expect(notices).toMatchObject([
    { noticeId: 'told:other', type: 'campus.bill.issued', end: 'refused', code: 'CAMPUS_ISSUED_DIFFERENTLY' },
    { noticeId: 'told:void', type: 'campus.bill.paid-voided', end: 'kept' },
    { noticeId: 'told:issue', type: 'campus.bill.issued', end: 'done' },
  ]);
});

test('a bill whose issue was refused is known by its notices, and one that nobody spoke of is not found', async () => {
  await notify(bus, 'free:issue', 'issued', noticeData.issued('free', { items: [{ ...noticeItem, amountFen: 0 }] }));
  await campus.spy.awaitEnd('free:issue', 'dead');
  expect(await statusOf('free')).toMatchObject({ status: 'announced', notices: [{ code: 'CAMPUS_NOTHING_TO_PAY', end: 'refused' }] });
  for (const type of ['question', 'lease']) {
    expect(await ask(campus, { type, data: { billNo: 'never' } })).toMatchObject({ status: 404, body: { code: 'CAMPUS_BILL_NOT_FOUND' } });
  }
  expect(await database.db.collection<{ _id: string }>('bills').countDocuments({ _id: billIdOf('never') })).toBe(0);
});

const noticeItem = { itemNo: 'tuition', name: '学费', mandatory: true, quantityMax: 1 };

test('what is no question is refused before anything is looked up, and a stranger is told nothing', async () => {
  expect(await ask(campus, { type: 'gift', data: { billNo: 'desk' } })).toMatchObject({ status: 400 });
  expect(await ask(campus, { type: 'lease', data: {} })).toMatchObject({ status: 400 });
  expect(await ask(campus, { type: 'question', data: { billNo: 'desk' }, token: 'a-token-of-somebody-else' })).toMatchObject({
    status: 401,
  });
});
