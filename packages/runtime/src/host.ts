import { createApp, messagesRoutes } from '@scenefi/http';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { type Base, createUndo, openBase } from './base.ts';
import { brokerSkew, systemClock, systemRandom } from './clock.ts';
import { allBacklogs } from './messages.ts';
import {
  type Edge,
  type EdgeSettings,
  edgeOf,
  openPlatform,
  type Platform,
  type Service,
  type ServiceSettings,
  type Start,
} from './platform.ts';
import { traceRequests } from './traces.ts';

/** A process that runs, in a test or for real. */
export type Running = { url: string; app: FastifyInstance; stop: () => Promise<void> };

const version = '0.1.0';

/** Listens, and answers health by everything that can be wrong with this process. */
const serve = async (
  { name, config, logger }: Pick<Start<EdgeSettings, never>, 'name' | 'config' | 'logger'>,
  base: Base,
  service: Service,
  health: { ready: () => string[] },
  routes: readonly FastifyPluginAsyncZod[],
): Promise<Running> => {
  let stopping = false;
  const { metrics, undo, traced } = base;
  const ready = (): string[] => [...(stopping ? ['the process is stopping'] : []), ...health.ready(), ...(service.ready?.() ?? [])];
  const options = { name, version, logger, meter: metrics, random: systemRandom, development: config.DEVELOPMENT };
  const app = createApp({ ...options, health: { ready }, metricsText: metrics.text });
  if (traced) traceRequests(app);
  // A connection that is kept alive behind a late answer would keep the process, too.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close');
  });
  for (const route of [...routes, ...(service.routes ?? [])]) await app.register(route);
  undo.add('http', () => app.close());
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  logger.info('service started', { url });
  const stop = async (): Promise<void> => {
    stopping = true;
    await undo.run();
    logger.info('service stopped');
  };
  return { url, app, stop };
};

/** Starts a service without a database. */
export const startEdge = async <Config extends EdgeSettings>(start: Start<Config, Edge<Config>>): Promise<Running> => {
  const { config, logger, build } = start;
  const clock = systemClock;
  const undo = createUndo(logger);
  const skew = brokerSkew(clock);
  const base = await openBase(start, clock, undo, skew.appended);
  const { bus } = base;
  const service = await build(edgeOf(config, clock, logger, base));
  await bus.startTables();
  const ready = (): string[] => (skew.wrong() ? ['the clock is more than two seconds off the broker'] : []);
  return serve(start, base, service, { ready }, []);
};

/** Starts a service with a database: its engine sweeps, its subscriptions are consumed as the group of its name. */
export const startService = async <Config extends ServiceSettings>(start: Start<Config, Platform<Config>>): Promise<Running> => {
  const undo = createUndo(start.logger);
  const { base, service, ready, backlogs } = await openPlatform(start, undo);
  const operations = messagesRoutes({ backlog: allBacklogs(backlogs), internalToken: start.config.INTERNAL_TOKEN });
  return serve(start, base, service, { ready }, [operations]);
};
