import type { Platform, Service } from '@scenefi/runtime';
import { billScene } from './bill.ts';
import type { CampusConfig } from './config.ts';
import { campusHandlers } from './handlers.ts';
import { campusRoutes } from './routes.ts';
import { billQueries } from './store.ts';

/** Bills of schools: what they decide, what they hear, what they answer. */
export const buildCampus = ({ config, engine, store }: Platform<CampusConfig>): Service => {
  const bills = engine.aggregate(billScene({ keepEarlyMs: config.KEEP_EARLY_MS }), { collection: 'bills' });
  return {
    subscriptions: campusHandlers(bills, config.ID_KEY),
    routes: [campusRoutes({ bills: billQueries(store), internalToken: config.INTERNAL_TOKEN })],
  };
};
