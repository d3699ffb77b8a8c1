import { type Running, readConfig, type Start, type serviceConfig, startService } from '@scenefi/runtime';
import type { z } from 'zod';
import { keptLogger } from './clock.ts';
import { engineAddresses } from './namespace.ts';
import { endSpy } from './spy.ts';

export const internalToken = 'a-token-for-people-inside';

type Settings = z.output<typeof serviceConfig>;
type Build<Config> = Parameters<typeof startService<Config & Settings>>[0]['build'];

type Options<Schema extends z.ZodType<Settings>> = {
  name: string;
  schema: Schema;
  build: Build<z.output<Schema>>;
  /** Topics, groups and database of one test file. */
  prefix: string;
  env?: Record<string, string>;
};

/** A whole service in this process, on real engines; `crashes` says whether its process would have ended. */
export const serviceUnderTest = async <Schema extends z.ZodType<Settings>>({ name, schema, build, prefix, env = {} }: Options<Schema>) => {
  const { kafkaBrokers, mongoUrl } = engineAddresses();
  const spy = endSpy();
  const logger = keptLogger();
  const crashes: Error[] = [];
  const config = readConfig(schema, {
    KAFKA_BROKERS: kafkaBrokers,
    MONGO_URL: mongoUrl,
    NAMESPACE: prefix,
    PORT: '0',
    INTERNAL_TOKEN: internalToken,
    TOPIC_PARTITIONS: '3',
    TOPIC_REPLICATION: '1',
    SWEEP_MS: '50',
    PARKED_RETRY_MS: '50',
    ...env,
  });
  const crashed = (error: Error): void => void crashes.push(error);
  const start: Start<z.output<Schema>, Parameters<typeof build>[0]> = { name, config, logger, build, crashed, ended: spy.ended };
  const running = await startService(start);
  return { ...running, spy, logger, crashes };
};

/** A GET of a running service, with the internal token unless another or none is given. */
export const getJson = async <Body = unknown>({ url }: Pick<Running, 'url'>, path: string, token: string | undefined = internalToken) => {
  const answer = await fetch(url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  return { status: answer.status, body: (await answer.json()) as Body };
};
