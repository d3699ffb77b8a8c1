import type { Message } from '@scenefi/engine';
import { systemClock } from '@scenefi/runtime';
import { engineAddresses, namespace, openBrokerProxy, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { openBus, unit, untilTaken } from './open-bus.ts';

const topics = ['merchants.partner.v1', 'merchants.credential.v1'] as const;

test('a table is fresh once it has read what stood there at its start, and goes on reading', async () => {
  const prefix = namespace('table');
  const { bus } = await openBus(prefix);
  await untilTaken(bus, unit('p1', 1, 300, '{}', topics[0]), unit('k1', 1, 1, '{}', topics[1]));
  const seen: Message[] = [];
  const table = bus.openTable(topics, (message) => void seen.push(message));
  expect(table.fresh()).toBe(false);

  await bus.startTables();
  await until('it is fresh', () => table.fresh());
  expect(new Set(seen.map(({ event }) => event?.id)).size).toBe(301);

  await bus.log.send([unit('k2', 1, 1, '{}', topics[1])]);
  await until('it goes on', () => seen.some(({ key }) => key === 'k2'));
  await bus.stopConsuming();
  await bus.close();
});

test('an empty table is fresh too, and every process reads the whole of it', async () => {
  const prefix = namespace('tables');
  const buses = await Promise.all([openBus(prefix), openBus(prefix)]);
  const seen: string[][] = [[], []];
  const tables = buses.map(({ bus }, index) => bus.openTable(topics, ({ key }) => void seen[index]!.push(key)));
  await Promise.all(buses.map(({ bus }) => bus.startTables()));
  await until('both are fresh', () => tables.every((table) => table.fresh()));

  await buses[0]!.bus.log.send([unit('k1', 1, 1, '{}', topics[1])]);
  await until('both have it', () => seen.every((keys) => keys.includes('k1')));
  for (const { bus } of buses) await bus.stopConsuming().then(bus.close);
});

test('a table that nobody has confirmed for thirty seconds is stale, until the broker is back', async () => {
  const prefix = namespace('stale');
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const { bus, logger } = await openBus(prefix, { brokers: [proxy.address], clock });
  const table = bus.openTable(topics, () => undefined);
  await bus.startTables();
  await until('it is fresh', () => table.fresh());

  proxy.cut();
  await until('it could not be confirmed', () => logger.lines.some(({ sentence }) => sentence === 'a table could not be confirmed'));
  expect(table.fresh()).toBe(true);
  aheadMs = 30_000;
  expect(table.fresh()).toBe(false);

  proxy.heal();
  await until('it is fresh again', () => table.fresh());
  await bus.stopConsuming();
  await bus.close();
  await proxy.close();
});
