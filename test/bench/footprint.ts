import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Engines } from '../../scripts/engines/index.ts';
import { type ServiceName, services } from '../../scripts/start/environment.ts';
import type { Children } from './children.ts';
import { loadAverage, startCosts } from './costs.ts';
import { openAdmin } from './kafka.ts';
import { residentMb, tableOf } from './measure.ts';
import { type OurServices, startOurServices } from './our-services.ts';
import { runSlot, sideOfOurs } from './pipeline-slot.ts';

export type FootprintOptions = { seconds: number; dataDir: string; nodeArgs: readonly string[]; say: (line: string) => void };

const idleSeconds = 20;
const settleSeconds = 10;
const loadSecondsMax = 20;
const startSecondsMax = 60;
const goals = { idleMb: 160, loadMb: 220, liveMs: 1_200, readyMs: 3_000, idleShare: 0.02 } as const;

/** The simulated world is no part of what a bank would run. */
const measured = services.filter((name): name is Exclude<ServiceName, 'sandbox-world'> => name !== 'sandbox-world');

type Footprint = { idleMb: number; idleShare: number; loadMb: number; liveMs: number; readyMs: number };

const answeredAfter = async (url: string, startedAt: number): Promise<number> => {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    const ms = performance.now() - startedAt;
    if (answer?.ok) return ms;
    if (ms > startSecondsMax * 1000) throw new Error(`${url} did not answer in ${startSecondsMax} s`);
    await sleep(10);
  }
};

/** The others are down, and the topics and indexes are there already. */
const coldStart = async (ours: OurServices, name: ServiceName): Promise<Pick<Footprint, 'liveMs' | 'readyMs'>> => {
  const startedAt = performance.now();
  const child = ours.start(name);
  const liveMs = await answeredAfter(`${ours.urlOf(name)}/health/live`, startedAt);
  const readyMs = await answeredAfter(`${ours.urlOf(name)}/health/ready`, startedAt);
  await child.end();
  return { liveMs, readyMs };
};

const verdict = (what: string, values: readonly number[], goal: number, unit: string): string => {
  const worst = Math.max(...values);
  const shown = unit === '%' ? worst.toFixed(1) : Math.round(worst);
  return `${what}: at most ${shown} ${unit}, goal ≤ ${goal}: ${worst <= goal ? 'met' : 'MISSED'}`;
};

const reportOf = (footprints: Map<string, Footprint>): string[] => {
  const rows = [...footprints].map(([name, { idleMb, loadMb, idleShare, liveMs, readyMs }]) => [
    name,
    ...[idleMb, loadMb].map((value) => String(Math.round(value))),
    (idleShare * 100).toFixed(1),
    ...[liveMs, readyMs].map((value) => String(Math.round(value))),
  ]);
  const all = [...footprints.values()];
  return [
    ...tableOf([['', 'RSS MB idle', 'RSS MB under load', '% of a core idle', 'live ms', 'ready ms'], ...rows]),
    verdict(
      'RSS idle',
      all.map(({ idleMb }) => idleMb),
      goals.idleMb,
      'MB',
    ),
    verdict(
      'RSS under load',
      all.map(({ loadMb }) => loadMb),
      goals.loadMb,
      'MB',
    ),
    verdict(
      'idle',
      all.map(({ idleShare }) => idleShare * 100),
      goals.idleShare * 100,
      '%',
    ),
    verdict(
      'live',
      all.map(({ liveMs }) => liveMs),
      goals.liveMs,
      'ms',
    ),
    verdict(
      'ready',
      all.map(({ readyMs }) => readyMs),
      goals.readyMs,
      'ms',
    ),
  ];
};

/** What each process takes while nothing happens and under load, and how long it takes to start. */
export const benchFootprint = async (engines: Engines, children: Children, options: FootprintOptions) => {
  const { dataDir, nodeArgs, say } = options;
  const brokers = engines.kafka.address;
  const admin = await openAdmin(brokers);
  const connection = await mongoose.createConnection(engines.mongo.address).asPromise();
  try {
    const ours = await startOurServices({ engines, children, dataDir, nodeArgs });
    const pidOf = (name: ServiceName): number => ours.children.get(name)!.pid;
    await sleep(settleSeconds * 1000);
    const idleMb = new Map(measured.map((name) => [name, residentMb(pidOf(name))]));
    const idleCosts = startCosts(Object.fromEntries(measured.map((name) => [name, pidOf(name)])));
    await sleep(idleSeconds * 1000);
    const idle = idleCosts();
    say(`idle for ${idleSeconds} s, load average ${loadAverage()}`);
    const generator = children.start({ name: 'pipeline-load', script: 'test/bench/pipeline-load.ts', env: {} });
    const side = sideOfOurs(ours, brokers, (name) => connection.getClient().db(name), {});
    const seconds = Math.min(loadSecondsMax, options.seconds);
    const { costs } = await runSlot(side, generator, admin, { run: 'load', seconds, rampSeconds: 1, connections: 64, underWay: 3_000 });
    await generator.end();
    await Promise.all([...ours.children.values()].map((child) => child.end()));
    const footprints = new Map<string, Footprint>();
    for (const name of measured) {
      const times = await coldStart(ours, name);
      const idleShare = idle[name]!.cpuMicros / (idleSeconds * 1_000_000);
      footprints.set(name, { idleMb: idleMb.get(name)!, idleShare, loadMb: costs[name]!.rssMb, ...times });
      say(`${name}: live after ${Math.round(times.liveMs)} ms, ready after ${Math.round(times.readyMs)} ms`);
    }
    return { lines: [`load average ${loadAverage()}`, ...reportOf(footprints)], figures: Object.fromEntries(footprints) };
  } finally {
    await connection.close();
    await admin.close();
  }
};
