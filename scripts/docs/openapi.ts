import { createApp, messagesRoutes } from '@scenefi/http';
import { createLogger, createMetrics, systemRandom } from '@scenefi/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { campusRoutes } from '../../services/campus/src/routes.ts';
import { noticeRoutes } from '../../services/ingress/src/routes.ts';
import { ledgerRoutes } from '../../services/ledger/src/routes.ts';
import { paymentRoutes } from '../../services/payments/src/routes.ts';

/** Routes are described without anything behind them: nothing is called while a document is made. */
const nothing = {} as never;
const internalToken = 'not used in documents';
const operations = messagesRoutes({ backlog: nothing, internalToken });

export const routesOf: Record<string, readonly FastifyPluginAsyncZod[]> = {
  ingress: [noticeRoutes({ fresh: nothing, admit: nothing, append: nothing }) as FastifyPluginAsyncZod],
  campus: [operations, campusRoutes({ bills: nothing, internalToken })],
  payments: [operations, paymentRoutes({ payments: nothing, internalToken })],
  ledger: [operations, ledgerRoutes({ books: nothing, internalToken })],
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
