import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export const Secrets = z.object({ credentialKey: z.string(), idKey: z.string(), internalToken: z.string(), bankToken: z.string() });
export type Secrets = z.output<typeof Secrets>;

/** Secrets of one data folder, made on first use and readable by its owner only. */
export const secretsOf = (dataDir: string): Secrets => {
  const path = join(dataDir, 'secrets.json');
  if (existsSync(path)) return Secrets.parse(JSON.parse(readFileSync(path, 'utf8')));
  const hex = (): string => randomBytes(32).toString('hex');
  const secrets = { credentialKey: hex(), idKey: hex(), internalToken: hex(), bankToken: hex() };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
  return secrets;
};

/** The bank's durations are days and its limits high; a demonstration shows them within a minute. */
export const demoProfile = {
  KEEP_EARLY_MS: '12000',
  SWEEP_MS: '500',
  PARKED_RETRY_MS: '1000',
  TABLE_REFRESH_MS: '2000',
  LEASE_MS: '15000',
  LEASE_MARGIN_MS: '1000',
  LEASE_ASK_MS: '2000',
  WRITE_OFF_ASK_MS: '3000',
  WRITE_OFF_DEADLINE_MS: '9000',
  REVERSAL_GRACE_MS: '6000',
  CORE_BANK_TIMEOUT_MS: '1500',
  DEBIT_ASK_MS: '1000',
  DEBIT_STUCK_AFTER: '3',
  RETRY_SCALE: '0.0005',
  PROBE_MS: '2000',
  PER_PAYMENT_MAX_FEN: '5000000',
  PER_DAY_MAX_FEN: '4000000',
  STEP_UP_FROM_FEN: '2000000',
  TOPIC_PARTITIONS: '3',
  TOPIC_REPLICATION: '1',
  DEVELOPMENT: 'true',
} as const;

export const dueSoonMs = 5_000;

export type StartOptions = { once: boolean; json: boolean; bills: number; seed: number; firstPort: number; dataDir: string };

/** A wrong flag is one sentence, not a stack. */
export class UsageError extends Error {}

const usage = 'npm start -- [--once] [--bills N] [--seed S] [--json] [--port P]';

const wholeNumber = (name: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new UsageError(`--${name} wants a whole number from ${min} to ${max}: ${usage}`);
  return number;
};

export const readOptions = (args: string[], env: NodeJS.ProcessEnv): StartOptions => {
  try {
    const { values } = parseArgs({
      args,
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        bills: { type: 'string', default: '240' },
        seed: { type: 'string', default: '1' },
        port: { type: 'string', default: env.FIRST_PORT ?? '8700' },
      },
    });
    return {
      once: values.once,
      json: values.json,
      bills: wholeNumber('bills', values.bills, 200, 1_000_000),
      seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1),
      firstPort: wholeNumber('port', values.port, 1_024, 65_000),
      dataDir: env.DATA_DIR ?? '.data',
    };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // parseArgs explains itself over several lines; the first says what is wrong.
    throw new UsageError(`${(error as Error).message.split('\n')[0]} Usage: ${usage}`);
  }
};
