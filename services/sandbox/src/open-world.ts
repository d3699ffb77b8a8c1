import { createApp } from '@scenefi/http';
import type { Clock, Logger, Random } from '@scenefi/kernel';
import { createMetrics } from '@scenefi/runtime';
import { z } from 'zod';
import { appRoutes } from './app/routes.ts';
import { readSeed } from './app/seed.ts';
import { createTokens } from './app/tokens.ts';
import { createBank } from './bank/bank.ts';
import { BankLine } from './bank/book.ts';
import { bankRoutes } from './bank/routes.ts';
import { createSilence } from './bank/silence.ts';
import type { Journal } from './journal.ts';
import { openKeptLines } from './kept-lines.ts';
import { readPartners } from './partners.ts';
import { SchoolLine } from './schools/books.ts';
import { schoolRoutes } from './schools/routes.ts';
import { createSchools } from './schools/schools.ts';
import { createSender } from './sender.ts';
import type { WorldConfig } from './world-config.ts';

export type WorldOptions = { config: WorldConfig; clock: Clock; random: Random; logger: Logger };

const version = '0.1.0';
const sending = { inFlightMax: 64, requestTimeoutMs: 10_000, deadlineMs: 180_000 };

/** Everything outside scenefi in one process: the core bank, the systems of the schools, the sign-in of the app. */
export const openWorld = async ({ config, clock, random, logger }: WorldOptions) => {
  const partners = await readPartners(config.PARTNERS_FILE);
  const bank = createBank({ ...(await openKeptLines(config.BANK_FILE, BankLine)), clock });
  const sent: Journal = (await openKeptLines(`${config.SCHOOL_FILE}.sent`, z.unknown())).journal;
  await sent.record({ kind: 'started', run: clock.now().toString(36), seed: 0, mode: 'world' });
  const send = createSender({ urls: config.INGRESS_URLS, partners, journal: sent, clock, random, logger, ...sending });
  const schools = createSchools({ ...(await openKeptLines(config.SCHOOL_FILE, SchoolLine)), send, clock, logger });
  const tokens = await createTokens({ seed: await readSeed(config.JWT_SEED_FILE, random), issuer: config.ISSUER, clock });
  const metrics = createMetrics('sandbox-world');
  let stopping = false;
  const health = { ready: () => (stopping ? ['the process is stopping'] : []) };
  const about = { name: 'sandbox-world', version, development: false };
  const app = createApp({ ...about, logger, meter: metrics, random, health, metricsText: metrics.text });
  await app.register(bankRoutes({ bank, silence: createSilence(clock), token: config.BANK_TOKEN }));
  await app.register(schoolRoutes({ schools, partners, clock, random }));
  await app.register(appRoutes({ tokens, welcome: bank.welcome }));
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  schools.resume();
  logger.info('the world turns', { url, schools: partners.length });
  const stop = async (): Promise<void> => {
    stopping = true;
    await app.close();
    await schools.stop();
    await bank.stop();
    await sent.close();
    logger.info('the world stopped');
  };
  return { url, stop };
};

export type World = Awaited<ReturnType<typeof openWorld>>;
