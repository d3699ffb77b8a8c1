import { createInternalCalls, remoteKeys, requireCustomer } from '@scenefi/http';
import type { Platform, Service } from '@scenefi/runtime';
import { createBacklog } from '@scenefi/store';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { GatewayConfig } from './config.ts';
import { createGenerations, type Generation } from './generations.ts';
import { viewHandlers } from './handlers.ts';
import { createRateLimit } from './rate-limit.ts';
import { gatewayRoutes } from './routes.ts';
import { viewPointer, viewQueries } from './store.ts';
import { viewScene } from './view.ts';
import { createWaiting } from './waiting.ts';

/** One generation of views: a database, a consumer group and an engine of its own. */
const openViews =
  ({ beside }: Platform<GatewayConfig>) =>
  async (generation: number): Promise<Generation> => {
    const parts = Promise.withResolvers<Pick<Generation, 'views'> & { parked: () => Promise<number> }>();
    const opened = await beside(`gateway-g${generation}`, async ({ engine, store }) => {
      const [views, backlog] = await Promise.all([viewQueries(store), createBacklog(store)]);
      parts.resolve({ views, parked: async () => (await backlog.counts()).parked });
      return {
        subscriptions: viewHandlers({
          bills: engine.aggregate(viewScene('bill-view'), { collection: 'bills' }),
          payments: engine.aggregate(viewScene('payment-view'), { collection: 'payments' }),
          links: engine.aggregate(viewScene('links-view'), { collection: 'links' }),
        }),
      };
    });
    const { views, parked } = await parts.promise;
    // A parked fact is behind the group's position, and yet not shown.
    return { ...opened, views, caughtUp: async () => (await opened.caughtUp()) && (await parked()) === 0 };
  };

type Closing = { letGo: () => void; close: () => Promise<void> };

/** Routes that are left in order: first those who wait are answered, then the views are closed. */
const closing =
  (routes: FastifyPluginAsyncZod, { letGo, close }: Closing): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('preClose', async () => letGo());
    app.addHook('onClose', close);
    await app.register(routes);
  };

/** The app's API: commands go to the service that owns them, reads come from views that the facts of all services feed. */
export const buildGateway = (platform: Platform<GatewayConfig>): Service => {
  const { config, store, clock, logger } = platform;
  const callsOf = (baseUrl: string) => createInternalCalls({ baseUrl, token: config.INTERNAL_TOKEN, clock });
  const open = openViews(platform);
  const generations = createGenerations({ pointer: viewPointer(store), open, clock, logger, pollMs: config.VIEWS_POLL_MS });
  const waitFor = { clock, everyMs: config.WAIT_POLL_MS };
  const waitingPayments = createWaiting({ ...waitFor, look: (ids) => generations.read((views) => views.payments(ids)) });
  const waitingLinks = createWaiting({ ...waitFor, look: (ids) => generations.read((views) => views.links(ids)) });
  const routes = gatewayRoutes({
    generations,
    waitingPayments,
    waitingLinks,
    payments: callsOf(config.PAYMENTS_URL),
    profiles: callsOf(config.PROFILES_URL),
    customer: requireCustomer({ keys: remoteKeys(config.JWKS_URL), issuer: config.ISSUER, audience: config.AUDIENCE }),
    admit: createRateLimit({ clock, perSecond: config.REQUESTS_PER_SECOND }),
    internalToken: config.INTERNAL_TOKEN,
  });
  const letGo = (): void => {
    waitingPayments.end();
    waitingLinks.end();
  };
  return { ready: generations.ready, routes: [closing(routes, { letGo, close: generations.stop })] };
};
