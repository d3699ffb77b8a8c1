import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Cluster, startCluster } from '../test/e2e/cluster.ts';
import { type Attacked, attack, type Finding } from '../test/fuzz/attack.ts';
import { prepareKnown } from '../test/fuzz/known.ts';
import { acquireSchemathesis, FuzzError, schemathesisVersion } from '../test/fuzz/schemathesis.ts';
import { acquireEngines, EngineError } from './engines/index.ts';
import { services } from './start/environment.ts';

const dataDir = resolve(process.env.FUZZ_DATA_DIR ?? join('.data', 'fuzz'));
const usage = 'npm run fuzz -- [--examples N] [--seed N] [--service NAME] [--json]';
const ours = services.filter((service) => service !== 'sandbox-world');
const settleMs = 60_000;

class UsageError extends Error {}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const wholeNumber = (name: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(`--${name} wants a whole number from ${min} to ${max}: ${usage}`);
  return number;
};

const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: {
        examples: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
        service: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const attacked = ours.filter((service) => values.service === undefined || service === values.service);
    if (attacked.length === 0) throw new UsageError(`there is no service ${values.service}; the services are ${ours.join(', ')}`);
    return {
      attacked,
      examples: wholeNumber('examples', values.examples, 1, 10_000),
      seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1),
      json: values.json,
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${(error as Error).message}: ${usage}`);
  }
};

type Options = ReturnType<typeof readOptions>;

/** What no single answer shows: a process that died, a message that nobody could read, books that do not balance. */
const findingsAfter = async (cluster: Cluster): Promise<Finding[]> => {
  await cluster.untilQuiet(settleMs);
  const { parked, ledger } = await cluster.snapshot();
  const faults = [
    ...cluster.said.filter((line) => line.includes('ended (')),
    ...(parked === 0 ? [] : [`${parked} messages are parked`]),
    ...(ledger.balanced ? [] : [`the ledger is off by ${ledger.sumFen} fen`]),
  ];
  return faults.length === 0 ? [] : [{ operation: 'afterwards', faults }];
};

const attackAll = async (cluster: Cluster, python: string, options: Options): Promise<Attacked[]> => {
  const { attacked, examples, seed } = options;
  const env = { ...process.env, ...(await prepareKnown(cluster)) };
  const results: Attacked[] = [];
  for (const service of attacked) {
    say(`Attacking ${service}`);
    const around = { env, say, signal: stop.signal, folder: dataDir };
    const result = await attack({ ...around, python, service, url: cluster.urlOf(service), examples, seed });
    say(`${service}: ${result.cases} requests to ${result.operations} operations, ${result.findings.length} findings`);
    results.push(result);
  }
  return results;
};

const report = (results: readonly Attacked[], after: readonly Finding[], { examples, seed, json }: Options): void => {
  const findings = [...results.flatMap(({ service, findings }) => findings.map((finding) => ({ service, ...finding }))), ...after];
  const requests = results.reduce((sum, { cases }) => sum + cases, 0);
  process.exitCode = findings.length === 0 ? 0 : 1;
  if (json) {
    const summary = results.map(({ service, operations, cases, findings }) => ({ service, operations, cases, findings: findings.length }));
    process.stdout.write(
      `${JSON.stringify({ schemathesis: schemathesisVersion, seed, examples, requests, services: summary, findings })}\n`,
    );
    return;
  }
  for (const { operation, faults, curl } of findings)
    process.stdout.write(`${operation}: ${faults.join('; ')}\n${curl ? `  ${curl}\n` : ''}`);
  process.stdout.write(`${requests} requests, ${findings.length} findings (seed ${seed})\n`);
};

const stop = new AbortController();

const main = async (): Promise<void> => {
  const options = readOptions();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());
  const interrupted = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(new Error('interrupted')));
  });
  interrupted.catch(() => undefined);
  const python = await acquireSchemathesis({ env: process.env, say, signal: stop.signal });
  mkdirSync(dataDir, { recursive: true });
  const engines = await acquireEngines({ dataDir, say, signal: stop.signal });
  let cluster: Cluster | undefined;
  try {
    const addresses = { kafkaBrokers: engines.kafka.address, mongoUrl: engines.mongo.address };
    // A customer of the fuzzer asks more often than any person does, and a 503 is a finding even where the machine has much to do.
    const env = { REQUESTS_PER_SECOND: '1000000', CORE_BANK_TIMEOUT_MS: '10000' };
    cluster = await startCluster({ what: 'fuzz', engines: addresses, env });
    const results = await Promise.race([attackAll(cluster, python, options), interrupted]);
    report(results, await Promise.race([findingsAfter(cluster), interrupted]), options);
  } finally {
    await cluster?.stop();
    await engines.stop();
  }
  // What was found is looked into; what was not is only in the way.
  if (process.exitCode === 0 && !existsSync(join(dataDir, 'compose-project'))) rmSync(dataDir, { recursive: true, force: true });
};

try {
  await main();
} catch (error) {
  const known = error instanceof EngineError || error instanceof UsageError || error instanceof FuzzError;
  say(stop.signal.aborted ? 'stopped before the end' : known ? error.message : ((error as Error).stack ?? String(error)));
  process.exitCode = stop.signal.aborted ? 130 : error instanceof UsageError ? 2 : 1;
}
// Whatever still holds the event loop (a client's timer) must not hold the command.
await sleep(100);
process.exit();
