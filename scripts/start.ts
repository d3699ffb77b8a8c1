import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireEngines, EngineError, type Engines } from './engines/index.ts';
import { noteAddresses } from './start/addresses.ts';
import { runOnce } from './start/once.ts';
import { showPicture } from './start/picture.ts';
import { busyPort, superviseProcesses } from './start/processes.ts';
import { prepareSchools } from './start/schools.ts';
import {
  demoProfile,
  dueSoonMs,
  readOptions,
  type ServiceName,
  type StartOptions,
  secretsOf,
  services,
  UsageError,
} from './start/settings.ts';
import { type Address, untilReady } from './start/watch.ts';

const readyTimeoutMs = 90_000;
const steadyRate = '5';

/** Progress goes to stderr, so that the last line of stdout can be the summary. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const environmentOf = (name: ServiceName, port: number, engines: Engines, options: StartOptions): Record<string, string> => {
  const { credentialKey, idKey, internalToken } = secretsOf(options.dataDir);
  return {
    ...demoProfile,
    KAFKA_BROKERS: engines.kafka.address,
    MONGO_URL: engines.mongo.address,
    HOST: '127.0.0.1',
    PORT: String(port),
    INTERNAL_TOKEN: internalToken,
    LOG_LEVEL: 'info',
    ...(name === 'ingress' && { CREDENTIAL_KEY: credentialKey }),
    ...(name === 'campus' && { ID_KEY: idKey }),
  };
};

/** Everything between the engines and the last word: processes, schools, traffic. Answers the exit code. */
const runStory = async (engines: Engines, options: StartOptions, interrupted: Promise<void>): Promise<number> => {
  const { dataDir, firstPort, once, seed, bills } = options;
  const addresses: Address[] = services.map((name, index) => ({ name, url: `http://127.0.0.1:${firstPort + index}` }));
  const { credentialKey, internalToken } = secretsOf(dataDir);
  const processes = superviseProcesses(dataDir, say);
  try {
    const partnersFile = await prepareSchools(engines, dataDir, Buffer.from(credentialKey, 'hex'));
    for (const [index, name] of services.entries())
      processes.start({ name, service: name, env: environmentOf(name, firstPort + index, engines, options) });
    await Promise.race([untilReady(addresses, readyTimeoutMs), processes.failure, interrupted]);
    noteAddresses(dataDir, addresses);
    const journalFile = join(dataDir, 'journal.jsonl');
    if (once) rmSync(journalFile, { force: true });
    const sandbox = {
      name: 'sandbox',
      service: 'sandbox',
      env: {
        INGRESS_URLS: addresses[0]!.url,
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
      const work = runOnce({ addresses, token: internalToken, engines, options, journalFile, sandbox: () => processes.run(sandbox), say });
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
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
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
