import { getJson, namespace, noticeData, type RawBus, rawBus, rawDatabase, schoolFees, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { billIdOf, type Campus, factsOf, notify, school, sendRaw, shortTypes, startCampus } from './campus-under-test.ts';

const prefix = namespace('campus');
let campus: Campus;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  [campus, bus, database] = await Promise.all([startCampus(prefix), rawBus(prefix), rawDatabase(prefix, 'campus')]);
});

afterAll(async () => {
  await campus.stop();
  await Promise.all([bus.close(), database.close()]);
});

const { issued, amended, closed, paid, voided } = noticeData;
type Stored = { _id: string; state: { status: string } };
const stateOf = async (billNo: string) => (await database.db.collection<Stored>('bills').findOne({ _id: billIdOf(billNo) }))?.state;
const letterOf = (noticeId: string) => database.db.collection('dead_letters').findOne({ 'message.event.id': noticeId });
const factsAbout = (billNo: string) => factsOf(bus, 'campus.bill.v1', billIdOf(billNo));

/** What was sent while the service was away comes to it as one batch. */
const whileAway = async (send: () => Promise<void>): Promise<void> => {
  await campus.stop();
  await send();
  campus = await startCampus(prefix);
};

test('a notice becomes one bill and one fact in a whole envelope', async () => {
  await notify(bus, 'n:issue', 'issued', issued('whole'));
  await campus.spy.awaitEnd('n:issue', 'done');
  const [fact, ...more] = await factsAbout('whole');
  expect(more).toEqual([]);
  const billId = billIdOf('whole');
  expect(fact!.headers).toMatchObject({
    ce_specversion: '1.0',
    ce_id: `${billId}:1`,
    ce_sequence: '0000000001',
    ce_source: '/scenefi/campus',
    ce_type: 'cn.scenefi.campus.bill.billed.v1',
    ce_subject: billId,
    ce_causationid: 'n:issue',
    ce_dataclassification: 'C2',
  });
  expect(fact!.data).toMatchObject({ payableId: billId, partnerId: school, status: 'issued', amountFen: 150_000, holderMasked: '王*明' });
});

test('repeats in one batch, in later batches and after a restart have one effect, and each process says a fact once', async () => {
  await whileAway(async () => {
    for (let times = 0; times < 5; times += 1) await notify(bus, 'r:issue', 'issued', issued('repeated'));
    for (let times = 0; times < 5; times += 1) await notify(bus, 'r:paid', 'paid', paid('repeated', 'P1'));
  });
  await campus.spy.awaitEnd('r:paid', 'done', 5);
  await notify(bus, 'r:issue', 'issued', issued('repeated'));
  await campus.spy.awaitEnd('r:issue', 'done', 6);
  const both = [`${billIdOf('repeated')}:1`, `${billIdOf('repeated')}:2`];
  const ids = async () => (await factsAbout('repeated')).map(({ headers }) => headers.ce_id);
  expect(await ids()).toEqual(both);
  await whileAway(async () => {
    for (let times = 0; times < 3; times += 1) await notify(bus, 'r:paid', 'paid', paid('repeated', 'P1'));
  });
  await campus.spy.awaitEnd('r:paid', 'done', 3);
  await notify(bus, 'r:issue', 'issued', issued('repeated'));
  await campus.spy.awaitEnd('r:issue', 'done');
  const after = await ids();
  expect(after.slice(0, 2)).toEqual(both);
  expect(after.slice(2)).toEqual(after.length > 2 ? both : []);
  expect(await stateOf('repeated')).toMatchObject({ status: 'paid-elsewhere', payments: [{ paymentNo: 'P1' }] });
});

test('the same notice with another body is dead-lettered, the partner is told, and the first stands', async () => {
  await notify(bus, 'school-a:altered', 'issued', issued('altered'));
  await campus.spy.awaitEnd('school-a:altered', 'done');
  await notify(bus, 'school-a:altered', 'issued', issued('altered', { title: '另一张账单' }));
  await campus.spy.awaitEnd('school-a:altered', 'dead');
  expect(await letterOf('school-a:altered')).toMatchObject({ code: 'ENGINE_ID_REUSED' });
  expect(await stateOf('altered')).toMatchObject({ terms: { title: '2026年秋季学费' } });
  const [refusal] = await factsOf(bus, 'campus.refusal.v1', 'school-a:altered');
  expect(refusal!.headers).toMatchObject({ ce_id: 'school-a:altered:refused', ce_type: 'cn.scenefi.campus.notice.refused.v1' });
  expect(refusal!.data).toEqual({ noticeId: 'school-a:altered', partnerId: school, code: 'ENGINE_ID_REUSED' });
  const copies = await factsOf(bus, 'campus.notice.v1.campus.dlq', billIdOf('altered'));
  expect(copies.map(({ headers, data }) => [headers.ce_id, data.data.title])).toEqual([['school-a:altered', '另一张账单']]);
});

