import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { acquireEngines } from '../scripts/engines/index.ts';
import { startContainers } from './containers.ts';
import './exit-on-signal.ts';

const dataDir = process.env.TEST_DATA_DIR ?? '.data/test';
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** One engine pair serves a whole run; the namespace of each file keeps them apart. */
export default async ({ provide, name }: TestProject): Promise<() => Promise<void>> => {
  const given = process.env.KAFKA_BROKERS || process.env.MONGO_URL;
  const containers = given ? undefined : await startContainers(say);
  if (containers) {
    provide('kafkaBrokers', containers.kafkaBrokers);
    provide('mongoUrl', containers.mongoUrl);
    return containers.stop;
  }
  const folder = `${dataDir}/${name}-${process.pid}`;
  const engines = await acquireEngines({ dataDir: folder, say });
  provide('kafkaBrokers', engines.kafka.address);
  provide('mongoUrl', engines.mongo.address);
  return async () => {
    await engines.stop();
    rmSync(folder, { recursive: true, force: true });
  };
};
