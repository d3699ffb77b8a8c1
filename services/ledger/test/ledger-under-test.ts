import { billIds, entryIds, PaymentAllocated, PaymentRecorded, PaymentReversed, paymentIds } from '@scenefi/contracts';
import type { Start } from '@scenefi/runtime';
import { type RawBus, type rawDatabase, serviceUnderTest } from '@scenefi/testing/engines';
import { expect } from 'vitest';
import { LedgerConfig } from '../src/config.ts';
import { buildLedger } from '../src/service.ts';

export const school = 'school-a';
export const paymentTopic = 'payments.payment.v1';

export type Build = Start<LedgerConfig, Parameters<typeof buildLedger>[0]>['build'];
type Options = { env?: Record<string, string>; build?: Build };

export const startLedger = (prefix: string, { env = {}, build = buildLedger }: Options = {}) =>
  serviceUnderTest({ name: 'ledger', schema: LedgerConfig, build, prefix, env });

export type Ledger = Awaited<ReturnType<typeof startLedger>>;

export const paymentIdOf = (name: string): string => paymentIds.of(school, name);
export const factIdOf = (name: string, version = 1): string => `${paymentIdOf(name)}:${version}`;
export const entryIdOf = (name: string, version = 1): string => entryIds.of('payments', factIdOf(name, version));

export const paymentData = (name: string, fields: Record<string, unknown> = {}) => ({
  paymentId: paymentIdOf(name),
  about: { scene: 'campus', partnerId: school, payableId: billIds.of(school, name) },
  status: 'recorded',
  channel: 'counter',
  allocation: 'payable',
  amountFen: 150,
  reversedFen: 0,
  reference: 'P1',
  paidAt: '2026-08-31T00:00:00.000Z',
  ...fields,
});

type Raw = { type?: string; value: string | null; version?: number };

/** Puts bytes on the topic of payments as a fact about a payment. */
export const sendRaw = (bus: RawBus, name: string, { type = 'recorded', value, version = 1 }: Raw): Promise<void> => {
  const key = paymentIdOf(name);
  const headers = {
    ce_specversion: '1.0',
    ce_id: `${key}:${version}`,
    ce_source: '/scenefi/payments',
    ce_type: `cn.scenefi.payments.payment.${type}.v1`,
    ce_time: '2026-08-31T16:00:00.000Z',
    ce_subject: key,
    ce_correlationid: `notice-${name}`,
    'content-type': 'application/json',
  };
  return bus.send(paymentTopic, { key, value, headers });
};

export const sayRecorded = (bus: RawBus, name: string, fields: Record<string, unknown> = {}): Promise<void> =>
  sendRaw(bus, name, { value: JSON.stringify(PaymentRecorded.write(paymentData(name, fields))) });

export const sayReversed = (bus: RawBus, name: string, fields: Record<string, unknown> = {}): Promise<void> => {
  const data = PaymentReversed.write(paymentData(name, { ...fields, status: 'reversed', reversedFen: 150 }));
  return sendRaw(bus, name, { type: 'reversed', version: 2, value: JSON.stringify(data) });
};

export const sayAllocated = (bus: RawBus, name: string, fields: Record<string, unknown> = {}): Promise<void> => {
  const data = PaymentAllocated.write(paymentData(name, { ...fields, allocation: 'payable' }));
  return sendRaw(bus, name, { type: 'allocated', version: 3, value: JSON.stringify(data) });
};

type Db = Awaited<ReturnType<typeof rawDatabase>>['db'];
type Entry = { _id: string; legs: { account: string; amountFen: number }[] };
type Balance = { _id: string; account: string; partition: number; debitFen: number; creditFen: number };

/** Adds the entries up again, without our code: the balances must say the same, and the whole must be zero. */
export const balancesMatchEntries = async (db: Db): Promise<{ entries: number; balances: Balance[] }> => {
  const entries = await db.collection<Entry>('entries').find().toArray();
  const balances = await db.collection<Balance>('balances').find().sort({ _id: 1 }).toArray();
  const added: Record<string, number> = {};
  for (const { account, amountFen } of entries.flatMap(({ legs }) => legs)) added[account] = (added[account] ?? 0) + amountFen;
  const kept: Record<string, number> = {};
  for (const { account, debitFen, creditFen } of balances) kept[account] = (kept[account] ?? 0) + debitFen - creditFen;
  expect(kept).toEqual(added);
  expect(Object.values(kept).reduce((sum, fen) => sum + fen, 0)).toBe(0);
  return { entries: entries.length, balances };
};
