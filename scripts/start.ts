import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireEngines, EngineError, type Engines } from './engines/index.ts';
import { noteAddresses } from './start/addresses.ts';
import { type ServiceName, type Surroundings, services, spawnedOf } from './start/environment.ts';
import { runOnce } from './start/once.ts';
import { showPicture } from './start/picture.ts';
import { busyPort, superviseProcesses } from './start/processes.ts';
import { prepareSchools } from './start/schools.ts';
import { demoProfile, dueSoonMs, readOptions, type StartOptions, secretsOf, UsageError } from './start/settings.ts';
import { type Address, untilReady } from './start/watch.ts';

const readyTimeoutMs = 90_000;
const steadyRate = '5';

/** Progress goes to stderr, so that the last line of stdout can be the summary. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Everything between the engines and the last word: processes, schools, traffic. Answers the exit code. */
const runStory = async (engines: Engines, options: StartOptions, interrupted: Promise<void>): Promise<number> => {
  const { dataDir, firstPort, once, seed, bills } = options;
  const addresses: Address[] = services.map((name, index) => ({ name, url: `http://127.0.0.1:${firstPort + index}` }));
  const urlOf = (name: ServiceName): string => addresses[services.indexOf(name)]!.url;
  const secrets = secretsOf(dataDir);
  const { credentialKey, internalToken } = secrets;
  const processes = superviseProcesses(dataDir, say);
  try {
    const worldUrl = urlOf('sandbox-world');
    const partnersFile = await prepareSchools(engines, dataDir, { credentialKey: Buffer.from(credentialKey, 'hex'), worldUrl });
    const around: Surroundings = {
      kafkaBrokers: engines.kafka.address,
      mongoUrl: engines.mongo.address,
      namespace: '',
      dataDir,
      secrets,
      partnersFile,
      urlOf,
      ingressUrls: [urlOf('ingress')],
    };
    for (const [index, name] of services.entries()) processes.start(spawnedOf(name, addresses[index]!, around));
    await Promise.race([untilReady(addresses, readyTimeoutMs), processes.failure, interrupted]);
    noteAddresses(dataDir, addresses);
    const journalFile = join(dataDir, 'journal.jsonl');
    if (once) rmSync(journalFile, { force: true });
    const sandbox = {
      name: 'sandbox',
      service: 'sandbox',
      env: {
        INGRESS_URLS: urlOf('ingress'),
        GATEWAY_URL: urlOf('gateway'),
        WORLD_URL: worldUrl,
        PARTNERS_FILE: partnersFile,
        JOURNAL_FILE: journalFile,
        SEED: String(seed),
        BILLS: String(bills),
        MODE: once ? 'once' : 'steady',
        RATE_PER_SECOND: steadyRate,
        DUE_SOON_MS: String(dueSoonMs),
      },
    };
    if (once) {
      const books = { bankFile: join(dataDir, 'bank.jsonl'), schoolsFile: join(dataDir, 'schools.jsonl') };
      const parts = { addresses, token: internalToken, engines, options, journalFile, books, say };
      const work = runOnce({ ...parts, sandbox: () => processes.run(sandbox) });
      return await Promise.race([work, processes.failure, interrupted.then(() => 130)]);
    }
    processes.start(sandbox);
    await Promise.race([showPicture({ addresses, token: internalToken, engines, dataDir }), processes.failure, interrupted]);
    return 0;
  } finally {
    say('stopping the services');
    await processes.stop();
  }
};

/** What a user can mend is one sentence; a bug keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof EngineError || error instanceof UsageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2), process.env);
  const busy = await busyPort(services.map((_name, index) => options.firstPort + index));
  if (busy !== undefined) throw new UsageError(`port ${busy} is busy; end what holds it, or choose others with --port`);
  const stop = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (stop.signal.aborted) return;
      stop.abort();
      resolve();
    };
    // A terminal that is closed hangs up, and would otherwise leave every process behind.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  });
  const engines = await acquireEngines({ dataDir: options.dataDir, say, signal: stop.signal });
  say(`Kafka: ${engines.kafka.about}; MongoDB: ${engines.mongo.about}`);
  say(
    `demo durations: ${Object.entries(demoProfile)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
  );
  try {
    return await runStory(engines, options, interrupted);
  } finally {
    say('stopping the engines');
    await engines.stop();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  if ((error as Error).name === 'AbortError') process.exitCode = 130;
  else {
    say(explain(error));
    process.exitCode = 1;
  }
}
// Whatever still holds the event loop (a client's timer) must not hold the command.
await sleep(100);
process.exit();
