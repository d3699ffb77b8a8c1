import { setImmediate as idle } from 'node:timers/promises';
import { type Instant, Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { createWakeSweep, every, type Swept, sweepUnsent } from '../src/sweepers.ts';
import { notice } from './counting-service.ts';
import { add, entry, openWorld, startAt, totalOf } from './world.ts';

const deadline: Instant = '2026-01-02T03:05:00.000Z';
const lane = 'campus.notice.v1|1';

/** A world with one process and its sweepers. */
const openSwept = () => {
  const world = openWorld();
  const { documents, log, backlog, clock, logger } = world;
  const boot = () => {
    const { apply, publish } = world.boot();
    const swept: Swept = { name: 'counter', documents, target: { apply: apply as never }, publish };
    return { apply, swept, sweepWakes: createWakeSweep(swept, { log, backlog, clock, logger }) };
  };
  const arm = (id: string, takes: boolean, does: 'add' | 'bug' = 'add', at = deadline) =>
    entry(id, `arm ${id}`, { type: 'Arm', at, takes, does });
  const totals = (...ids: string[]): number[] => ids.map((id) => totalOf(documents.get(id)));
  return { ...world, boot, arm, totals };
};

/** The group has heard everything up to this offset; the topic ends there or later. */
const offsets = (offset: number) => new Map([[lane, offset]]);

test('facts of a crashed process are published once their mark is older than two seconds', async () => {
  const { clock, documents, log, boot } = openSwept();
  log.away = true;
  await boot().apply([add('c1', 'm1', 1, { backed: false })]);
  log.away = false;
  const { swept } = boot();

  await clock.advance(2_000);
  await sweepUnsent(swept, clock);
  expect(log.ids()).toEqual([]);
  await clock.advance(1);
  expect(await sweepUnsent(swept, clock)).toBe(0);

  expect(log.ids()).toEqual(['c1:1']);
  expect(documents.get('c1')).not.toHaveProperty('unsent');
});

test('a mark stays while the broker is away, and the facts come when it is back', async () => {
  const { clock, documents, log, boot } = openSwept();
  log.away = true;
  const { apply, swept } = boot();
  await apply([add('c1', 'm1', 1, { backed: false }), add('c2', 'm2', 1, { backed: false })]);
  await clock.advance(3_000);

  expect(await sweepUnsent(swept, clock)).toBe(2);
  expect([documents.get('c1')?.unsent, log.records.length]).toEqual([1, 0]);

  log.away = false;
  await sweepUnsent(swept, clock);
  expect(log.ids()).toEqual(['c1:1', 'c2:1']);
});

test('a wake-up that takes nothing runs when it is due, not before, and waits for nobody', async () => {
  const { clock, log, boot, arm, totals } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', false), arm('c2', false, 'add', '2026-01-02T03:06:00.000Z')]);
  log.endOffsets = offsets(10);

  await sweepWakes();
  expect(totals('c1', 'c2')).toEqual([0, 0]);
  clock.set(deadline);
  await sweepWakes();
  expect(totals('c1', 'c2')).toEqual([1, 0]);
});

test('a wake-up that takes waits until the group has heard all that stood in the log when it fell due', async () => {
  const { clock, log, boot, arm, totals } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', true)]);
  clock.set(deadline);
  log.endOffsets = offsets(10);
  log.committedOffsets = offsets(9);

  await sweepWakes();
  expect(totals('c1')).toEqual([0]);

  // What came after the deadline is not waited for.
  log.endOffsets = offsets(500);
  log.committedOffsets = offsets(10);
  await sweepWakes();
  expect(totals('c1')).toEqual([1]);
});

test('a partition that the group has never read holds back what takes', async () => {
  const { clock, log, boot, arm, totals } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', true)]);
  clock.set(deadline);
  log.endOffsets = new Map([...offsets(0), ['payments.payment.v1|0', 1]]);
  log.committedOffsets = offsets(0);

  await sweepWakes();

  expect(totals('c1')).toEqual([0]);
});

test('what fell due after the ends were read needs ends of its own', async () => {
  const { clock, log, boot, arm, totals } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', true), arm('c2', true, 'add', '2026-01-02T03:06:00.000Z')]);
  clock.set(deadline);
  log.endOffsets = offsets(10);
  await sweepWakes();

  clock.set('2026-01-02T03:06:00.000Z');
  log.endOffsets = offsets(20);
  log.committedOffsets = offsets(10);
  await sweepWakes();
  expect(totals('c1', 'c2')).toEqual([1, 0]);

  await sweepWakes();
  expect(totals('c2')).toEqual([0]);
  log.committedOffsets = offsets(20);
  await sweepWakes();
  expect(totals('c2')).toEqual([1]);
});

const park = async ({ backlog }: ReturnType<typeof openSwept>, aggregateIds: string[] | null) =>
  backlog.park(
    { _id: `${lane}|3`, key: 'campus.notice.v1|k', message: notice(3, 'k'), code: 'X', reason: '', since: startAt, aggregateIds },
    undefined,
  );

test('a parked message holds back what takes from its aggregate, and from no other', async () => {
  const world = openSwept();
  const { apply, sweepWakes } = world.boot();
  await apply([world.arm('c1', true), world.arm('c2', true)]);
  await park(world, ['c1']);
  world.clock.set(deadline);

  await sweepWakes();
  expect(world.totals('c1', 'c2')).toEqual([0, 1]);

  world.backlog.parkedHeads.clear();
  await sweepWakes();
  expect(world.totals('c1')).toEqual([1]);
});

test('a parked message that cannot be mapped holds back everything that takes, and nothing else', async () => {
  const world = openSwept();
  const { apply, sweepWakes } = world.boot();
  await apply([world.arm('c1', true), world.arm('c2', false)]);
  await park(world, null);
  world.clock.set(deadline);

  await sweepWakes();

  expect(world.totals('c1', 'c2')).toEqual([0, 1]);
});

test('ends, commits and parked messages are read in this order', async () => {
  const { clock, journal, boot, arm } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', true)]);
  clock.set(deadline);

  await sweepWakes();

  expect(journal).toEqual(['ends', 'committed', 'blocking']);
});

test('a wake-up that fails is shown and postponed, and the others run', async () => {
  const { clock, logger, boot, arm, totals } = openSwept();
  const { apply, sweepWakes } = boot();
  await apply([arm('c1', false, 'bug'), arm('c2', false)]);
  clock.set(deadline);

  await sweepWakes();
  await sweepWakes();

  expect(totals('c1', 'c2')).toEqual([0, 1]);
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { scene: 'counter', aggregateId: 'c1' } }]);
});

