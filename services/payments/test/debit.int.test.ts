import { paymentIds } from '@scenefi/contracts';
import { namespace, until } from '@scenefi/testing/engines';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DayLimit } from '../src/day-limit.ts';
import type { Fault } from './bank-under-test.ts';
import {
  accountNo,
  appPaymentIdOf,
  billIdOf,
  customerId,
  type Desk,
  openDesk,
  postJson,
  requestBody,
  sayLeased,
  sayOfPayment,
  school,
} from './payments-under-test.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk(namespace('debit'));
});

afterEach(() => {
  desk.bank.setFault(() => undefined);
  desk.bank.refusals.clear();
});

afterAll(() => desk.close());

const debitsOf = (billNo: string) =>
  desk.bank.calls.filter(({ method, path, body }) => method === 'POST' && path === '/debits' && body.memo === appPaymentIdOf(billNo));

test('a payment is requested, leased, debited and settled, and tells each step once', async () => {
  const asked = await desk.pay('whole', { items: [{ itemNo: 'I1', quantity: 1 }] });
  expect(asked).toMatchObject({ status: 202, body: { paymentId: appPaymentIdOf('whole'), status: 'requested', queue: [] } });
  await sayLeased(desk.bus, 'whole', 2);
  await desk.untilStage('whole', 'debited');
  await sayOfPayment(desk.bus, 'whole', 3, 'writtenOff');
  await desk.untilStage('whole', 'settled');
  const facts = await desk.factsAbout(appPaymentIdOf('whole'), 'settled');
  expect(facts.map(({ verb }) => verb)).toEqual(['requested', 'debited', 'settled']);
  expect(facts[1]!.data).toEqual({
    paymentId: appPaymentIdOf('whole'),
    about: { scene: 'campus', partnerId: school, payableId: billIdOf('whole') },
    status: 'debited',
    channel: 'app',
    amountFen: 150,
    reversedFen: 0,
    customerId,
    payFromMasked: '**** 0001',
    items: [{ itemNo: 'I1', quantity: 1 }],
    requestedAt: expect.any(String),
    debitedAt: '2026-09-01T00:00:00.000Z',
  });
  const key = `${appPaymentIdOf('whole')}:debit`;
  expect(debitsOf('whole').map(({ body }) => body)).toEqual([
    { key, customerId, accountNo, amountFen: 150, memo: appPaymentIdOf('whole') },
  ]);
  const limits = desk.database.db.collection<{ state: DayLimit }>('day_limits');
  await until('the limit of the day is committed', async () => (await limits.findOne({ 'state.committedFen': 150 })) !== null);
});

test('fifty requests with one key are one payment, and another content under it is refused', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => desk.pay('fifty')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map(({ body }) => body.paymentId))).toEqual(new Set([appPaymentIdOf('fifty')]));
  expect(await desk.pay('fifty', { amountFen: 151 })).toMatchObject({ status: 409, body: { code: 'ENGINE_ID_REUSED' } });
  await sayLeased(desk.bus, 'fifty', 2);
  await desk.untilStage('fifty', 'debited');
  expect(await desk.pay('fifty', { stepUp: true })).toMatchObject({ status: 202, body: { status: 'debited' } });
  expect(await desk.verbs('fifty', 'debited')).toEqual(['requested', 'debited']);
  expect(debitsOf('fifty')).toHaveLength(1);
});

test('two replicas that get the same request make one payment', async () => {
  const second = await desk.start();
  const urls = [desk.payments().url, second.url];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, number) => postJson(`${urls[number % 2]}/internal/payments`, requestBody('replicas'))),
  );
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  await sayLeased(desk.bus, 'replicas', 2);
  await desk.untilStage('replicas', 'debited');
  expect(debitsOf('replicas')).toHaveLength(1);
  await second.stop();
});

test('a lease that the scene refuses ends the payment with the code of the scene, before any money is touched', async () => {
  await desk.pay('refused');
  await sayLeased(desk.bus, 'refused', 2, { until: '2026-01-01T00:00:00.000Z' });
  const refused = await desk.untilStage('refused', 'refused');
  expect(refused).toMatchObject({ status: 'refused', code: 'PAYMENTS_LEASE_EXPIRED' });
  expect(debitsOf('refused')).toEqual([]);
});

