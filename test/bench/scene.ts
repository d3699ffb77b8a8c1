import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Engines } from '../../scripts/engines/index.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { untilReady } from '../../scripts/start/watch.ts';
import type { WriteOrder, WriteReport } from './bare/bulk-writes.ts';
import type { Child, Children } from './children.ts';
import { type BenchAdmin, openAdmin } from './kafka.ts';
import { cpuMicroseconds, median, ratioLine, residentMb, spread, tableOf } from './measure.ts';
import { issuedNotice, type Notice, paidNotice } from './notices.ts';
import { openNotices } from './scene-messages.ts';
import type { TimeSplit } from './time-split.ts';

export type SceneOptions = { rounds: number; messages: number; nodeArgs: readonly string[]; say: (line: string) => void };

const partitions = 3;
const goal = 0.5;
const roundSecondsMax = 120;
/** Longer than this the consumer must not be held, or its group would let it go. */
const holdSecondsMax = 12;

type Numbers = { perSecond: number; cpuPerMessage: number; rssMb: number };
type Bench = {
  prefix: string;
  admin: BenchAdmin;
  campus: Child;
  bare: Child;
  bills: mongoose.mongo.Collection;
  prepare: (notices: readonly Notice[]) => () => Promise<void>;
};

const numbered = (count: number, notice: (index: number) => Notice): Notice[] => Array.from({ length: count }, (_, index) => notice(index));

/** What a round sends, and which bills it leaves behind: some new, some changed a second time. */
type Round = { notices: Notice[]; order: WriteOrder };

const newBills = (run: string, count: number): Round => ({
  notices: numbered(count, (index) => issuedNotice(run, index)),
  order: { created: run },
});

const mixedBills = (run: string, before: string, count: number): Round => ({
  notices: numbered(count / 2, (index) => issuedNotice(run, index)).flatMap((issued, index) => [issued, paidNotice(before, index)]),
  order: { created: run, changed: before },
});

/**
 * The consumer stands still while its messages are put on the log, so that it starts warm and with all of them before it.
 * Measured until its group has committed the last one; then database and topic must hold exactly what was sent.
 */
