import { Problem, requireBearer, type requireCustomer } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type BillRoutes, billRoutes } from './bills/routes.ts';
import type { Generations } from './generations.ts';
import { type LinkRoutes, linkRoutes } from './links/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { type PaymentRoutes, paymentRoutes } from './payments/routes.ts';

const Generation = z.object({
  generation: z.int(),
  sizes: z.object({ bills: z.int(), payments: z.int(), links: z.int() }).optional().describe('where this process has opened it'),
});
const Views = z.object({ present: Generation.optional(), building: Generation.optional() }).meta({ id: 'Views' });

type ViewRoutes = { generations: Generations; internalToken: string };

/** Which generation of views is read, and building the next one. */
const viewRoutes =
  ({ generations, internalToken }: ViewRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const common = { tags: ['views'], security: [{ internalToken: [] }] };
    app.get(
      '/internal/views',
      {
        schema: {
          ...common,
          operationId: 'showViews',
          summary: 'Which generation of views is read, and how far the next one is',
          response: { 200: Views, 401: Problem, 503: Problem },
        },
      },
      () => generations.show(),
    );
    app.post(
      '/internal/views/rebuild',
      {
        schema: {
          ...common,
          operationId: 'rebuildViews',
          summary: 'Build the views anew beside the present ones; they are read once they have caught up',
          response: { 202: z.object({ building: z.int() }), 401: Problem, 409: Problem, 503: Problem },
        },
      },
      async (_request, reply) => reply.code(202).send({ building: await generations.rebuild() }),
    );
  };

type GatewayRoutes = BillRoutes &
  LinkRoutes &
  PaymentRoutes &
  ViewRoutes & {
    /** Lets only customers through, and tells who it is. */
    customer: ReturnType<typeof requireCustomer>;
    /** Throws where a customer asks too often. */
    admit: (customerId: string) => void;
  };

/** The app's API, every route behind the customer's access token; operators have theirs behind the internal one. */
export const gatewayRoutes =
  ({ customer, admit, ...options }: GatewayRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(async (own) => {
      own.addHook('onRequest', customer);
      own.addHook('onRequest', async ({ customer: { customerId } }) => admit(customerId));
      for (const routes of [billRoutes, linkRoutes, paymentRoutes, messageRoutes]) await own.register(routes(options));
    });
    await app.register(viewRoutes(options));
  };
