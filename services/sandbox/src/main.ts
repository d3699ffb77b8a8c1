import { type Logger, sleep } from '@scenefi/kernel';
import { createLogger, readConfig, systemClock, systemRandom } from '@scenefi/runtime';
import { createAppClient } from './app-client.ts';
import { SandboxConfig } from './config.ts';
import { createJournal, type Journal, journalFile } from './journal.ts';
import { readPartners } from './partners.ts';
import { createPatience } from './patient-requests.ts';
import { createPlayApp, type PlayApp } from './play-app.ts';
import { createQuestions } from './questions.ts';
import { createSender } from './sender.ts';
import { sendOnce, sendSteadily, type TrafficOptions } from './traffic.ts';

/** The first signal lets bills under way come to their end, the second one does not. */
const stopOnSignals = (logger: Logger, timeoutMs: number): { stopping: () => boolean } => {
  let asked = false;
  const stop = (signal: string): void => {
    if (asked) process.exit(1);
    asked = true;
    logger.info('stopping', { signal });
    void sleep(systemClock, timeoutMs).then(() => {
      logger.warn('stopping took too long; the journal stays without its end');
      process.exit(1);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return { stopping: () => asked };
};

type Outside = Parameters<typeof createQuestions>[0] & { journal: Journal; stopping: () => boolean };

/** Users of the app and cashiers, where both addresses are given. */
const appOf = ({ GATEWAY_URL: gatewayUrl, WORLD_URL: worldUrl }: SandboxConfig, outside: Outside): { playApp?: PlayApp } => {
  if (gatewayUrl === undefined || worldUrl === undefined) return {};
  const client = createAppClient({ gatewayUrl, worldUrl, ask: createPatience(outside) });
  const { journal, clock, stopping, deadlineMs: patienceMs } = outside;
  return { playApp: createPlayApp({ client, askQuestion: createQuestions(outside), journal, clock, stopping, patienceMs }) };
};

/** Answers the exit code: 0 where every webhook was answered and the app was answered as planned. */
const run = async (config: SandboxConfig, logger: Logger): Promise<number> => {
  const clock = systemClock;
  const runName = config.RUN ?? clock.now().toString(36);
  const partners = await readPartners(config.PARTNERS_FILE);
  const journal = createJournal(await journalFile(config.JOURNAL_FILE));
  const patience = { requestTimeoutMs: config.REQUEST_TIMEOUT_MS, deadlineMs: config.SEND_DEADLINE_MS };
  const outside = { urls: config.INGRESS_URLS, partners, clock, random: systemRandom, ...patience };
  const send = createSender({ ...outside, journal, logger, inFlightMax: config.IN_FLIGHT_MAX });
  const { stopping } = stopOnSignals(logger, config.STOP_TIMEOUT_MS);
  const app = appOf(config, { ...outside, journal, stopping });
  const options: TrafficOptions = { config, run: runName, partners, send, ...app, journal, clock, logger, stopping };
  await journal.record({ kind: 'started', run: runName, seed: config.SEED, mode: config.MODE });
  const failed = await (config.MODE === 'once' ? sendOnce(options) : sendSteadily(options));
  const cutShort = config.MODE === 'once' && stopping();
  if (!cutShort) await journal.record({ kind: 'finished' });
  await journal.close();
  return cutShort ? 1 : Math.min(failed, 1);
};

const start = async (): Promise<void> => {
  let logger = createLogger('sandbox', 'info');
  try {
    const config = readConfig(SandboxConfig, process.env);
    logger = createLogger('sandbox', config.LOG_LEVEL);
    process.exit(await run(config, logger));
  } catch (error) {
    logger.error('the sandbox ended', { reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
};

await start();
