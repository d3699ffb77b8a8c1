import { billIds, noticeCeType, PartnerDescribed, paymentIds } from '@scenefi/contracts';
import type { AnyFact } from '@scenefi/kernel';
import type { Start } from '@scenefi/runtime';
import { internalToken, noticeData, type RawBus, type rawDatabase, serviceUnderTest } from '@scenefi/testing/engines';
import { expect } from 'vitest';
import { CampusConfig } from '../src/config.ts';
import { buildCampus } from '../src/service.ts';

export const school = 'school-a';
export const noticeTopic = 'campus.notice.v1';

export type Build = Start<CampusConfig, Parameters<typeof buildCampus>[0]>['build'];
type Options = { env?: Record<string, string>; build?: Build };

export const startCampus = (prefix: string, { env = {}, build = buildCampus }: Options = {}) =>
  serviceUnderTest({ name: 'campus', schema: CampusConfig, build, prefix, env: { ID_KEY: '0f'.repeat(32), ...env } });

export type Campus = Awaited<ReturnType<typeof startCampus>>;

export const billIdOf = (billNo: string): string => billIds.of(school, billNo);

const envelope = (noticeId: string) => ({
  ce_specversion: '1.0',
  ce_id: noticeId,
  ce_source: '/scenefi/ingress',
  ce_type: noticeCeType('campus'),
  ce_time: '2026-09-01T00:00:00.000Z',
  ce_partnerid: school,
  'content-type': 'application/json',
});

type Db = Awaited<ReturnType<typeof rawDatabase>>['db'];
type Stored = { _id: string; version: number; state: { status: string; payments: unknown[] } };
type Raw = { key?: string; value: string | null; headers?: Record<string, string> };

/** Puts bytes on the notice topic in the envelope of a notice, unless told otherwise. */
export const sendRaw = (bus: RawBus, noticeId: string, { key = 'some-key', value, headers = envelope(noticeId) }: Raw): Promise<void> =>
  bus.send(noticeTopic, { key, value, headers });

/** A notice as ingress appends it; `event` is the last word of its type, or the whole type. */
export const notify = (bus: RawBus, noticeId: string, event: string, data: Record<string, unknown>): Promise<void> => {
  const type = event.includes('.') ? event : `campus.bill.${event}`;
  const value = JSON.stringify({ type, timestamp: '2026-09-01T08:00:00+08:00', data });
  return sendRaw(bus, noticeId, { key: billIdOf(String(data.billNo)), value });
};

/** The records of one key, each with what it says. */
export const factsOf = async (bus: RawBus, topic: string, key: string) =>
  (await bus.read(topic)).filter((record) => record.key === key).map((record) => ({ ...record, data: JSON.parse(record.value ?? 'null') }));

export const shortTypes = (records: readonly { headers: Record<string, string> }[]): string[] =>
  records.map(({ headers }) => headers.ce_type!.replace('cn.scenefi.campus.', '').replace('.v1', ''));

export const billNosOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, number) => `${name}-${number}`);

/** Issues and pays every bill, some at a time, and sends each payment twice. */
export const issueAndPay = async (bus: RawBus, billNos: readonly string[]): Promise<void> => {
  for (const billNo of billNos) {
    await notify(bus, `${billNo}:issue`, 'issued', noticeData.issued(billNo));
    await notify(bus, `${billNo}:paid`, 'paid', noticeData.paid(billNo, 'P1'));
    await notify(bus, `${billNo}:paid`, 'paid', noticeData.paid(billNo, 'P1'));
  }
};

/** Whether every one of these bills was issued and paid exactly once: in the database and, repeats left out, on the topic. */
export const paidOnce = async (bus: RawBus, db: Db, billNos: readonly string[]): Promise<void> => {
  const billIds = billNos.map(billIdOf);
  const documents = await db
    .collection<Stored>('bills')
    .find({ _id: { $in: billIds } })
    .toArray();
  const wrong = documents.filter(({ version, state }) => version !== 2 || state.status !== 'paid-elsewhere' || state.payments.length !== 1);
  expect(wrong).toEqual([]);
  expect(documents).toHaveLength(billIds.length);
  const facts = (await bus.read('campus.bill.v1')).filter(({ key }) => billIds.includes(key));
  const firsts = Map.groupBy(facts, ({ key }) => key);
  for (const billId of billIds) {
    const ids = (firsts.get(billId) ?? []).map(({ headers }) => headers.ce_id);
    expect([...new Set(ids)]).toEqual([`${billId}:1`, `${billId}:2`]);
  }
  expect(await db.collection('dead_letters').countDocuments()).toBe(0);
  expect(await db.collection('parked_messages').countDocuments()).toBe(0);
};

/** Puts a fact of another service on its topic, in a whole envelope and checked by its contract. */
const tell = (bus: RawBus, fact: AnyFact, id: string, data: object): Promise<void> => {
  const written = fact.write(data);
  const headers = { ...envelope(id), ce_source: '/scenefi/another-service', ce_type: fact.ceType };
  return bus.send(fact.topic, { key: fact.key(written as never), value: JSON.stringify(written), headers });
};

export const paymentIdOf = (name: string): string => paymentIds.of('test', name);

const aboutBill = (billNo: string) => ({ scene: 'campus', partnerId: school, payableId: billIdOf(billNo) });
const messageId = (name: string, fact: AnyFact): string => `${name}:${fact.type.split('.').at(-1)}`;

/** What payments says about a payment of the app; the name of the payment stands in the id of the message. */
export const hear = (bus: RawBus, fact: AnyFact, name: string, billNo: string, fields: object = {}): Promise<void> => {
  const payment = { paymentId: paymentIdOf(name), about: aboutBill(billNo), status: 'requested', channel: 'app' };
  return tell(bus, fact, messageId(name, fact), { ...payment, amountFen: 150_000, reversedFen: 0, ...fields });
};

/** What payments answers where it was asked about a lease. */
export const hearAnswer = (bus: RawBus, fact: AnyFact, name: string, billNo: string): Promise<void> =>
  tell(bus, fact, messageId(name, fact), { paymentId: paymentIdOf(name), about: aboutBill(billNo) });

/** What was agreed with the school. */
export const describeSchool = (bus: RawBus, revision: number, onSilence: 'queue' | 'reverse'): Promise<void> => {
  const data = { partnerId: school, revision, name: '星河区实验小学', scenes: ['campus'], onSilence };
  return tell(bus, PartnerDescribed, `${school}:${revision}`, data);
};

type Asking = { type: string; data: object; requestId?: string; token?: string };

/** What the school asks through ingress. */
export const ask = async ({ url }: Pick<Campus, 'url'>, { type, data, requestId = type, token = internalToken }: Asking) => {
  const answer = await fetch(`${url}/internal/questions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ partnerId: school, requestId, type: `campus.bill.${type}`, data }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
