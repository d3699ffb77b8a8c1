import type { Logger } from '@scenefi/kernel';
import { createLogger, readConfig, systemClock, systemRandom } from '@scenefi/runtime';
import { openWorld, type World } from './open-world.ts';
import { WorldConfig } from './world-config.ts';

const name = 'sandbox-world';
const stopTimeoutMs = 5_000;

/** Notices that are still under way stand in the files; the next process sends them. A second signal ends at once. */
const stopOnSignals = (world: World, logger: Logger): void => {
  let asked = false;
  const stop = (signal: string): void => {
    if (asked) process.exit(1);
    asked = true;
    logger.info('stopping', { signal });
    systemClock.after(stopTimeoutMs, () => {
      logger.error('stopping took too long', { timeoutMs: stopTimeoutMs });
      process.exit(1);
    });
    const failed = (error: unknown): never => {
      logger.error('stopping failed', { reason: error instanceof Error ? error.message : String(error) });
      process.exit(1);
    };
    world.stop().then(() => process.exit(0), failed);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

const start = async (): Promise<void> => {
  let logger = createLogger(name, 'info');
  try {
    const config = readConfig(WorldConfig, process.env);
    logger = createLogger(name, config.LOG_LEVEL);
    stopOnSignals(await openWorld({ config, clock: systemClock, random: systemRandom, logger }), logger);
  } catch (error) {
    logger.error('the world could not start', { reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
};

await start();
