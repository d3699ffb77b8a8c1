import { AppError, type Logger, Outage } from '@scenefi/kernel';
import type { z } from 'zod';
import { systemClock } from './clock.ts';
import { ConfigError, type edgeConfig, readConfig, type serviceConfig } from './config.ts';
import { startFailPoints } from './fail-points.ts';
import { type Running, startEdge, startService } from './host.ts';
import { createLogger } from './logger.ts';
import type { Edge, Platform, Service, Start } from './platform.ts';

type Starter<Config, Parts> = (start: Start<Config, Parts>) => Promise<Running>;
type Settings = z.output<typeof edgeConfig>;

/** What stops a start is one sentence for people, except a bug, which keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof ConfigError || error instanceof AppError || error instanceof Outage) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return `the port is busy: ${error.message}; set PORT to a free one`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** Stops on SIGTERM and SIGINT, in bounded time; a second signal ends at once. */
const stopOnSignals = (running: Running, timeoutMs: number, logger: Logger): void => {
  let asked = false;
  const stop = (signal: string): void => {
    if (asked) process.exit(1);
    asked = true;
    logger.info('stopping', { signal });
    systemClock.after(timeoutMs, () => {
      logger.error('stopping took too long', { timeoutMs });
      process.exit(1);
    });
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

const run = async <Schema extends z.ZodType<Settings>, Parts>(
  name: string,
  schema: Schema,
  build: (parts: Parts) => Service | Promise<Service>,
  starter: Starter<z.output<Schema>, Parts>,
): Promise<void> => {
  let logger = createLogger(name, 'info');
  const crashed = (error: Error): void => {
    logger.error('the consumer crashed; the process ends and is started again', { reason: error.message });
    process.exit(1);
  };
  startFailPoints(process.env);
  try {
    const config = readConfig(schema, process.env);
    logger = createLogger(name, config.LOG_LEVEL);
    const running = await starter({ name, config, logger, build, crashed });
    stopOnSignals(running, config.SHUTDOWN_TIMEOUT_MS, logger);
  } catch (error) {
    logger.error('the service could not start', { reason: explain(error) });
    process.exit(1);
  }
};

/** The whole of a service's `main.ts`: environment, engines, consumers, routes, signals. */
export const host = <Schema extends z.ZodType<z.output<typeof serviceConfig>>>(
  name: string,
  schema: Schema,
  build: (platform: Platform<z.output<Schema>>) => Service | Promise<Service>,
): Promise<void> => run(name, schema, build, startService);

/** The same for a service without a database. */
export const hostEdge = <Schema extends z.ZodType<Settings>>(
  name: string,
  schema: Schema,
  build: (edge: Edge<z.output<Schema>>) => Service | Promise<Service>,
): Promise<void> => run(name, schema, build, startEdge);
