import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../../scripts/engines/engine.ts';
import { databases } from '../../scripts/start/environment.ts';
import { untilDrained, untilQuiet } from '../../scripts/start/watch.ts';
import { audit } from '../audit/audit.ts';
import { type Brokers, startBrokers } from './brokers.ts';
import { countNotices } from './counts.ts';
import { type Database, startDatabase } from './database.ts';
import { impossible } from './faults.ts';
import { unleash } from './nemesis.ts';
import { startProbe } from './probe.ts';
import { replay } from './replay.ts';
import { isRight, type Outcome } from './report.ts';
import { type Kind, planFaults } from './schedule.ts';
import { durations, namespace, startTown, type Town } from './town.ts';

export type ChaosOptions = {
  seed: number;
  minutes: number;
  brokers: number;
  ratePerSecond: number;
  appShare: number;
  only?: readonly Kind[];
};

type Parts = ChaosOptions & { say: (line: string) => void; signal: AbortSignal };
type Engines = { brokers: Brokers; database: Database };

const catchUpTimeoutMs = 20_000;
const drainTimeoutMs = 120_000;
const restTimeoutMs = 240_000;
const dueSoonMs = 5_000;
const restMs = Number(durations.KEEP_EARLY_MS) + dueSoonMs + 2_000;

/** Chaos stops and kills its engines, so it takes none that belong to somebody else. */
const refuseGiven = (env: NodeJS.ProcessEnv): void => {
  if (env.KAFKA_BROKERS || env.MONGO_URL)
    throw new EngineError('Chaos kills its engines and runs its own; unset KAFKA_BROKERS and MONGO_URL.');
};

const sandboxOf = (town: Town, journalFile: string, { seed, ratePerSecond, appShare }: ChaosOptions) => ({
  name: 'sandbox',
  service: 'sandbox',
  env: {
    INGRESS_URLS: town.ingressUrls.join(','),
    GATEWAY_URL: town.urlOf('gateway'),
    WORLD_URL: town.urlOf('sandbox-world'),
    PARTNERS_FILE: town.partnersFile,
    JOURNAL_FILE: journalFile,
    SEED: String(seed),
    MODE: 'steady',
    RATE_PER_SECOND: String(ratePerSecond),
    APP_SHARE: String(appShare),
    DUE_SOON_MS: String(dueSoonMs),
    SEND_DEADLINE_MS: '300000',
    STOP_TIMEOUT_MS: '60000',
  },
});

/** Traffic and faults; answers when the last fault was over, and what was wrong until then. */
const storm = async (town: Town, { brokers, database }: Engines, journalFile: string, parts: Parts) => {
  const { say, signal } = parts;
  const problems: string[] = [];
  const reasons = impossible(brokers);
  for (const [kind, reason] of reasons) say(`${kind} is left out: ${reason}`);
  const skipped = [...reasons.keys()];
  const traffic = town.run(sandboxOf(town, journalFile, parts));
  const probe = startProbe(town.probed, town.ingressUrls);
  const planned = planFaults({ ...parts, without: skipped, ...(parts.only && { only: parts.only }) });
  const done = await Promise.race([unleash({ planned, say, signal, town, brokers, database }), town.failure]);
  town.heal();
  const healedMs = performance.now();
  say('the last fault is over; every process must come back');
  await town.allReady();
  // Once it is told to stop, whoever pays in the app waits for little more, so what has piled up is worked off first.
  await untilDrained(town.snapshot, { lagMax: 30, timeoutMs: catchUpTimeoutMs, signal });
  town.signal('sandbox', 'SIGTERM');
  const probed = await probe.stop();
  if (probed.withdrawnTaken > 0) problems.push(`${probed.withdrawnTaken} notices were taken that a withdrawn key had signed`);
  problems.push(...(await traffic).map((complaint) => `the schools did not get every answer, or one that was not planned: ${complaint}`));
  return { done, skipped, probe: probed, healedMs, problems };
};

/** Engines, town, storm, quiet and the books. */
const runTown = async (town: Town, engines: Engines, folder: string, parts: Parts): Promise<Outcome> => {
  const { say, signal, seed, minutes } = parts;
  const journalFile = join(folder, 'journal.jsonl');
  const { done, skipped, probe, healedMs, problems } = await storm(town, engines, journalFile, parts);
  if (!(await untilDrained(town.snapshot, { lagMax: 0, timeoutMs: drainTimeoutMs, signal })))
    problems.push(`something was unread or parked after ${drainTimeoutMs / 1000} s`);
  const quietMs = Math.round(performance.now() - healedMs);
  say(`quiet after ${Math.round(quietMs / 1000)} s; waiting for the last deadlines`);
  const mongoUrl = engines.database.url;
  const names = databases.map((name) => namespace.replaceAll('.', '-') + name);
  const addresses = town.addresses;
  const rested = await untilQuiet({
    addresses,
    token: town.token,
    mongoUrl,
    databases: names,
    horizonMs: restMs,
    timeoutMs: restTimeoutMs,
  });
  if (!rested) problems.push(`it had not come to rest after ${restTimeoutMs / 1000} s`);
  say('checking the books');
  const brokers = engines.brokers.addresses;
  const books = { bankFile: join(folder, 'bank.jsonl'), schoolsFile: join(folder, 'schools.jsonl') };
  const audited = await audit({ brokers: brokers.join(','), mongoUrl, namespace, journalFile, ...books });
  say('replaying the facts');
  const differences = await replay({ town, mongoUrl, brokers, signal }).catch((error: Error) => [error.message]);
  const counts = await countNotices(journalFile, mongoUrl);
  const faults = { done, skipped, probe, quietMs };
  const all = [...problems, ...audited.problems, ...differences];
  return { seed, minutes, brokers: brokers.length, ...faults, counts, audited, replayEqual: differences.length === 0, problems: all };
};

const withTown = async (engines: Engines, folder: string, parts: Parts): Promise<Outcome> => {
  parts.say('starting two of every service');
  const town = await startTown({ folder, ...engines, say: parts.say });
  try {
    return await runTown(town, engines, folder, parts);
  } finally {
    parts.say('stopping the services');
    town.heal();
    await town.stop();
  }
};

/** Runs the whole in a folder of its own, which stays where something was wrong. Rejects with the signal's reason where that aborts. */
export const runChaos = async (parts: Parts): Promise<Outcome> => {
  const { say, signal } = parts;
  refuseGiven(process.env);
  const folder = mkdtempSync(join(tmpdir(), 'scenefi-chaos-'));
  const env = process.env;
  const cacheDir = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'scenefi');
  const climb = { dataDir: folder, cacheDir, env, say, signal };
  const undo: (() => Promise<void>)[] = [];
  let right = false;
  try {
    say(`starting ${parts.brokers} brokers and the database`);
    const run = { portsOf: () => [], note: () => undefined, release: () => undefined };
    const brokers = await startBrokers({ ...climb, run }, parts.brokers);
    undo.push(brokers.stop);
    const database = await startDatabase(climb);
    undo.push(database.stop);
    const outcome = await withTown({ brokers, database }, folder, parts);
    right = isRight(outcome);
    return outcome;
  } finally {
    say('stopping the engines');
    for (const stop of undo.reverse()) await stop();
    if (right) rmSync(folder, { recursive: true, force: true });
    else say(`logs, journal and books stay in ${folder}`);
  }
};