const consume = async ({ prefix, admin, campus, bills, prepare }: Bench, { notices, order }: Round): Promise<Numbers> => {
  const topic = `${prefix}campus.notice.v1`;
  const send = prepare(notices);
  const factsBefore = await admin.count(`${prefix}campus.bill.v1`);
  campus.signal('SIGSTOP');
  const heldAt = performance.now();
  await send();
  if (performance.now() - heldAt > holdSecondsMax * 1000)
    throw new Error('putting the messages on the log took too long; use fewer --messages');
  const cpuBefore = cpuMicroseconds(campus.pid);
  const startedAt = performance.now();
  campus.signal('SIGCONT');
  while ((await admin.lag(`${prefix}campus`, topic)) > 0) {
    if (performance.now() - startedAt > roundSecondsMax * 1000) throw new Error(`campus was not through after ${roundSecondsMax} s`);
    await sleep(20);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuPerMessage = (cpuMicroseconds(campus.pid) - cpuBefore) / notices.length;
  const facts = (await admin.count(`${prefix}campus.bill.v1`)) - factsBefore;
  const created = await bills.countDocuments({ 'state.terms.title': order.created, rev: 1 });
  const changed = order.changed === undefined ? 0 : await bills.countDocuments({ 'state.terms.title': order.changed, rev: 2 });
  if (facts !== notices.length || created + changed !== notices.length)
    throw new Error(`${notices.length} notices became ${created} new bills, ${changed} changed ones and ${facts} facts`);
  return { perSecond: notices.length / seconds, cpuPerMessage, rssMb: residentMb(campus.pid) };
};

const writeBare = async ({ bare }: Bench, { notices, order }: Round): Promise<Numbers> => {
  const { documents, seconds, cpuMicros } = await bare.ask<WriteReport>(order);
  if (documents !== notices.length) throw new Error(`the bare loop wrote ${documents} documents for ${notices.length} notices`);
  return { perSecond: documents / seconds, cpuPerMessage: cpuMicros / documents, rssMb: residentMb(bare.pid) };
};

const openBench = async (engines: Engines, children: Children, admin: BenchAdmin, nodeArgs: readonly string[]) => {
  const prefix = `bench-${randomBytes(4).toString('hex')}.`;
  const databaseOf = (service: string): string => `${prefix.replaceAll('.', '-')}${service}`;
  const notices = await openNotices(engines.kafka.address, prefix, partitions);
  const port = (await freePorts(1))[0]!;
  const mongo = { MONGO_URL: engines.mongo.address };
  const campus = children.start({
    name: 'campus',
    script: 'services/campus/src/main.ts',
    nodeArgs: ['--import', './test/bench/time-split.ts', ...nodeArgs],
    env: {
      ...mongo,
      KAFKA_BROKERS: engines.kafka.address,
      NAMESPACE: prefix,
      TOPIC_PARTITIONS: String(partitions),
      TOPIC_REPLICATION: '1',
      PORT: String(port),
      INTERNAL_TOKEN: randomBytes(16).toString('hex'),
      ID_KEY: randomBytes(32).toString('hex'),
    },
  });
  const bare = children.start({
    name: 'bulk-writes',
    script: 'test/bench/bare/bulk-writes.ts',
    env: { ...mongo, SOURCE_DATABASE: databaseOf('campus'), TARGET_DATABASE: databaseOf('bare'), LANES: String(partitions) },
  });
  await Promise.all([untilReady([{ name: 'campus', url: `http://127.0.0.1:${port}` }], 60_000), bare.ask(undefined)]);
  const connection = await mongoose.createConnection(engines.mongo.address).asPromise();
  const bills = connection.getClient().db(databaseOf('campus')).collection('bills');
  const close = async (): Promise<void> => {
    await Promise.all([notices.close(), connection.close()]);
  };
  return { bench: { prefix, admin, campus, bare, bills, prepare: notices.prepare } satisfies Bench, close };
};

const reportOf = (kind: string, ours: readonly Numbers[], bare: readonly Numbers[]): string[] => {
  const row = (name: string, numbers: readonly Numbers[]): string[] => [
    name,
    spread(numbers.map(({ perSecond }) => perSecond)),
    spread(numbers.map(({ cpuPerMessage }) => cpuPerMessage)),
    String(Math.round(median(numbers.map(({ rssMb }) => rssMb)))),
  ];
  const speeds = [ours, bare].map((numbers) => numbers.map(({ perSecond }) => perSecond)) as [number[], number[]];
  return [
    ...tableOf([[kind, 'messages/s', 'CPU µs/message', 'RSS MB'], row('  campus', ours), row('  bulkWrite', bare)]),
    ratioLine(`${kind}, campus / bulkWrite`, ...speeds, goal),
  ];
};

/** Calls overlap over partitions, so the parts are told as shares of the time that batches were in hand. */
const splitLine = (split: TimeSplit): string => {
  const total = split.batch?.ms ?? Number.NaN;
  const part = (kind: string): string => {
    const { ms = 0, calls = 0 } = split[kind] ?? {};
    return `${kind} ${Math.round((ms / total) * 100)} % (${calls} × ${(ms / Math.max(1, calls)).toFixed(1)} ms)`;
  };
  const waiting = ['parked heads', 'find', 'write', 'commit'];
  const rest = 1 - waiting.reduce((sum, kind) => sum + (split[kind]?.ms ?? 0), 0) / total;
  const shares = `of the time with a batch: ${waiting.map(part).join(', ')}`;
  return `${shares}; reading, deciding, publishing ${Math.round(rest * 100)} %, in it ${part('produce')}`;
};

/** A scene's consumer against raw bulk writes of the documents that it wrote itself. Answers the report as lines. */
export const benchScene = async (engines: Engines, children: Children, options: SceneOptions): Promise<string[]> => {
  const { rounds, nodeArgs, say } = options;
  const messages = options.messages - (options.messages % 2);
  const admin = await openAdmin(engines.kafka.address);
  const { bench, close } = await openBench(engines, children, admin, nodeArgs);
  const kinds = {
    'new bills': { ours: [] as Numbers[], bare: [] as Numbers[] },
    'half changed': { ours: [] as Numbers[], bare: [] as Numbers[] },
  };
  try {
    const seed = newBills('mixed-0', messages / 2);
    await consume(bench, seed);
    await writeBare(bench, seed);
    await bench.campus.ask<TimeSplit>({});
    for (let round = 1; round <= rounds; round += 1) {
      const work = {
        'new bills': newBills(`new-${round}`, messages),
        'half changed': mixedBills(`mixed-${round}`, `mixed-${round - 1}`, messages),
      };
      for (const kind of ['new bills', 'half changed'] as const) {
        const ours = await consume(bench, work[kind]);
        const bare = await writeBare(bench, work[kind]);
        kinds[kind].ours.push(ours);
        kinds[kind].bare.push(bare);
        say(`round ${round}, ${kind}: campus ${Math.round(ours.perSecond)}/s, bulkWrite ${Math.round(bare.perSecond)}/s`);
      }
    }
    const split = await bench.campus.ask<TimeSplit>({});
    return [
      `${rounds} rounds of ${messages} messages on ${partitions} partitions; median (lowest–highest)`,
      ...Object.entries(kinds).flatMap(([kind, { ours, bare }]) => reportOf(kind, ours, bare)),
      splitLine(split),
    ];
  } finally {
    await close();
    await admin.close();
  }
};
