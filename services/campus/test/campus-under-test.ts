import { billIds, noticeCeType } from '@scenefi/contracts';
import type { Start } from '@scenefi/runtime';
import { noticeData, type RawBus, type rawDatabase, serviceUnderTest } from '@scenefi/testing/engines';
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

/** A notice as ingress appends it. */
export const notify = (bus: RawBus, noticeId: string, event: string, data: Record<string, unknown>): Promise<void> => {
  const value = JSON.stringify({ type: `campus.bill.${event}`, timestamp: '2026-09-01T08:00:00+08:00', data });
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
