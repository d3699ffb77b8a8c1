import {
  PaymentDebited,
  PaymentFailed,
  PaymentLeaseReleased,
  PaymentRefunded,
  PaymentRequested,
  PaymentReversed,
  PaymentReversing,
  PaymentSettled,
} from '@scenefi/contracts';
import { getJson, namespace, noticeData, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  billIdOf,
  billNosOf,
  type Campus,
  describeSchool,
  factsOf,
  hear,
  hearAnswer,
  notify,
  paymentIdOf,
  school,
  shortTypes,
  startCampus,
} from './campus-under-test.ts';

const prefix = namespace('campus-payment');
let campus: Campus;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  const env = { TABLE_REFRESH_MS: '100' };
  [campus, bus, database] = await Promise.all([startCampus(prefix, { env }), rawBus(prefix), rawDatabase(prefix, 'campus')]);
});

afterAll(async () => {
  await campus.stop();
  await Promise.all([bus.close(), database.close()]);
});

type Stored = { _id: string; state: { status: string; past: unknown[] } };
const stateOf = async (billNo: string) => (await database.db.collection<Stored>('bills').findOne({ _id: billIdOf(billNo) }))?.state;

/** The facts about a bill, repeats left out. */
const factsAbout = async (billNo: string) => {
  const facts = await factsOf(bus, 'campus.bill.v1', billIdOf(billNo));
  return [...new Map(facts.map((fact) => [fact.headers.ce_id, fact])).values()];
};
const verbsAbout = async (billNo: string): Promise<string[]> =>
  shortTypes(await factsAbout(billNo)).map((type) => type.replace('bill.', ''));

const issue = async (billNo: string, fields: Record<string, unknown> = {}): Promise<void> => {
  await notify(bus, `${billNo}:issue`, 'issued', noticeData.issued(billNo, fields));
  await campus.spy.awaitEnd(`${billNo}:issue`, 'done');
};

const debit = async (name: string, billNo: string): Promise<void> => {
  await hear(bus, PaymentRequested, name, billNo);
  await hear(bus, PaymentDebited, name, billNo, { status: 'debited', debitedAt: '2026-09-01T00:00:00.000Z' });
  await campus.spy.awaitEnd(`${name}:debited`, 'done');
};

const writeOff = (billNo: string, name: string, fields: Record<string, unknown> = {}) =>
  notify(bus, `${billNo}:off`, 'written-off', {
    billNo,
    paymentId: paymentIdOf(name),
    amountFen: 150_000,
    writtenOffAt: '2026-09-01T10:00:00+08:00',
    receiptNo: 'E-1',
    ...fields,
  });

test('a payment leases the bill, is debited, written off and settled, and the picture says so', async () => {
  await issue('paid');
  await debit('p:paid', 'paid');
  await writeOff('paid', 'p:paid');
  await campus.spy.awaitEnd('paid:off', 'done');
  await hear(bus, PaymentSettled, 'p:paid', 'paid', { status: 'settled' });
  await campus.spy.awaitEnd('p:paid:settled', 'done');
  expect(await verbsAbout('paid')).toEqual(['billed', 'leased', 'write-off-awaited', 'written-off']);
  const picture = await getJson(campus, `/internal/bills/${billIdOf('paid')}`);
  expect(picture).toMatchObject({ status: 200, body: { status: 'written-off', paidFen: 150_000 } });
  expect(picture.body).not.toHaveProperty('held');
  const { data } = (await factsAbout('paid')).at(-1)!;
  expect(data).toMatchObject({ paymentId: paymentIdOf('p:paid'), receiptNo: 'E-1', writtenOffAt: '2026-09-01T02:00:00.000Z' });
});

test('a refund of the school is asked of payments, and what payments did shows in the picture', async () => {
  await issue('back');
  await debit('p:back', 'back');
  await writeOff('back', 'p:back');
  const paymentId = paymentIdOf('p:back');
  const refund = { billNo: 'back', paymentId, refundNo: 'R1', amountFen: 150_000, reason: '学生转学' };
  await notify(bus, 'back:refund', 'campus.refund.requested', refund);
  await campus.spy.awaitEnd('back:refund', 'done');
  const done = { refundNo: 'R1', amountFen: 150_000, reason: '学生转学' };
  await hear(bus, PaymentRefunded, 'p:back', 'back', { status: 'settled', refundedFen: 150_000, refund: done });
  await campus.spy.awaitEnd('p:back:refunded', 'done');
  expect((await verbsAbout('back')).slice(3)).toEqual(['written-off', 'refund-requested', 'refunded']);
  const { body } = await getJson(campus, `/internal/bills/${billIdOf('back')}`);
  expect(body).toMatchObject({ status: 'refunded', paidFen: 150_000, refundedFen: 150_000 });
});

