import { setTimeout as sleep } from 'node:timers/promises';
import type mongoose from 'mongoose';
import { type BareStages, bareStageNames } from './bare-stages.ts';
import { type BatchSizes, readHistogram, sizesBetween, sizesOf } from './batch-sizes.ts';
import type { Child } from './children.ts';
import { type Costs, type Pids, startCosts } from './costs.ts';
import type { BenchAdmin } from './kafka.ts';
import { type OurServices, partnerId } from './our-services.ts';
import type { PipelineOrder, PipelineReport } from './pipeline-load.ts';

/** A pipeline under load, whoever it belongs to: where notices go in, where entries come out, and how to count what it did. */
export type Side = {
  name: 'ours' | 'bare';
  order: Pick<PipelineOrder, 'port' | 'partnerId' | 'secret' | 'brokers' | 'entriesTopic' | 'billNames'>;
  pids: Pids;
  /** Every group with the topics that it hears. */
  hears: readonly { group: string; topic: string }[];
  /** How many payments and entries stand in the databases. */
  stored: () => Promise<number[]>;
  /** Begins to look at the sizes of batches; the answer tells what they were since. */
  watchSizes: () => Promise<() => Promise<Record<string, BatchSizes>>>;
};

export type SlotResult = PipelineReport & { costs: Costs; sizes: Record<string, BatchSizes>; behindSeconds: number; repeated: number };

const behindSecondsMax = 400;

type Databases = (name: string) => mongoose.mongo.Db;

const countIn = (db: mongoose.mongo.Db, names: readonly string[]): Promise<number[]> =>
  Promise.all(names.map((name) => db.collection(name).countDocuments()));

const ourHearing = {
  campus: ['campus.notice.v1'],
  payments: ['campus.bill.v1'],
  ledger: ['payments.payment.v1'],
  profiles: ['campus.bill.v1'],
  notifier: ['campus.bill.v1', 'payments.payment.v1'],
  'gateway-g1': ['campus.bill.v1', 'payments.payment.v1'],
};

export const sideOfOurs = (ours: OurServices, brokers: string, databases: Databases, engines: Pids): Side => {
  const { namespace, secret, portOf, databaseOf, children, metricsOf } = ours;
  const consumers = ['campus', 'payments', 'ledger', 'profiles', 'notifier', 'gateway'] as const;
  const read = async () => {
    const texts = await Promise.all([...consumers, 'ingress' as const].map(async (name) => [name, await metricsOf(name)] as const));
    return new Map(
      texts.flatMap(([name, text]) => [
        [`${name} slice`, readHistogram(text, 'bus_slice_messages')] as const,
        [`${name} produce`, readHistogram(text, 'batcher_events')] as const,
      ]),
    );
  };
  return {
    name: 'ours',
    order: {
      port: portOf('ingress'),
      partnerId,
      secret,
      brokers,
      entriesTopic: `${namespace}ledger.entry.v1`,
      billNames: 'ids',
    },
    pids: { ...Object.fromEntries([...children].map(([name, { pid }]) => [name, pid])), ...engines },
    hears: Object.entries(ourHearing).flatMap(([group, topics]) =>
      topics.map((topic) => ({ group: namespace + group, topic: namespace + topic })),
    ),
    stored: async () => [
      ...(await countIn(databases(databaseOf('payments')), ['payments'])),
      ...(await countIn(databases(databaseOf('ledger')), ['entries'])),
    ],
    watchSizes: async () => {
      const before = await read();
      return async () => {
        const after = await read();
        return Object.fromEntries([...after].map(([name, counted]) => [name, sizesBetween(before.get(name)!, counted)]));
      };
    },
  };
};

export const sideOfBare = (bare: BareStages, brokers: string, databases: Databases, engines: Pids): Side => {
  const { secret, port, database, topicOf, ingress, stages } = bare;
  const sources = { scene: 'notices', payments: 'bills', ledger: 'payments', 'bills-view': 'bills', 'accounts-view': 'bills' };
  const read = async (): Promise<Record<string, BatchSizes>> => {
    const all = await Promise.all(bareStageNames.map(async (name) => [`${name} slice`, await stages.get(name)!.ask({})] as const));
    return Object.fromEntries(all.map(([name, report]) => [name, sizesOf(report as Parameters<typeof sizesOf>[0])]));
  };
  return {
    name: 'bare',
    order: { port, partnerId, secret, brokers, entriesTopic: topicOf('entries'), billNames: 'numbers' },
    pids: { ingress: ingress.pid, ...Object.fromEntries([...stages].map(([name, { pid }]) => [name, pid])), ...engines },
    hears: bareStageNames.map((name) => ({ group: topicOf(name), topic: topicOf(sources[name]) })),
    stored: () => countIn(databases(database), ['payments', 'entries']),
    watchSizes: async () => {
      await read();
      return read;
    },
  };
};

const untilThrough = async (admin: BenchAdmin, hears: Side['hears']): Promise<number> => {
  const startedAt = performance.now();
  for (;;) {
    const lags = await Promise.all(hears.map(({ group, topic }) => admin.lag(group, topic)));
    const seconds = (performance.now() - startedAt) / 1000;
    if (lags.every((lag) => lag === 0)) return seconds;
    if (seconds > behindSecondsMax) throw new Error(`not every stage was through after ${behindSecondsMax} s: ${lags.join(', ')}`);
    await sleep(50);
  }
};

const ordered = async <Answer>(generator: Child, order: PipelineOrder): Promise<Answer> => {
  const answer = await generator.ask<Answer & { error?: string }>(order);
  if (answer.error !== undefined) throw new Error(`the load generator: ${answer.error}`);
  return answer;
};

export type Load = Pick<PipelineOrder, 'run' | 'seconds' | 'rampSeconds' | 'connections' | 'underWay' | 'perSecond'>;

/** One side under load until every stage is through; what the generator counted must stand on the topic and in the databases. */
export const runSlot = async (side: Side, generator: Child, admin: BenchAdmin, load: Load): Promise<SlotResult> => {
  const { name, order, hears, stored, watchSizes } = side;
  await ordered(generator, { ...order, ...load, phase: 'issue' });
  await untilThrough(admin, hears);
  const [entriesBefore, storedBefore, sizesOfNow] = [await admin.count(order.entriesTopic), await stored(), await watchSizes()];
  const costsOfNow = startCosts({ ...side.pids, generator: generator.pid });
  const report = await ordered<PipelineReport>(generator, { ...order, ...load, phase: 'pay' });
  const behindSeconds = await untilThrough(admin, hears);
  const costs = costsOfNow();
  const sizes = await sizesOfNow();
  const entries = (await admin.count(order.entriesTopic)) - entriesBefore;
  const storedNow = (await stored()).map((count, index) => count - storedBefore[index]!);
  // A fact may be published twice, and is then the same fact; a payment and its entry stand once.
  const repeated = entries - report.payments;
  if (repeated < 0 || storedNow.some((count) => count !== report.payments))
    throw new Error(`${name}: ${report.payments} payments became ${entries} entries on the topic, ${storedNow.join(' and ')} documents`);
  return { ...report, costs, sizes, behindSeconds, repeated };
};
