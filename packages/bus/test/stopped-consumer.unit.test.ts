import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Fetch = (nodeId: number) => Promise<unknown[]>;
type FetchManager = { start(): Promise<void>; stop(): Promise<void> };
type Parts = { logger: object; getNodeIds: () => number[]; fetch: Fetch; handler: () => Promise<void> };

const createFetchManager = createRequire(import.meta.url)('kafkajs/src/consumer/fetchManager') as (parts: Parts) => FetchManager;

const quiet = { namespace: () => quiet, debug: () => undefined, info: () => undefined };
/** A loop without a pause would hang the test; it is ended by this many rounds. */
const roundsMax = 1_000;

test('a consumer that is told to stop while the brokers change begins no new fetches', async () => {
  let nodes = [1, 2];
  let answer: (batches: unknown[]) => void = () => undefined;
  let stopping: Promise<void> | undefined;
  let rounds = 0;
  const fetch: Fetch = async (nodeId) => {
    if (stopping) {
      rounds += 1;
      if (rounds === roundsMax) throw new Error('it turns for ever');
      return [];
    }
    if (nodeId === 1) return [];
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const manager = createFetchManager({ logger: quiet, getNodeIds: () => nodes, fetch, handler: async () => undefined });

  const ended = manager.start();
  // The first fetcher sees another set of brokers and all are to begin anew, once the second has its answer.
  nodes = [1, 2, 3];
  await new Promise((resolve) => setImmediate(resolve));
  stopping = manager.stop();
  answer([]);

  await expect(ended).resolves.toBeUndefined();
  await stopping;
  expect(rounds).toBe(0);
});
