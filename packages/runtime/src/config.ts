import { createSecretKey } from 'node:crypto';
import { z } from 'zod';

/** A duration. */
export const Milliseconds = z.coerce.number().int().positive();

/** A key of 32 bytes, as 64 hexadecimal digits; read into a KeyObject, of which a log prints nothing. */
export const SecretKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
  .transform((digits) => createSecretKey(Buffer.from(digits, 'hex')));

/** What every process is told by its environment. */
export const edgeConfig = z.object({
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
  /** Stands before every topic, group and database. */
  NAMESPACE: z
    .string()
    .regex(/^([a-z0-9-]+\.)?$/, 'lower case letters, digits and hyphens, ending in a dot')
    .default(''),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Opens `/internal/*` to operators and to our own services. */
  INTERNAL_TOKEN: z.string().regex(/^[\w.~+/-]{16,}=*$/, 'at least 16 characters that a bearer token may have'),
  DEVELOPMENT: z.stringbool().default(false),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1_000).default(12),
  TOPIC_REPLICATION: z.coerce.number().int().min(1).max(7).default(3),
  SEND_TIMEOUT_MS: Milliseconds.default(4_000),
  SESSION_TIMEOUT_MS: Milliseconds.default(30_000),
  TABLE_REFRESH_MS: Milliseconds.default(5_000),
  SHUTDOWN_TIMEOUT_MS: Milliseconds.default(15_000),
});

/** What a process with a database is told besides. */
export const serviceConfig = edgeConfig.extend({
  MONGO_URL: z.string().regex(/^mongodb(\+srv)?:\/\//, 'a mongodb:// address'),
  SWEEP_MS: Milliseconds.default(1_000),
  PARKED_RETRY_MS: Milliseconds.default(5_000),
  PARKED_MAX_MS: Milliseconds.default(3 * 24 * 60 * 60 * 1000),
});

/** Names of settings only; a value could be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the environment; throws one error that names everything that is wrong, and no value. */
export const readConfig = <Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> => {
  const read = schema.safeParse(env);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message, code }) =>
    code === 'invalid_type' && env[String(path[0])] === undefined ? `${path.join('.')}: is missing` : `${path.join('.')}: ${message}`,
  );
  throw new ConfigError(`the environment is wrong: ${faults.join('; ')}`);
};