test('two processes that sweep the same deadline wake once', async () => {
  const { clock, boot, arm, totals } = openSwept();
  const [one, other] = [boot(), boot()];
  await one.apply([arm('c1', false), arm('c2', true)]);
  clock.set(deadline);

  await Promise.all([one.sweepWakes(), other.sweepWakes()]);

  expect(totals('c1', 'c2')).toEqual([1, 1]);
});

test('a job never runs twice at once, and its interval counts from its end', async () => {
  const { clock, logger } = openWorld();
  let running = 0;
  let runs = 0;
  let most = 0;
  let release = (): void => undefined;
  const run = async (): Promise<void> => {
    runs += 1;
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    running -= 1;
  };
  const stop = every(clock, 1_000, { name: 'slow', run }, logger);

  await clock.advance(999);
  expect(runs).toBe(0);
  await clock.advance(5_000);
  expect(runs).toBe(1);
  release();
  await idle();
  await clock.advance(999);
  expect(runs).toBe(1);
  await clock.advance(1);
  expect([runs, most]).toEqual([2, 1]);
  release();
  await stop();
});

test.each([
  ['an outage is a warning', new Outage('the database is away'), 'warn', 'a sweep met an outage'],
  ['a bug is an error with its stack', new TypeError('x'), 'error', 'a sweep failed'],
])('a job survives what it throws: %s', async (_title, thrown, level, sentence) => {
  const { clock, logger } = openWorld();
  let runs = 0;
  const run = async (): Promise<void> => {
    runs += 1;
    throw thrown;
  };
  const stop = every(clock, 1_000, { name: 'sick', run }, logger);

  await clock.advance(3_000);
  await stop();

  expect(runs).toBe(3);
  expect(logger.lines[0]).toMatchObject({ level, sentence, fields: { job: 'sick' } });
});

test('a stopped job ends its round and runs no more', async () => {
  const { clock, logger } = openWorld();
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const run = async (): Promise<void> => {
    runs += 1;
    await promise;
  };
  const stop = every(clock, 1_000, { name: 'last', run }, logger);
  await clock.advance(1_000);

  const stopped = stop();
  expect(await Promise.race([stopped, Promise.resolve('still running')])).toBe('still running');
  resolve();
  await stopped;
  await clock.advance(10_000);

  expect(runs).toBe(1);
});
