import { getJson, namespace, type RawBus, rawBus, rawDatabase } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paymentHandlers } from '../src/handlers.ts';
import { paymentScene } from '../src/payment.ts';
import type { Payment } from '../src/payment-state.ts';
import { rulesOf } from '../src/service.ts';
import {
  type Build,
  billIdOf,
  billTopic,
  type Payments,
  paymentIdOf,
  sayPaid,
  sayVoided,
  school,
  sendRaw,
  startPayments,
  takenData,
} from './payments-under-test.ts';

const prefix = namespace('payments');
let payments: Payments;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  [payments, bus, database] = await Promise.all([startPayments(prefix), rawBus(prefix), rawDatabase(prefix, 'payments')]);
});

afterAll(async () => {
  await payments.stop();
  await Promise.all([bus.close(), database.close()]);
});

type Stored = { _id: string; state: Payment };
const stateOf = async (paymentId: string) => (await database.db.collection<Stored>('payments').findOne({ _id: paymentId }))?.state;
const letterOf = (messageId: string) => database.db.collection('dead_letters').findOne({ 'message.event.id': messageId });
const factsAbout = async (paymentId: string) => (await bus.read('payments.payment.v1')).filter(({ key }) => key === paymentId);
const factIds = async (paymentId: string) => (await factsAbout(paymentId)).map(({ headers }) => headers.ce_id);
const end = (billNo: string, version: number, how: 'done' | 'dead' | 'parked', times = 1) =>
  payments.spy.awaitEnd(`${billIdOf(billNo)}:${version}`, how, times);

/** What was sent while the service was away comes to it as one batch. */
const whileAway = async (send: () => Promise<void>): Promise<void> => {
  await payments.stop();
  await send();
  payments = await startPayments(prefix);
};

test('a payment that reached the bank is recorded once, in a fact that says what it is about', async () => {
  await sayPaid(bus, 'one', 2, { channel: 'aggregated-qr' });
  await end('one', 2, 'done');
  const paymentId = paymentIdOf('one');
  const [fact, ...more] = await factsAbout(paymentId);
  expect(more).toEqual([]);
  expect(fact!.headers).toMatchObject({
    ce_id: `${paymentId}:1`,
    ce_type: 'cn.scenefi.payments.payment.recorded.v1',
    ce_source: '/scenefi/payments',
    ce_correlationid: 'notice-one',
    ce_causationid: `${billIdOf('one')}:2`,
  });
  expect(JSON.parse(fact!.value!)).toEqual({
    paymentId,
    about: { scene: 'campus', partnerId: school, payableId: billIdOf('one') },
    status: 'recorded',
    channel: 'aggregated-qr',
    allocation: 'payable',
    amountFen: 150,
    reversedFen: 0,
    reference: 'P1',
    paidAt: '2026-08-31T00:00:00.000Z',
  });
});

test.each(['cash', 'other'])('money by %s never reaches the bank and is not recorded', async (channel) => {
  await sayPaid(bus, channel, 2, { channel });
  await sayVoided(bus, channel, 3, { channel });
  await end(channel, 3, 'done');
  expect(await stateOf(paymentIdOf(channel))).toBeUndefined();
  expect(await factIds(paymentIdOf(channel))).toEqual([]);
});

test('two payments of one bill are two, and suspense stays suspense', async () => {
  await sayPaid(bus, 'two', 2);
  await sayPaid(bus, 'two', 3, { paymentNo: 'P2', fit: 'overpaid', allocation: 'suspense' });
  await end('two', 3, 'done');
  expect(await stateOf(paymentIdOf('two'))).toMatchObject({ status: 'recorded', received: { allocation: 'payable' } });
  expect(await stateOf(paymentIdOf('two', 'P2'))).toMatchObject({ status: 'recorded', received: { allocation: 'suspense' } });
});

test('a void that comes first records and reverses, and the late payment changes nothing', async () => {
  await sayVoided(bus, 'early', 3);
  await sayPaid(bus, 'early', 2);
  await end('early', 2, 'done');
  const paymentId = paymentIdOf('early');
  const types = (await factsAbout(paymentId)).map(({ headers }) => headers.ce_type!.split('.').at(-2));
  expect(types).toEqual(['recorded', 'reversed']);
  expect(await stateOf(paymentId)).toMatchObject({ status: 'reversed' });
});

test('repeats in one batch, in later batches and after a restart have one effect, and each process says a fact once', async () => {
  const both = [`${paymentIdOf('again')}:1`, `${paymentIdOf('again')}:2`];
  await whileAway(async () => {
    for (let times = 0; times < 4; times += 1) await sayPaid(bus, 'again', 2);
    for (let times = 0; times < 4; times += 1) await sayVoided(bus, 'again', 3);
  });
  await end('again', 3, 'done', 4);
  await sayPaid(bus, 'again', 2);
  await end('again', 2, 'done', 5);
  expect(await factIds(paymentIdOf('again'))).toEqual(both);
  await whileAway(async () => {
    for (let times = 0; times < 3; times += 1) await sayPaid(bus, 'again', 2);
  });
  await end('again', 2, 'done', 3);
  const ids = await factIds(paymentIdOf('again'));
  expect(ids.slice(0, 2)).toEqual(both);
  expect(ids.slice(2)).toEqual(ids.length > 2 ? both : []);
  expect(await stateOf(paymentIdOf('again'))).toMatchObject({ status: 'reversed' });
});

