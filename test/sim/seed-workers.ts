import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { addTo, noSeeds, type Stretch, type Tally } from './seeds.ts';

/** A worker gets so many at a time: enough that handing out costs nothing, few enough that all end together. */
const stretchSeeds = 20;

/** A world is thrown away as a whole when its seed is done: with room for some of them little is copied before that. */
const resourceLimits = { maxYoungGenerationSizeMb: 384 };

const startWorker = (): Worker => new Worker(join(import.meta.dirname, 'seed-worker.ts'), { resourceLimits });

/**
 * Runs seeds on every core; `goOn` is asked before every stretch. After a failure no other stretch begins, and of several failures
 * only the one with the lowest seed is told, which is the same however the seeds were spread.
 */
export const runSeedsOnCores = async ({ from, count }: Stretch, goOn: () => boolean): Promise<Tally> => {
  const sum = noSeeds();
  let next = from;

  const lane = async (worker: Worker): Promise<void> => {
    while (next < from + count && sum.failures.length === 0 && goOn()) {
      const stretch: Stretch = { from: next, count: Math.min(stretchSeeds, from + count - next) };
      next += stretch.count;
      worker.postMessage(stretch);
      const [tally] = (await once(worker, 'message')) as [Tally];
      addTo(sum, tally);
    }
  };

  const stretches = Math.ceil(count / stretchSeeds);
  const workers = Array.from({ length: Math.min(availableParallelism(), stretches) }, startWorker);
  try {
    await Promise.all(workers.map(lane));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const [lowest] = sum.failures.sort((left, right) => left.seed - right.seed);
  return { ...sum, failures: lowest ? [lowest] : [] };
};
