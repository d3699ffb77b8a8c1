import mongoose from 'mongoose';
import type { Engines } from '../../scripts/engines/index.ts';
import { startBareStages } from './bare-stages.ts';
import { type BatchSizes, middleOf } from './batch-sizes.ts';
import type { Child, Children } from './children.ts';
import { enginePids, loadAverage } from './costs.ts';
import { type BenchAdmin, openAdmin } from './kafka.ts';
import { median, ratioLine, spread, tableOf } from './measure.ts';
import { startOurServices } from './our-services.ts';
import { type Load, runSlot, type Side, type SlotResult, sideOfBare, sideOfOurs } from './pipeline-slot.ts';

export type PipelineOptions = {
  seconds: number;
  rounds: number;
  dataDir: string;
  nodeArgs: readonly string[];
  say: (line: string) => void;
};

const connections = 64;
/** Enough that every stage has full slices before it on three partitions. */
const underWay = 3_000;
const rampSeconds = 3;
const warmUpSeconds = 8;
const goals = { ratio: 0.5, perSecond: 1_000, p99Ms: 500 } as const;

type Sides = Record<'ours' | 'bare', Side>;
type Results = Record<'ours' | 'bare', SlotResult[]>;

const perPayment = (results: readonly SlotResult[], process: string): number[] =>
  results.flatMap(({ costs, payments }) => (costs[process] ? [costs[process].cpuMicros / payments] : []));

const processesOf = (results: readonly SlotResult[]): string[] => [...new Set(results.flatMap(({ costs }) => Object.keys(costs)))];

const isBeside = (process: string): boolean => ['kafka', 'mongo', 'generator', 'sandbox-world'].includes(process);

const servicesMicros = (result: SlotResult): number =>
  Object.entries(result.costs).reduce((sum, [name, { cpuMicros }]) => (isBeside(name) ? sum : sum + cpuMicros), 0) / result.payments;

/** Payments a second up to the moment at which the last stage had nothing left to read: what is posted soon and shown late is not done. */
const throughPerSecond = ({ payments, seconds, behindSeconds }: SlotResult): number => payments / (seconds + behindSeconds);

const costRows = (name: string, results: readonly SlotResult[]): string[][] =>
  processesOf(results).map((process) => [
    `${name}: ${process}`,
    spread(perPayment(results, process)),
    String(Math.round(median(results.map(({ costs }) => costs[process]?.rssMb ?? Number.NaN)))),
  ]);

const sizeRows = (name: string, results: readonly SlotResult[]): string[][] =>
  Object.keys(results[0]!.sizes).flatMap((stage) => {
    const sizes = results.map((result) => result.sizes[stage]!).filter(({ count }) => count > 0);
    const last: BatchSizes | undefined = sizes.at(-1);
    return last ? [[`${name}: ${stage}`, spread(sizes.map(({ mean }) => mean)), middleOf(last), String(last.count)]] : [];
  });

const speedRow = (name: string, results: readonly SlotResult[]): string[] => [
  name,
  spread(results.map(({ perSecond }) => perSecond)),
  spread(results.map(throughPerSecond)),
  spread(results.map(({ p50Ms }) => p50Ms)),
  spread(results.map(({ p99Ms }) => p99Ms)),
  spread(results.map(servicesMicros)),
  spread(results.map(({ behindSeconds }) => behindSeconds)),
];

const speedHead = ['posted/s', 'through/s', 'p50 ms', 'p99 ms', 'CPU µs/payment, services', 'others behind s'];

