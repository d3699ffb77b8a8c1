import { Outage } from '@scenefi/kernel';
import { systemClock } from '@scenefi/runtime';
import { engineAddresses, namespace, openBrokerProxy, type RawBus, rawBus, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awaitLeaders, keyOn, openBus, topic, unit, untilTaken } from './open-bus.ts';

const prefix = namespace('produce');
let raw: RawBus;

beforeAll(async () => {
  const { bus } = await openBus(prefix);
  raw = await rawBus(prefix);
  await awaitLeaders(raw);
  await bus.close();
});
afterAll(() => raw.close());

/** Long enough for a machine that has much to do. */
const sendTimeoutMs = 3_000;

/** The ids of a key on the topic, in order. */
const idsOf = async (wanted: string): Promise<string[]> =>
  (await raw.read(topic)).filter(({ key }) => key === wanted).map(({ headers }) => String(headers.ce_id));

const endOf = (sent: Promise<void>): Promise<string> =>
  sent.then(
    () => 'taken',
    (error: Error) => error.message,
  );

test('what is sent stands on the topic as a CloudEvent, in order and on the partition of its key', async () => {
  const { bus } = await openBus(prefix);
  await bus.log.send([unit('whole', 1, 3, '{"a":"学"}')]);

  const records = (await raw.read(topic)).filter(({ key }) => key === 'whole');
  expect(records).toMatchObject(
    [1, 2, 3].map((version) => ({ value: '{"a":"学"}', headers: { ce_id: `whole:${version}`, ce_specversion: '1.0' } })),
  );
  expect(new Set(records.map(({ partition }) => partition))).toEqual(new Set([bus.log.partitionOf(topic, 'whole')]));
  await bus.close();
});

test('the broker stamps notices, and tells its time to whoever asks', async () => {
  const stamps: number[] = [];
  const { bus } = await openBus(prefix, { appended: (brokerMs) => void stamps.push(brokerMs) });

  await bus.log.send([unit('stamped', 1, 1, '{}', 'campus.notice.v1')]);
  await bus.log.send([unit('unstamped', 1)]);

  expect(stamps).toHaveLength(1);
  expect(Math.abs(stamps[0]! - systemClock.now())).toBeLessThan(60_000);
  await bus.close();
});

test('a dead broker whose proxy takes connections and closes them is passed over', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const { bus } = await openBus(prefix, { brokers: [engineAddresses().kafkaBrokers, proxy.address] });
  proxy.cut();
  await bus.log.send([unit('passed over', 1)]);
  expect(await idsOf('passed over')).toEqual(['passed over:1']);
  await bus.close();
  await proxy.close();
});

test('a frozen broker, which takes connections and never answers, costs one produce and not every one', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const real = engineAddresses().kafkaBrokers;
  const ends: string[] = [];
  // One of the two orders makes the frozen broker the first that a producer asks.
  for (const brokers of [
    [proxy.address, real],
    [real, proxy.address],
  ]) {
    const { bus } = await openBus(prefix, { brokers, sendTimeoutMs });
    proxy.stall();
    const two = [await endOf(bus.log.send([unit('frozen', 1)])), await endOf(bus.log.send([unit('frozen', 2)]))];
    expect(two).toContain('taken');
    ends.push(...two);
    proxy.heal();
    await bus.close();
  }
  expect(ends.filter((end) => end !== 'taken')).toHaveLength(1);
  await proxy.close();
});

test('a produce whose answer is lost is an outage although it arrived, and the next one goes through', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const { bus, logger } = await openBus(prefix, { brokers: [proxy.address], sendTimeoutMs });
  await bus.log.send([unit('muted', 1)]);

  proxy.mute();
  await expect(bus.log.send([unit('muted', 2)])).rejects.toThrow(Outage);
  await until('it arrived all the same', async () => (await idsOf('muted')).includes('muted:2'));
  proxy.heal();
  await untilTaken(bus, unit('muted', 2), unit('muted', 3));

  const ids = await idsOf('muted');
  expect([...new Set(ids)]).toEqual(['muted:1', 'muted:2', 'muted:3']);
  expect(ids.filter((id) => id === 'muted:2').length).toBeGreaterThan(1);
  expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await bus.close();
  await proxy.close();
});

test('a broker that answers nothing at all is an outage in time, and is there again afterwards', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const { bus } = await openBus(prefix, { brokers: [proxy.address], sendTimeoutMs });
  await bus.log.send([unit('stalled', 1)]);

  proxy.stall();
  const startedAt = systemClock.now();
  await expect(bus.log.send([unit('stalled', 2)])).rejects.toThrow('in time');
  expect(systemClock.now() - startedAt).toBeLessThan(3 * sendTimeoutMs);
  proxy.cut();
  proxy.heal();
  await untilTaken(bus, unit('stalled', 3));

  const ids = await idsOf('stalled');
  expect(ids[0]).toBe('stalled:1');
  expect(ids).toContain('stalled:3');
  await bus.close();
  await proxy.close();
});

test('a partition that refuses does not take down what is on its way to the others', async () => {
  const { bus } = await openBus(prefix);
  const [sick, healthy] = [0, 1].map((partition) => keyOn(bus.log.partitionOf, partition)) as [string, string];
  await bus.log.send([unit(healthy, 1)]);

  for (let round = 0; round < 5; round += 1) {
    const ends = await Promise.allSettled([
      bus.log.send([unit(sick, 1, 1, 'x'.repeat(3 * 1024 * 1024))]),
      bus.log.send([unit(healthy, 100 * round, 50, 'y'.repeat(10_000))]),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(ends[0]).toMatchObject({ reason: expect.any(Outage) });
  }
  await bus.close();
});

test('a whole `out` of an aggregate fits into one produce', async () => {
  const { bus } = await openBus(prefix);

  await bus.log.send([unit('large', 1, 2, 'x'.repeat(256 * 1024))]);

  expect(await idsOf('large')).toEqual(['large:1', 'large:2']);
  await bus.close();
});
