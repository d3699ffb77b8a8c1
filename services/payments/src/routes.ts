import { PaymentId, PaymentRecorded } from '@scenefi/contracts';
import { Problem, requireBearer } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { paymentErrors } from './errors.ts';
import { viewOf } from './payment.ts';
import type { PaymentQueries } from './store.ts';

type RoutesOptions = { payments: PaymentQueries; internalToken: string };

const Counts = z.record(z.string(), z.int()).meta({ id: 'PaymentCounts' });

/** What our own services and operators may ask. */
export const paymentRoutes =
  ({ payments, internalToken }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const security = [{ internalToken: [] }];
    const tags = ['payments'];
    app.get(
      '/internal/payments/:paymentId',
      {
        schema: {
          operationId: 'getPayment',
          summary: 'One payment as it stands',
          tags,
          security,
          params: z.object({ paymentId: PaymentId }),
          response: { 200: PaymentRecorded.schema, 400: Problem, 401: Problem, 404: Problem, 503: Problem },
        },
      },
      async ({ params: { paymentId } }) => {
        const payment = await payments.byId(paymentId);
        if (!payment) throw paymentErrors.PAYMENT_NOT_FOUND({ paymentId });
        return PaymentRecorded.read(viewOf(payment, paymentId));
      },
    );
    app.get(
      '/internal/payments',
      {
        schema: {
          operationId: 'countPayments',
          summary: 'How many payments are in which state',
          tags,
          security,
          response: { 200: Counts, 401: Problem, 503: Problem },
        },
      },
      () => payments.countByStatus(),
    );
  };