test('a refused notice in the middle of a batch ends alone and is refused again after a restart', async () => {
  await whileAway(async () => {
    await notify(bus, 'm:issue', 'issued', issued('middle'));
    await notify(bus, 'm:other', 'issued', issued('middle', { title: '另一张账单' }));
    await notify(bus, 'm:paid', 'paid', paid('middle', 'P1'));
    await notify(bus, 'm:close', 'closed', closed('middle'));
    await notify(bus, 'm:void', 'paid-voided', voided('middle', 'P1'));
  });
  await campus.spy.awaitEnd('m:void', 'done');
  const ends = campus.spy.all.filter(({ messageId }) => messageId.startsWith('m:')).map(({ messageId, end }) => `${messageId} ${end}`);
  expect(ends).toEqual(['m:issue done', 'm:other dead', 'm:paid done', 'm:close dead', 'm:void done']);
  expect(await letterOf('m:close')).toMatchObject({ code: 'CAMPUS_ALREADY_PAID' });
  await whileAway(() => notify(bus, 'm:close', 'closed', closed('middle')));
  await campus.spy.awaitEnd('m:close', 'dead');
  expect(await stateOf('middle')).toMatchObject({ status: 'issued', voided: ['P1'] });
  expect(await database.db.collection('dead_letters').countDocuments({ 'message.event.id': 'm:close' })).toBe(1);
});

test('notices in the wrong order have the same end, and their facts are in order', async () => {
  await notify(bus, 'o:void', 'paid-voided', voided('order', 'P1'));
  await notify(bus, 'o:second', 'amended', amended('order', 2));
  await notify(bus, 'o:paid', 'paid', paid('order', 'P1', { amountFen: 120_000 }));
  await campus.spy.awaitEnd('o:paid', 'done');
  expect((await stateOf('order'))?.status).toBe('announced');
  await notify(bus, 'o:first', 'amended', amended('order', 1, { dueAt: '2099-12-31T00:00:00+08:00' }));
  await notify(bus, 'o:issue', 'issued', issued('order'));
  await campus.spy.awaitEnd('o:issue', 'done');
  expect(await stateOf('order')).toMatchObject({ status: 'issued', revision: 2, payments: [], voided: ['P1'], kept: [] });
  const facts = await factsAbout('order');
  expect(shortTypes(facts)).toEqual(
    ['billed', 'paid-elsewhere', 'paid-elsewhere-voided', 'changed', 'changed'].map((verb) => `bill.${verb}`),
  );
  expect(facts.map(({ headers }) => Number(headers.ce_sequence))).toEqual([1, 2, 3, 4, 5]);
});

test.each([
  ['text that is no JSON', 'x:text', { value: '{"type":' }, 'BUS_NOT_JSON'],
  ['a tombstone', 'x:null', { value: null }, 'BUS_NOT_JSON'],
  ['JSON that is no notice', 'x:shape', { value: '[]' }, 'BUS_CONTRACT_BROKEN'],
  ['an unknown notice', 'x:notice', { value: '{"type":"campus.bill.eaten","timestamp":"","data":{}}' }, 'BUS_UNKNOWN_TYPE'],
  ['broken data', 'x:data', { value: '{"type":"campus.bill.closed","timestamp":"","data":{"billNo":7}}' }, 'BUS_CONTRACT_BROKEN'],
])('%s is dead-lettered with its code and the consumer lives on', async (_what, noticeId, raw, code) => {
  await sendRaw(bus, noticeId, raw);
  await campus.spy.awaitEnd(noticeId, 'dead');
  expect(await letterOf(noticeId)).toMatchObject({ code });
  await notify(bus, `${noticeId}:next`, 'issued', issued(noticeId));
  await campus.spy.awaitEnd(`${noticeId}:next`, 'done');
  expect(await factsOf(bus, 'campus.refusal.v1', noticeId)).toHaveLength(1);
});

