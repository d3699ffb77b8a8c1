import { Outage } from '@scenefi/kernel';
import { namespace, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLedger } from '../src/service.ts';
import {
  type Build,
  balancesMatchEntries,
  entryIdOf,
  factIdOf,
  type Ledger,
  paymentData,
  paymentIdOf,
  paymentTopic,
  sayAllocated,
  sayRecorded,
  sayReversed,
  school,
  sendRaw,
  startLedger,
} from './ledger-under-test.ts';

const prefix = namespace('ledger');
let ledger: Ledger;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  [ledger, bus, database] = await Promise.all([startLedger(prefix), rawBus(prefix), rawDatabase(prefix, 'ledger')]);
});

afterAll(async () => {
  await ledger.stop();
  await Promise.all([bus.close(), database.close()]);
});

const factsOf = async (name: string, version = 1) =>
  (await bus.read('ledger.entry.v1')).filter(({ key }) => key === entryIdOf(name, version));
const entriesOf = (name: string) =>
  database.db
    .collection('entries')
    .find({ paymentId: paymentIdOf(name) })
    .toArray();
const letterOf = (name: string) => database.db.collection('dead_letters').findOne({ 'message.event.id': factIdOf(name) });
const end = (name: string, how: 'done' | 'dead' | 'parked', times = 1) => ledger.spy.awaitEnd(factIdOf(name), how, times);

const restart = async (build?: Build): Promise<void> => {
  await ledger.stop();
  ledger = await startLedger(prefix, build && { build });
};

/** What was sent while the service was away comes to it as one batch. */
const whileAway = async (send: () => Promise<void>): Promise<void> => {
  await ledger.stop();
  await send();
  ledger = await startLedger(prefix);
};

test('a recorded payment becomes one balanced entry, said once, on the Shanghai day of the fact', async () => {
  await sayRecorded(bus, 'one');
  await end('one', 'done');
  const [fact, ...more] = await factsOf('one');
  expect(more).toEqual([]);
  expect(fact!.headers).toMatchObject({
    ce_id: `${entryIdOf('one')}:1`,
    ce_sequence: '0000000001',
    ce_type: 'cn.scenefi.ledger.entry.posted.v1',
    ce_source: '/scenefi/ledger',
    ce_correlationid: 'notice-one',
    ce_causationid: factIdOf('one'),
  });
  expect(JSON.parse(fact!.value!)).toEqual({
    entryId: entryIdOf('one'),
    paymentId: paymentIdOf('one'),
    about: paymentData('one').about,
    reason: 'recorded',
    businessDay: '2026-09-01',
    legs: [
      { account: 'clearing:counter', amountFen: 150 },
      { account: `payable:${school}`, amountFen: -150 },
    ],
  });
});

test('a reversal is an entry of its own that takes everything back', async () => {
  await sayRecorded(bus, 'back', { allocation: 'suspense', channel: 'aggregated-qr' });
  await sayReversed(bus, 'back', { allocation: 'suspense', channel: 'aggregated-qr' });
  await ledger.spy.awaitEnd(factIdOf('back', 2), 'done');
  expect((await entriesOf('back')).map(({ reason }) => reason).sort()).toEqual(['recorded', 'reversed']);
  const { balances } = await balancesMatchEntries(database.db);
  const suspense = balances.filter(({ account }) => account === `suspense:${school}`);
  expect(suspense).toMatchObject([{ debitFen: 150, creditFen: 150 }]);
});

test('what people let the partner have moves from suspense to the partner once, however often it is said', async () => {
  await sayRecorded(bus, 'owed', { allocation: 'suspense', amountFen: 990 });
  await sayAllocated(bus, 'owed', { amountFen: 990, refundedFen: 90 });
  await sayAllocated(bus, 'owed', { amountFen: 990, refundedFen: 90 });
  await ledger.spy.awaitEnd(factIdOf('owed', 3), 'done', 2);
  const [fact] = await factsOf('owed', 3);
  expect(JSON.parse(fact!.value!)).toMatchObject({
    reason: 'allocated',
    legs: [
      { account: `suspense:${school}`, amountFen: 900 },
      { account: `payable:${school}`, amountFen: -900 },
    ],
  });
  expect((await entriesOf('owed')).map(({ reason }) => reason).sort()).toEqual(['allocated', 'recorded']);
  await balancesMatchEntries(database.db);
});

