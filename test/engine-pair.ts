import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { acquireEngines } from '../scripts/engines/index.ts';

const dataDir = process.env.TEST_DATA_DIR ?? '.data/test';

/** One engine pair serves a whole run; the namespace of each file keeps them apart. */
export default async ({ provide, name }: TestProject): Promise<() => Promise<void>> => {
  const folder = `${dataDir}/${name}-${process.pid}`;
  const engines = await acquireEngines({ dataDir: folder, say: (line) => process.stderr.write(`${line}\n`) });
  provide('kafkaBrokers', engines.kafka.address);
  provide('mongoUrl', engines.mongo.address);
  return async () => {
    await engines.stop();
    rmSync(folder, { recursive: true, force: true });
  };
};