test('a record that is no CloudEvent, and one of an unknown type, are dead-lettered and the consumer lives on', async () => {
  const about = { ce_specversion: '1.0', ce_id: 'u:1', ce_source: '/stranger', ce_type: 'cn.scenefi.campus.bill.eaten.v1' };
  await sendRaw(bus, 'u:1', { value: '{}', headers: about, key: billIdOf('strange') });
  await sendRaw(bus, 'none', { value: 'hello', headers: {}, key: billIdOf('strange') });
  await notify(bus, 'u:next', 'issued', issued('strange'));
  await campus.spy.awaitEnd('u:next', 'done');
  const letters = await database.db
    .collection('dead_letters')
    .find({ 'message.key': billIdOf('strange') })
    .sort({ 'message.offset': 1 })
    .toArray();
  expect(letters.map(({ code }) => code)).toEqual(['BUS_UNKNOWN_TYPE', 'BUS_NOT_CLOUDEVENT']);
  expect(campus.crashes).toEqual([]);
});

test('a bill that is due expires, and what waits in vain for its bill is refused as a fact', async () => {
  await campus.stop();
  campus = await startCampus(prefix, { env: { KEEP_EARLY_MS: '100' } });
  await notify(bus, 'd:issue', 'issued', issued('due', { dueAt: '2026-01-01T00:00:00+08:00' }));
  await notify(bus, 'd:close', 'closed', closed('never-issued'));
  await until('the bill expires', async () => (await stateOf('due'))?.status === 'expired');
  await until('the other lapses', async () => (await stateOf('never-issued'))?.status === 'lapsed');
  await until('both are published', async () => (await factsAbout('never-issued')).length >= 1 && (await factsAbout('due')).length >= 2);
  expect(shortTypes(await factsAbout('due'))).toEqual(['bill.billed', 'bill.withdrawn']);
  const [refusal] = await factsAbout('never-issued');
  expect(refusal!.headers.ce_type).toBe('cn.scenefi.campus.bill.notice-refused.v1');
  expect(refusal!.data).toMatchObject({
    noticeId: 'd:close',
    noticeType: 'campus.bill.closed',
    code: 'CAMPUS_NEVER_IN_TIME',
    status: 'lapsed',
  });
});

test('the public picture of a bill, and how many there are, are told to who has the token', async () => {
  const path = `/internal/bills/${billIdOf('whole')}`;
  expect(await getJson(campus, path)).toMatchObject({ status: 200, body: { payableId: billIdOf('whole'), status: 'issued', paidFen: 0 } });
  expect(await getJson(campus, path, '')).toMatchObject({ status: 401, body: { code: 'HTTP_UNAUTHORIZED' } });
  expect(await getJson(campus, '/internal/bills', 'a-token-of-somebody-else')).toMatchObject({ status: 401 });
  const unknown = await getJson(campus, `/internal/bills/${billIdOf('unknown')}`);
  expect(unknown).toMatchObject({ status: 404, body: { code: 'CAMPUS_BILL_NOT_FOUND' } });
  expect(await getJson(campus, `/internal/bills/${billIdOf('never-issued')}`)).toMatchObject({ status: 404 });
  expect(await getJson(campus, '/internal/bills/anything')).toMatchObject({ status: 400 });
  await notify(bus, 'h:free', 'issued', issued('free', { items: [{ ...schoolFees[0], amountFen: 0 }] }));
  await campus.spy.awaitEnd('h:free', 'dead');
  const { body: counts } = await getJson(campus, '/internal/bills');
  expect(counts).toMatchObject({ lapsed: 1, expired: 1, 'paid-elsewhere': 1 });
  expect(counts).not.toHaveProperty('announced');
  expect(await getJson(campus, '/health/ready', '')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
});

test('clear names stand in the database and in the notices, and in no fact, refusal or log line', async () => {
  const canary = { holderName: '端木赐香', studentNo: 'STU-77001', className: '三年二班' };
  await notify(bus, 'c:issue', 'issued', issued('canary', canary));
  await notify(bus, 'c:other', 'issued', issued('canary', { ...canary, title: '另一张账单' }));
  await notify(bus, 'c:paid', 'paid', paid('canary', 'P1'));
  await campus.spy.awaitEnd('c:paid', 'done');
  const told = JSON.stringify([
    await bus.read('campus.bill.v1'),
    await bus.read('campus.refusal.v1'),
    campus.logger.lines,
    await getJson(campus, `/internal/bills/${billIdOf('canary')}`),
  ]);
  expect(told).toContain(billIdOf('canary'));
  const known = JSON.stringify([await stateOf('canary'), await factsOf(bus, 'campus.notice.v1', billIdOf('canary'))]);
  for (const clear of Object.values(canary)) {
    expect(known).toContain(clear);
    expect(told).not.toContain(clear);
  }
});