test('repeats in one batch, in later batches and after a restart are one entry, counted once, and each says the very same', async () => {
  await whileAway(async () => {
    for (let times = 0; times < 4; times += 1) await sayRecorded(bus, 'again', { channel: 'aggregated-qr', amountFen: 7_000_000_000 });
  });
  await end('again', 'done', 4);
  await sayRecorded(bus, 'again', { channel: 'aggregated-qr', amountFen: 7_000_000_000 });
  await end('again', 'done', 5);
  await restart();
  await sayRecorded(bus, 'again', { channel: 'aggregated-qr', amountFen: 7_000_000_000 });
  await end('again', 'done');
  expect(await entriesOf('again')).toHaveLength(1);
  const [first, ...repeats] = await factsOf('again');
  for (const repeat of repeats) expect(repeat).toMatchObject({ value: first!.value, headers: first!.headers });
  const { balances } = await balancesMatchEntries(database.db);
  const clearing = balances.filter(({ account }) => account === 'clearing:aggregated-qr');
  expect(clearing.reduce((sum, { debitFen }) => sum + debitFen, 0)).toBe(7_000_000_150);
});

test('a repeat beside a new payment in one batch adds nothing, also where the first try of the transaction is undone', async () => {
  await sayRecorded(bus, 'known');
  await end('known', 'done');
  await ledger.stop();
  await sayRecorded(bus, 'known');
  for (let number = 0; number < 9; number += 1) await sayRecorded(bus, `beside-${number}`);
  await sayRecorded(bus, 'known');
  let undone = 0;
  ledger = await startLedger(prefix, {
    build: ({ store, ...platform }) => {
      const transaction: typeof store.transaction = (work) =>
        store.transaction(async (session) => {
          const value = await work(session);
          if (++undone <= 3) throw new Outage('the process is about to crash');
          return value;
        });
      return buildLedger({ ...platform, store: { ...store, transaction } });
    },
  });
  for (let number = 0; number < 9; number += 1) await end(`beside-${number}`, 'done');
  await end('known', 'done', 2);
  expect(undone).toBeGreaterThan(3);
  await balancesMatchEntries(database.db);
});

test('balances are kept by the partition that the payments came from', async () => {
  const names = Array.from({ length: 12 }, (_, number) => `spread-${number}`);
  for (const name of names) await sayRecorded(bus, name);
  for (const name of names) await end(name, 'done');
  const partitions = new Set((await bus.read(paymentTopic)).map(({ partition }) => partition));
  expect(partitions.size).toBe(3);
  const { balances } = await balancesMatchEntries(database.db);
  const clearing = balances.filter(({ account }) => account === 'clearing:counter');
  expect(clearing.map(({ _id }) => _id)).toEqual([0, 1, 2].map((partition) => `clearing:counter|${partition}`));
});

test.each([
  ['in one batch', 'differs-now', whileAway],
  ['later', 'differs-later', (send: () => Promise<void>) => send()],
])('the same fact with other legs %s is dead-lettered and shouted about, and the first stands', async (_when, name, during) => {
  if (name === 'differs-later') {
    await sayRecorded(bus, name);
    await end(name, 'done');
  }
  await during(async () => {
    if (name === 'differs-now') await sayRecorded(bus, name);
    await sayRecorded(bus, name, { amountFen: 151 });
    await sayRecorded(bus, name);
  });
  await end(name, 'done', 2);
  await end(name, 'dead');
  expect(await letterOf(name)).toMatchObject({ code: 'LEDGER_ENTRY_DIFFERS' });
  const shouts = ledger.logger.lines.filter(({ level, fields }) => level === 'error' && fields.entryId === entryIdOf(name));
  expect(shouts).toHaveLength(1);
  expect((await entriesOf(name)).map(({ legs }) => legs[0].amountFen)).toEqual([150]);
  expect((await factsOf(name)).filter(({ value }) => value!.includes('151'))).toEqual([]);
  await balancesMatchEntries(database.db);
});