test('the same fact with another body is dead-lettered, no partner is told, and the first stands', async () => {
  await sayPaid(bus, 'altered', 2);
  await sayPaid(bus, 'altered', 2, { amountFen: 999 });
  await end('altered', 2, 'dead');
  expect(await letterOf(`${billIdOf('altered')}:2`)).toMatchObject({ code: 'ENGINE_ID_REUSED' });
  expect(await stateOf(paymentIdOf('altered'))).toMatchObject({ received: { amountFen: 150 } });
  expect(await bus.read('campus.refusal.v1')).toEqual([]);
  const copies = await bus.read('campus.bill.v1.payments.dlq');
  expect(copies.filter(({ key }) => key === billIdOf('altered'))).toHaveLength(1);
});

test.each([
  ['text that is no JSON', 'text', { value: '{' }, 'BUS_NOT_JSON'],
  ['a tombstone', 'null', { value: null }, 'BUS_NOT_JSON'],
  [
    'a fact without its payment',
    'poison',
    { value: JSON.stringify({ ...takenData('poison'), payment: undefined }) },
    'BUS_CONTRACT_BROKEN',
  ],
  ['half a fen', 'half', { value: JSON.stringify(takenData('half', { amountFen: 0.5 })) }, 'BUS_CONTRACT_BROKEN'],
  ['an unknown type', 'type', { value: '{}', type: 'eaten' }, 'BUS_UNKNOWN_TYPE'],
])('%s is dead-lettered with its code and the consumer lives on', async (_what, billNo, raw, code) => {
  await sendRaw(bus, billNo, 2, raw);
  await end(billNo, 2, 'dead');
  expect(await letterOf(`${billIdOf(billNo)}:2`)).toMatchObject({ code });
  await sayPaid(bus, billNo, 3);
  await end(billNo, 3, 'done');
  expect(await stateOf(paymentIdOf(billNo))).toMatchObject({ status: 'recorded' });
});

test('a fact that nobody here wants is skipped unread, and one that is no CloudEvent is dead-lettered', async () => {
  await sendRaw(bus, 'unwanted', 1, { type: 'billed', value: 'not even JSON' });
  await sendRaw(bus, 'unwanted', 2, { value: '{}', headers: { ce_specversion: '0.3' } });
  await sayPaid(bus, 'unwanted', 3);
  await end('unwanted', 3, 'done');
  await end('unwanted', 1, 'done');
  const letters = await database.db
    .collection('dead_letters')
    .find({ 'message.key': billIdOf('unwanted') })
    .toArray();
  expect(letters.map(({ code }) => code)).toEqual(['BUS_NOT_CLOUDEVENT']);
  expect(payments.crashes).toEqual([]);
});

/** A release whose decision stumbles over one payment. */
const broken: Build = ({ config, engine }) => {
  const scene = paymentScene(rulesOf(config));
  const decide: typeof scene.decide = (command, state, context) => {
    if (command.type === 'Record' && command.received.about.payableId === billIdOf('stuck')) throw new TypeError('no such field');
    return scene.decide(command, state, context);
  };
  return { subscriptions: paymentHandlers(engine.aggregate({ ...scene, decide }, { collection: 'payments' })) };
};

test('a bug parks its key while others pass, a new word waits like a bug, and after the fix the key drains in order', async () => {
  await payments.stop();
  payments = await startPayments(prefix, { build: broken });
  await sayPaid(bus, 'stuck', 2);
  await sayVoided(bus, 'stuck', 3);
  await end('stuck', 3, 'parked');
  const value = JSON.stringify(takenData('new-word', { allocation: 'escrow' }));
  await sendRaw(bus, 'new-word', 2, { value });
  await end('new-word', 2, 'parked');
  for (let number = 0; number < 9; number += 1) await sayPaid(bus, `free-${number}`, 2);
  for (let number = 0; number < 9; number += 1) await end(`free-${number}`, 2, 'done');
  const partitions = new Map((await bus.read(billTopic)).map(({ key, partition }) => [key, partition]));
  const free = Array.from({ length: 9 }, (_, number) => partitions.get(billIdOf(`free-${number}`)));
  expect(free).toContain(partitions.get(billIdOf('stuck')));
  await payments.stop();
  payments = await startPayments(prefix);
  await end('stuck', 3, 'done');
  const ends = payments.spy.all.filter(({ messageId }) => messageId.startsWith(billIdOf('stuck')));
  expect(ends.map(({ messageId }) => messageId)).toEqual([`${billIdOf('stuck')}:2`, `${billIdOf('stuck')}:3`]);
  expect(await factIds(paymentIdOf('stuck'))).toEqual([`${paymentIdOf('stuck')}:1`, `${paymentIdOf('stuck')}:2`]);
  const parked = await database.db.collection('parked_messages').find().toArray();
  expect(parked.map(({ message }) => message.key)).toEqual([billIdOf('new-word')]);
});

test('one payment, and how many there are, are told to who has the token', async () => {
  const path = `/internal/payments/${paymentIdOf('early')}`;
  expect(await getJson(payments, path)).toMatchObject({ status: 200, body: { status: 'reversed', amountFen: 150, reversedFen: 150 } });
  expect(await getJson(payments, path, '')).toMatchObject({ status: 401, body: { code: 'HTTP_UNAUTHORIZED' } });
  const unknown = await getJson(payments, `/internal/payments/${paymentIdOf('unknown')}`);
  expect(unknown).toMatchObject({ status: 404, body: { code: 'PAYMENTS_PAYMENT_NOT_FOUND' } });
  expect(await getJson(payments, '/internal/payments/anything')).toMatchObject({ status: 400 });
  expect(await getJson(payments, '/internal/payments')).toMatchObject({ status: 200, body: { reversed: 3 } });
  expect(await getJson(payments, '/internal/payments', '')).toMatchObject({ status: 401 });
  expect(await getJson(payments, '/health/ready', '')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
});
