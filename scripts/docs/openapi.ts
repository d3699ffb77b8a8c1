import { createApp, messagesRoutes } from '@scenefi/http';
import { createLogger, createMetrics, systemRandom } from '@scenefi/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { campusRoutes } from '../../services/campus/src/routes.ts';
import { gatewayRoutes } from '../../services/gateway/src/routes.ts';
import { partnerRoutes } from '../../services/ingress/src/routes.ts';
import { ledgerRoutes } from '../../services/ledger/src/routes.ts';
import { deliveryRoutes } from '../../services/notifier/src/routes.ts';
import { paymentRoutes } from '../../services/payments/src/routes.ts';
import { profileRoutes } from '../../services/profiles/src/routes.ts';

/** Routes are described without anything behind them: nothing is called while a document is made. */
const internalToken = 'not used in documents';
const nothing = { internalToken } as never;
const operations = messagesRoutes(nothing);

export const routesOf: Record<string, readonly FastifyPluginAsyncZod[]> = {
  ingress: [partnerRoutes(nothing) as FastifyPluginAsyncZod],
  campus: [operations, campusRoutes(nothing)],
  payments: [operations, paymentRoutes(nothing)],
  ledger: [operations, ledgerRoutes(nothing)],
  profiles: [operations, profileRoutes(nothing)],
  notifier: [operations, deliveryRoutes(nothing)],
  gateway: [operations, gatewayRoutes({ internalToken, customer: async () => undefined } as never)],
};

/** The OpenAPI 3.1 document of one service, as it serves it itself at `/openapi.json`. */
export const openapiOf = async (service: string): Promise<string> => {
  const app = createApp({
    name: service,
    version: '0.1.0',
    logger: createLogger(service, 'error'),
    meter: createMetrics(service),
    random: systemRandom,
    development: false,
    health: { ready: () => [] },
    metricsText: () => '',
  });
  for (const routes of routesOf[service] ?? []) await app.register(routes);
  const { json } = await app.inject({ url: '/openapi.json' }).then((response) => ({ json: response.json() as unknown }));
  await app.close();
  return `${JSON.stringify(json, null, 2)}\n`;
};
