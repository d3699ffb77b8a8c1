import type { Message } from '@scenefi/engine';
import { Outage } from '@scenefi/kernel';
import { engineAddresses, namespace, openBrokerProxy, type RawBus, rawBus, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bus } from '../src/bus.ts';
import { awaitLeaders, ids, keyOn, openBus, topic, unit } from './open-bus.ts';

const prefix = namespace('consume');
let bus: Bus;
let raw: RawBus;

beforeAll(async () => {
  ({ bus } = await openBus(prefix));
  raw = await rawBus(prefix);
  await awaitLeaders(raw);
});
afterAll(async () => {
  await raw.close();
  await bus.close();
});

/** A group of its own, from the beginning of the topic; `stop` leaves the group. */
const consume = async (group: string, settle: (messages: readonly Message[]) => Promise<void>, brokers?: string) => {
  const opened = await openBus(prefix, brokers === undefined ? {} : { brokers: [brokers] });
  await opened.bus.consume({ group, topics: [topic], settle, partitionsConcurrently: 3 });
  const stop = async (): Promise<void> => {
    await opened.bus.stopConsuming();
    await opened.bus.close();
  };
  const committedOf = async (partition: number) => (await opened.bus.log.committed()).get(`${topic}|${partition}`);
  return { ...opened, stop, committedOf };
};

test('while a slice does not settle nothing behind it is committed, other partitions go on, and all comes in order at last', async () => {
  const [zero, one] = [0, 1].map((partition) => keyOn(bus.log.partitionOf, partition)) as [string, string];
  await bus.log.send([unit(zero, 1, 600)]);
  await bus.log.send([unit(one, 1, 300)]);
  const settled = new Map<number, number[]>();
  const tries: number[] = [];
  let away = true;
  const {
    stop,
    committedOf,
    bus: own,
  } = await consume('prefix', async (messages) => {
    const { partition, offset } = messages[0]!;
    if (partition === 0) tries.push(offset);
    if (away && partition === 0 && offset >= 250) throw new Outage('the database is away');
    settled.set(partition, [...(settled.get(partition) ?? []), ...messages.map((message) => message.offset)]);
  });

  await until('the partition is tried again', () => tries.filter((offset) => offset === 250).length >= 2);
  await until('the other partition is done', async () => (await committedOf(1)) === 300);
  expect(await committedOf(0)).toBe(250);
  expect(await own.lag()).toBe(350);

  away = false;
  await until('all is committed', async () => (await committedOf(0)) === 600);
  expect(settled.get(0)).toEqual(Array.from({ length: 600 }, (_, offset) => offset));
  expect(await own.lag()).toBe(0);
  expect(own.joined()).toBe(true);
  await stop();
});

test('records that nobody can read, and bugs in settling, leave the consumer alive', async () => {
  const key = keyOn(bus.log.partitionOf, 2);
  await raw.send(topic, { key, value: 'not JSON', headers: { ce_specversion: '9' }, partition: 2 });
  await raw.send(topic, { key, value: null, partition: 2 });
  await raw.send(topic, { key: '', value: Buffer.from([0xff, 0, 1]), headers: { 'a.b': 'x', '': 'y' }, partition: 2 });
  await bus.log.send([unit(key, 1)]);
  const seen: string[] = [];
  let bugs = 2;
  const { stop, logger, crashes } = await consume('poison', async (messages) => {
    if (messages[0]!.partition !== 2) return;
    bugs -= 1;
    if (bugs >= 0) throw new TypeError('a bug in the engine');
    seen.push(...ids(messages));
  });

  await until('the last message is heard', () => seen.includes(`${key}:1`));
  const fault = 'ce_specversion is not 1.0';
  expect(seen).toEqual([fault, fault, fault, `${key}:1`]);
  expect(logger.lines.filter(({ sentence }) => sentence === 'settling failed')).toHaveLength(2);
  expect(crashes).toEqual([]);
  await stop();
});

test('from the moment of joining the ends are known, so that nothing that takes runs before the backlog is heard', async () => {
  const { bus: own } = await openBus(prefix);
  expect(await own.log.ends()).toEqual(new Map());

  const started = own.consume({ group: 'early', topics: [topic], settle: () => new Promise(() => undefined), partitionsConcurrently: 1 });
  const [ends, committed] = await Promise.all([own.log.ends(), own.log.committed()]);

  expect(ends.get(`${topic}|0`)).toBe(600);
  expect(committed.get(`${topic}|0`)).toBe(0);
  await started;
  await own.close();
});

test('a broker that goes away and comes back costs nothing but time', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const key = keyOn(bus.log.partitionOf, 1);
  const seen: string[] = [];
  const {
    stop,
    crashes,
    bus: own,
    committedOf,
  } = await consume('cut', async (messages) => void seen.push(...ids(messages)), proxy.address);
  const before = await until('the backlog is heard', async () => ((await committedOf(1)) === 300 ? seen.length : undefined));

  proxy.cut();
  await expect(own.log.ends()).rejects.toThrow(Outage);
  await bus.log.send([unit(key, 900)]);
  proxy.heal();

  await until('what came meanwhile is heard', () => seen.slice(before).includes(`${key}:900`));
  await until('the group hears of us again', () => own.joined());
  expect(crashes).toEqual([]);
  await stop();
  await proxy.close();
});
