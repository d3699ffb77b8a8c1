import { expect, test } from 'vitest';
import { ConfigError, edgeConfig, readConfig, serviceConfig } from '../src/config.ts';

const good = {
  KAFKA_BROKERS: 'one:9092,two:9092',
  PORT: '8700',
  INTERNAL_TOKEN: 'a-token-for-people-inside',
  MONGO_URL: 'mongodb://localhost:27017',
};

const failure = (env: Record<string, string | undefined>): string => {
  try {
    readConfig(serviceConfig, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the environment was read');
};

test('the environment is read with the defaults of the bank', () => {
  expect(readConfig(serviceConfig, { ...good, PATH: '/bin' })).toEqual({
    KAFKA_BROKERS: ['one:9092', 'two:9092'],
    NAMESPACE: '',
    HOST: '127.0.0.1',
    PORT: 8_700,
    LOG_LEVEL: 'info',
    INTERNAL_TOKEN: good.INTERNAL_TOKEN,
    DEVELOPMENT: false,
    TOPIC_PARTITIONS: 12,
    TOPIC_REPLICATION: 3,
    SEND_TIMEOUT_MS: 4_000,
    SESSION_TIMEOUT_MS: 30_000,
    TABLE_REFRESH_MS: 5_000,
    SHUTDOWN_TIMEOUT_MS: 15_000,
    MONGO_URL: good.MONGO_URL,
    SWEEP_MS: 1_000,
    PARKED_RETRY_MS: 5_000,
    PARKED_MAX_MS: 3 * 24 * 60 * 60 * 1000,
  });
});

test('everything that is wrong is named at once', () => {
  const message = failure({ ...good, PORT: 'http', LOG_LEVEL: 'loud', NAMESPACE: 'My Tests', INTERNAL_TOKEN: undefined, SWEEP_MS: '0' });

  for (const name of ['PORT', 'LOG_LEVEL', 'NAMESPACE', 'INTERNAL_TOKEN', 'SWEEP_MS']) expect(message).toContain(`${name}:`);
  expect(message).toContain('INTERNAL_TOKEN: is missing');
  expect(message).not.toContain('KAFKA_BROKERS');
});

test('an empty environment names all that must be set', () => {
  expect(failure({}).match(/[A-Z_]+(?=: )/g)).toEqual(['KAFKA_BROKERS', 'PORT', 'INTERNAL_TOKEN', 'MONGO_URL']);
});

test.each(Object.keys(serviceConfig.shape).filter((name) => !['HOST', 'KAFKA_BROKERS', 'INTERNAL_TOKEN'].includes(name)))(
  'a wrong %s is named, and its value, which could be a secret, is not quoted',
  (name) => {
    const message = failure({ ...good, [name]: 'canary-4711 !' });

    expect(message).toContain(`${name}:`);
    expect(message).not.toContain('canary');
  },
);

test('a token that is too short is named without being shown', () => {
  expect(failure({ ...good, INTERNAL_TOKEN: 'canary' })).toMatch(/INTERNAL_TOKEN: (?!.*canary)/);
});

test('a process without a database needs none', () => {
  const { MONGO_URL: _none, ...edge } = good;

  expect(readConfig(edgeConfig, edge)).not.toHaveProperty('MONGO_URL');
});