const fullLines = ({ ours, bare }: Results): string[] => {
  const speeds = [ours, bare].map((results) => results.map(({ perSecond }) => perSecond)) as [number[], number[]];
  const reached = median(speeds[0]);
  return [
    ...tableOf([[`closed loop, ${underWay} under way`, ...speedHead], speedRow('bare', bare), speedRow('ours', ours)]),
    ratioLine('ours / bare, posted/s', ...speeds, goals.ratio),
    ratioLine('ours / bare, through every stage/s', ours.map(throughPerSecond), bare.map(throughPerSecond), goals.ratio),
    ratioLine('bare / ours, CPU of the services', bare.map(servicesMicros), ours.map(servicesMicros)),
    `payments a second: ${Math.round(reached)}, goal ≥ ${goals.perSecond}: ${reached >= goals.perSecond ? 'met' : 'MISSED'}`,
    ...tableOf([['process', 'CPU µs/payment', 'RSS MB'], ...costRows('ours', ours), ...costRows('bare', bare)]),
    ...tableOf([['batches', 'mean size', 'half of them', 'how many'], ...sizeRows('ours', ours), ...sizeRows('bare', bare)]),
  ];
};

const halfLines = (perSecond: number, { ours, bare }: Results): string[] => {
  const reached = median(ours.map(({ p99Ms }) => p99Ms));
  return [
    ...tableOf([[`open loop, ${Math.round(perSecond)}/s`, ...speedHead], speedRow('bare', bare), speedRow('ours', ours)]),
    `webhook to ledger, p99: ${Math.round(reached)} ms, goal ≤ ${goals.p99Ms}: ${reached <= goals.p99Ms ? 'met' : 'MISSED'}`,
    ...tableOf([['batches', 'mean size', 'half of them', 'how many'], ...sizeRows('ours', ours), ...sizeRows('bare', bare)]),
  ];
};

type Running = { sides: Sides; generator: Child; admin: BenchAdmin; say: (line: string) => void };

/** Both sides in turn, every round the other one first. */
const runRounds = async (running: Running, rounds: number, load: Omit<Load, 'run'>, kind: string): Promise<Results> => {
  const { sides, generator, admin, say } = running;
  const results: Results = { ours: [], bare: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      const result = await runSlot(sides[name], generator, admin, { ...load, run: `${kind}${round}${name}` });
      results[name].push(result);
      const { payments, perSecond, p99Ms, behindSeconds } = result;
      say(
        `${kind} ${round}, ${name}: ${payments} payments, ${Math.round(perSecond)}/s, p99 ${Math.round(p99Ms)} ms, ` +
          `others behind ${behindSeconds.toFixed(1)} s, load average ${loadAverage()}`,
      );
    }
  }
  return results;
};

/** Signed webhooks to ledger entries: every service of ours, and bare loops with the same stages. */
export const benchPipeline = async (engines: Engines, children: Children, options: PipelineOptions) => {
  const { seconds, rounds, dataDir, nodeArgs, say } = options;
  const brokers = engines.kafka.address;
  const admin = await openAdmin(brokers);
  const connection = await mongoose.createConnection(engines.mongo.address).asPromise();
  try {
    const ours = await startOurServices({ engines, children, dataDir, nodeArgs });
    const bare = await startBareStages(engines, children, admin);
    const databases = (name: string) => connection.getClient().db(name);
    const beside = enginePids(dataDir);
    const sides = { ours: sideOfOurs(ours, brokers, databases, beside), bare: sideOfBare(bare, brokers, databases, beside) };
    const generator = children.start({ name: 'pipeline-load', script: 'test/bench/pipeline-load.ts', env: {} });
    const running = { sides, generator, admin, say };
    const load = { connections, underWay, rampSeconds };
    await runRounds(running, 1, { ...load, seconds: warmUpSeconds }, 'warm-up-');
    const full = await runRounds(running, rounds, { ...load, seconds }, 'full-');
    const perSecond = median(full.ours.map((result) => result.perSecond)) / 2;
    const half = await runRounds(running, Math.min(rounds, 2), { ...load, seconds, perSecond }, 'half-');
    const rest = `the first ${rampSeconds} s left out; median (lowest–highest); load average ${loadAverage()}`;
    const about = `${rounds} rounds of ${seconds} s, ${rest}`;
    return { lines: [about, ...fullLines(full), ...halfLines(perSecond, half)], figures: { full, half, halfPerSecond: perSecond } };
  } finally {
    await connection.close();
    await admin.close();
  }
};