test('an entry that was posted and not published before a crash is published when its fact comes again, and counted once', async () => {
  const publish = async (): Promise<void> => Promise.reject(new Outage('the process is about to crash'));
  await restart((platform) => buildLedger({ ...platform, publisher: { publish } }));
  await sayRecorded(bus, 'crash');
  await until('the entry stands', async () => (await entriesOf('crash')).length === 1);
  await until('the partition pauses', () => ledger.logger.lines.some(({ sentence }) => sentence === 'a partition pauses'));
  expect(ledger.spy.all).toEqual([]);
  expect(await factsOf('crash')).toEqual([]);
  await restart();
  await end('crash', 'done');
  expect(await factsOf('crash')).toHaveLength(1);
  expect(await entriesOf('crash')).toHaveLength(1);
  await balancesMatchEntries(database.db);
});

test.each([
  ['text that is no JSON', 'text', { value: 'null and void' }, 'BUS_NOT_JSON'],
  ['a fact without an amount', 'poison', { value: JSON.stringify(paymentData('poison', { amountFen: undefined })) }, 'BUS_CONTRACT_BROKEN'],
  ['an unknown type', 'type', { value: '{}', type: 'eaten' }, 'BUS_UNKNOWN_TYPE'],
])('%s is dead-lettered with its code and the consumer lives on', async (_what, name, raw, code) => {
  await sendRaw(bus, name, raw);
  await end(name, 'dead');
  expect(await letterOf(name)).toMatchObject({ code });
  await sayReversed(bus, name);
  await ledger.spy.awaitEnd(factIdOf(name, 2), 'done');
  expect(ledger.crashes).toEqual([]);
});

/** A release whose mapping stumbles over one payment. */
const broken: Build = async (platform) => {
  const service = await buildLedger(platform);
  const subscriptions = service.subscriptions?.map((subscription): typeof subscription => ({
    ...subscription,
    map: (heard) => {
      if (heard.event.id === factIdOf('stuck')) throw new TypeError('no such field');
      return subscription.map(heard);
    },
  }));
  return { ...service, ...(subscriptions && { subscriptions }) };
};

test('a bug, and an account unknown to the books, park their key with nothing written, and after the fix it drains in order', async () => {
  await restart(broken);
  await sayRecorded(bus, 'stuck');
  await sayReversed(bus, 'stuck');
  await ledger.spy.awaitEnd(factIdOf('stuck', 2), 'parked');
  await sendRaw(bus, 'escrow', { value: JSON.stringify(paymentData('escrow', { allocation: 'escrow' })) });
  await end('escrow', 'parked');
  expect(await entriesOf('stuck')).toEqual([]);
  expect(await entriesOf('escrow')).toEqual([]);
  for (let number = 0; number < 9; number += 1) await sayRecorded(bus, `free-${number}`);
  for (let number = 0; number < 9; number += 1) await end(`free-${number}`, 'done');
  await restart();
  await ledger.spy.awaitEnd(factIdOf('stuck', 2), 'done');
  const ends = ledger.spy.all.filter(({ messageId }) => messageId.startsWith(paymentIdOf('stuck')));
  expect(ends.map(({ messageId, end: how }) => [messageId, how])).toEqual([1, 2].map((version) => [factIdOf('stuck', version), 'done']));
  const parked = await database.db.collection('parked_messages').find().toArray();
  expect(parked.map(({ message, code }) => [message.key, code])).toEqual([[paymentIdOf('escrow'), 'ENGINE_UNEXPECTED']]);
  await balancesMatchEntries(database.db);
});
