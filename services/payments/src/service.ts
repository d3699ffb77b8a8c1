import type { Platform, Service } from '@scenefi/runtime';
import type { PaymentsConfig } from './config.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentScene } from './payment.ts';
import { paymentRoutes } from './routes.ts';
import { paymentQueries } from './store.ts';

/** Money that came from elsewhere: recorded once, perhaps reversed. */
export const buildPayments = ({ config, engine, store }: Platform<PaymentsConfig>): Service => {
  const payments = engine.aggregate(paymentScene, { collection: 'payments' });
  return {
    subscriptions: paymentHandlers(payments),
    routes: [paymentRoutes({ payments: paymentQueries(store), internalToken: config.INTERNAL_TOKEN })],
  };
};
