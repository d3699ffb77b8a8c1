import { setImmediate as idle } from 'node:timers/promises';
import { PartnerDescribed } from '@scenefi/contracts';
import { expect, test } from 'vitest';
import { on } from '../src/subscription.ts';
import { counterScene } from './counter.ts';
import { fact, notice, openService, retryMs } from './counting-service.ts';
import { memoryDocuments } from './memory-documents.ts';
import { add, entry, startAt, totalOf } from './world.ts';

test('a started engine settles, drains, wakes and publishes what was left unsent, by its own sweeps', async () => {
  const { startEngine, clock, cure, documents, log, backlog } = openService();
  const { counter, settle, stop } = startEngine();
  log.away = true;
  await counter.apply([add('c9', 'm9', 1, { backed: false })]);
  log.away = false;
  await counter.apply([entry('c8', 'arm', { type: 'Arm', at: '2026-01-02T03:04:06.000Z', takes: false, does: 'add' })]);
  await settle([notice(1, 'c1', 'cured')]);
  cure.done = true;

  for (let second = 0; second < 5; second += 1) {
    await clock.advance(1_000);
    await idle();
  }
  await stop();

  expect(['c1', 'c8', 'c9'].map((id) => totalOf(documents.get(id)))).toEqual([1, 1, 1]);
  expect(log.ids().sort()).toEqual(['c1:1', 'c8:1', 'c9:1']);
  expect(backlog.parkedHeads.size).toBe(0);
});

test('an engine says that it is not ready while the broker takes no facts for more than thirty seconds', async () => {
  const { startEngine, clock, log } = openService();
  const { engine, counter, stop } = startEngine();
  const { ready } = engine;
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(1_000);
      await idle();
    }
  };
  log.away = true;
  await counter.apply([add('c9', 'm9', 1, { backed: false })]);
  await pass(25);
  expect(ready()).toEqual([]);
  await pass(15);
  expect(ready()).toHaveLength(1);
  log.away = false;
  await pass(2);
  expect(ready()).toEqual([]);
  await stop();
});

test('a stopped engine sweeps no more', async () => {
  const { startEngine, clock, cure, backlog } = openService();
  const { settle, stop } = startEngine();
  await settle([notice(1, 'c1', 'cured')]);
  cure.done = true;

  await stop();
  await clock.advance(10 * retryMs);

  expect(backlog.parkedHeads.size).toBe(1);
});

test('the end of every message is told, so that a test can await it', async () => {
  const { startEngine, ends } = openService();
  const { settle, stop } = startEngine();

  await settle([notice(1, 'c1', 'counts', { value: Buffer.from('?') }), notice(2, 'c1'), notice(3, 'c3', 'bug')]);
  await stop();

  expect(ends).toEqual(['1 dead', '2 done', '3 parked']);
});

test('two kinds of aggregates with the same id each publish all of their own facts', async () => {
  const { bootEngine, log } = openService();
  const engine = bootEngine(memoryDocuments);
  const added = counterScene.contracts.added as typeof PartnerDescribed;
  const other = { ...added, ceType: 'cn.scenefi.counters.other.added.v1', topic: 'counters.other.v1' };
  const first = engine.aggregate(counterScene, { collection: 'counters' });
  const second = engine.aggregate({ ...counterScene, contracts: { ...counterScene.contracts, added: other } }, { collection: 'others' });

  await first.apply([add('c1', 'm1'), add('c1', 'm2')]);
  await second.apply([add('c1', 'm1')]);

  expect(log.records.map(({ topic, id }) => `${topic} ${id}`)).toEqual([
    'counters.counter.v1 c1:1',
    'counters.counter.v1 c1:2',
    'counters.other.v1 c1:1',
  ]);
});

test('a subscription takes one aim, several or none', () => {
  const { boot } = openService();
  const { counter } = boot();
  const data = { partnerId: 'school', revision: 1, name: 'x', scenes: [] };
  const heard = { data, partnerId: '', event: fact(PartnerDescribed, 1, data).event!, partition: 0 };
  const aim = { id: 'c1', command: { type: 'Look' as const } };
  const aims = [aim, [aim, aim], undefined].map((answer) => on(PartnerDescribed, counter, () => answer).map(heard as never));

  expect(aims).toEqual([[aim], [aim, aim], []]);
  expect(startAt < heard.event.time).toBe(false);
});