test('a payment that is given back leaves the bill payable, and the next one gets it', async () => {
  await issue('again');
  await debit('p:first', 'again');
  await hear(bus, PaymentReversing, 'p:first', 'again', { status: 'reversing', reason: 'write-off-rejected' });
  await hear(bus, PaymentReversed, 'p:first', 'again', { status: 'reversed', reversedFen: 150_000 });
  await campus.spy.awaitEnd('p:first:reversed', 'done');
  await hear(bus, PaymentRequested, 'p:second', 'again');
  await campus.spy.awaitEnd('p:second:requested', 'done');
  await hear(bus, PaymentFailed, 'p:second', 'again', { status: 'failed', code: 'insufficient-funds' });
  await campus.spy.awaitEnd('p:second:failed', 'done');
  const verbs = ['billed', 'leased', 'write-off-awaited', 'reversal-begun', 'reversed', 'leased', 'lease-ended'];
  expect(await verbsAbout('again')).toEqual(verbs);
  expect((await stateOf('again'))?.status).toBe('issued');
});

test('a write-off of another amount, or of an unknown payment, is a dead letter with its code', async () => {
  await issue('wrong');
  await debit('p:wrong', 'wrong');
  await writeOff('wrong', 'p:wrong', { amountFen: 150_100 });
  await campus.spy.awaitEnd('wrong:off', 'dead');
  await issue('unknown');
  await writeOff('unknown', 'p:nobody');
  await campus.spy.awaitEnd('unknown:off', 'dead');
  const codes = await database.db.collection('dead_letters').distinct('code', { 'message.event.id': /:off$/ });
  expect(codes.sort()).toEqual(['CAMPUS_AMOUNT_DIFFERS', 'CAMPUS_UNKNOWN_PAYMENT']);
  const metrics = await (await fetch(`${campus.url}/metrics`)).text();
  expect(metrics).toMatch(/engine_dead_letters_total\{.*code="CAMPUS_UNKNOWN_PAYMENT".*\} 1/);
});

test('a payment of another scene, and one that did not come by the app, are none of our business', async () => {
  await issue('other');
  await hear(bus, PaymentRequested, 'p:parking', 'other', {
    about: { scene: 'parking', partnerId: school, payableId: billIdOf('other') },
  });
  await hear(bus, PaymentReversed, 'p:counter', 'other', { status: 'reversed', channel: 'counter', reversedFen: 150_000 });
  await campus.spy.awaitEnd('p:parking:requested', 'done');
  await campus.spy.awaitEnd('p:counter:reversed', 'done');
  expect(await verbsAbout('other')).toEqual(['billed']);
});

test('ten payments for one bill, heard by two replicas, lease it exactly once', async () => {
  await issue('race');
  const second = await startCampus(prefix);
  const names = billNosOf('p:race', 10);
  const replicas = [campus, second];
  await until('both replicas share the work', async () => {
    const ready = await Promise.all(replicas.map(async (replica) => (await getJson(replica, '/health/ready')).status));
    return ready.every((status) => status === 200);
  });
  await Promise.all(names.map((name) => hear(bus, PaymentRequested, name, 'race')));
  await until('all were answered', async () => (await factsAbout('race')).length === 11);
  const verbs = await verbsAbout('race');
  expect(verbs.filter((verb) => verb === 'leased')).toHaveLength(1);
  expect(verbs.filter((verb) => verb === 'lease-refused')).toHaveLength(9);
  const refusals = (await factsAbout('race')).filter(({ headers }) => headers.ce_type?.includes('lease-refused'));
  expect(new Set(refusals.map(({ data }) => data.code))).toEqual(new Set(['CAMPUS_IN_PAYMENT']));
  await second.stop();
});

test('payments is asked about a lease that is over, again and again, until it releases it', async () => {
  await campus.stop();
  campus = await startCampus(prefix, { env: { LEASE_MS: '100', LEASE_ASK_MS: '100' } });
  await issue('late');
  await hear(bus, PaymentRequested, 'p:late', 'late');
  await until('payments was asked twice', async () => (await verbsAbout('late')).filter((verb) => verb === 'lease-questioned').length >= 2);
  expect((await stateOf('late'))?.status).toBe('leased');
  await hearAnswer(bus, PaymentLeaseReleased, 'p:late', 'late');
  await campus.spy.awaitEnd('p:late:lease-released', 'done');
  expect((await verbsAbout('late')).at(-1)).toBe('lease-ended');
});

test.each([
  ['reverse', 'reversal-requested'],
  ['queue', 'write-off-overdue'],
] as const)('a school that stays silent is reminded, and then its contract decides: %s', async (onSilence, end) => {
  await describeSchool(bus, onSilence === 'reverse' ? 1 : 2, onSilence);
  await campus.stop();
  const env = { WRITE_OFF_ASK_MS: '150', WRITE_OFF_DEADLINE_MS: '700', TABLE_REFRESH_MS: '100' };
  campus = await startCampus(prefix, { env });
  await until('the contracts are read', async () => (await getJson(campus, '/health/ready')).status === 200);
  await issue(onSilence);
  await debit(`p:${onSilence}`, onSilence);
  await until('the silence is over', async () => (await verbsAbout(onSilence)).at(-1) === end);
  const verbs = await verbsAbout(onSilence);
  expect(verbs.slice(0, 3)).toEqual(['billed', 'leased', 'write-off-awaited']);
  expect(verbs.filter((verb) => verb === 'write-off-awaited').length).toBeGreaterThan(1);
  expect((await stateOf(onSilence))?.status).toBe('debited');
});