test('what the bank refuses fails, and releases the limit', async () => {
  desk.bank.refusals.set(`debits ${accountNo}`, 'insufficient-funds');
  await desk.pay('poor');
  await sayLeased(desk.bus, 'poor', 2);
  expect(await desk.untilStage('poor', 'failed')).toMatchObject({ status: 'failed', code: 'PAYMENTS_INSUFFICIENT_FUNDS' });
  const payments = desk.database.db.collection<{ _id: string }>('payments');
  await until('the limit is released', async () =>
    payments.findOne({ _id: appPaymentIdOf('poor'), 'state.limit': 'released' }).then((found) => found !== null),
  );
});

describe.each<[Fault, string, { callsMin: number; callsMax: number }]>([
  // What the bank knows is asked for before anything is sent again.
  ['answer-lost', 'the bank debited and the answer was lost', { callsMin: 1, callsMax: 1 }],
  ['lost', 'the call was lost', { callsMin: 2, callsMax: 9 }],
])('%s: a process stops after %s', (fault, _what, { callsMin, callsMax }) => {
  test('the next one finds out by the wake-up, and the account is debited once', async () => {
    const billNo = `taken-over-${fault}`;
    await desk.pay(billNo);
    desk.bank.setFault(({ path, method }) => (method === 'POST' && path === '/debits' ? fault : undefined));
    await sayLeased(desk.bus, billNo, 2);
    await until('the debit was sent', () => debitsOf(billNo).length > 0);
    await desk.stopPayments();
    desk.bank.setFault(() => undefined);
    await desk.restart();
    await desk.untilStage(billNo, 'debited');
    expect(debitsOf(billNo).length).toBeGreaterThanOrEqual(callsMin);
    expect(debitsOf(billNo).length).toBeLessThanOrEqual(callsMax);
    expect(new Set(debitsOf(billNo).map(({ body }) => body.key))).toEqual(new Set([`${appPaymentIdOf(billNo)}:debit`]));
    expect(await desk.verbs(billNo, 'debited')).toEqual(['requested', 'debited']);
  });
});

test('of payments that come together only so many are paid as the day allows', async () => {
  const other = requestBody('x').customerId.replace(/.$/, 'z');
  const customer = other === customerId ? customerId.replace(/.$/, 'y') : other;
  const large = { customerId: customer, amountFen: 4_000_000, stepUp: true };
  const numbers = Array.from({ length: 8 }, (_, number) => `day-${number}`);
  await Promise.all(numbers.map((billNo) => desk.pay(billNo, large)));
  const idOf = (billNo: string) => paymentIds.of('app', customer, billNo);
  await Promise.all(numbers.map((billNo) => sayLeased(desk.bus, billNo, 2, { leaseId: idOf(billNo) })));
  const stages = await until('all have ended', async () => {
    const found = await Promise.all(
      numbers.map((billNo) => desk.get<{ stage: string; code?: string }>(`/internal/payments/${idOf(billNo)}`)),
    );
    return found.every(({ body }) => body.stage === 'debited' || body.stage === 'refused') && found.map(({ body }) => body);
  });
  expect(stages.filter(({ stage }) => stage === 'debited')).toHaveLength(5);
  expect(stages.filter(({ code }) => code === 'PAYMENTS_OVER_DAY_LIMIT')).toHaveLength(3);
});

test('what is no request is refused before it becomes a payment, and accounts come from the bank', async () => {
  expect(await desk.pay('bad', { amountFen: 0.5 })).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } });
  expect(await desk.pay('bad', { customerId: 'nobody' })).toMatchObject({ status: 400 });
  expect(await desk.pay('big', { amountFen: 5_000_001, stepUp: true })).toMatchObject({
    status: 202,
    body: { status: 'refused', code: 'PAYMENTS_OVER_PAYMENT_LIMIT' },
  });
  desk.bank.accounts.set(customerId, [accountNo]);
  expect(await desk.get(`/internal/accounts?customerId=${customerId}`)).toMatchObject({
    status: 200,
    body: { accounts: [{ accountNo, masked: '**** 0001' }] },
  });
  desk.bank.setFault(() => 'unavailable');
  expect(await desk.get(`/internal/accounts?customerId=${customerId}`)).toMatchObject({
    status: 503,
    body: { code: 'PAYMENTS_BANK_UNAVAILABLE' },
  });
});
