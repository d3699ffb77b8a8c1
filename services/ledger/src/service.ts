import type { Platform, Service } from '@scenefi/runtime';
import type { LedgerConfig } from './config.ts';
import { ledgerHandlers } from './handlers.ts';
import { createLedger } from './ledger.ts';
import { ledgerRoutes } from './routes.ts';
import { ledgerBooks } from './store.ts';

/** Double entry: every movement of money becomes one balanced entry. */
export const buildLedger = async ({ config, store, publisher, clock, logger }: Platform<LedgerConfig>): Promise<Service> => {
  const books = await ledgerBooks(store);
  const ledger = createLedger({ books, publisher, clock, logger });
  return {
    subscriptions: ledgerHandlers(ledger),
    routes: [ledgerRoutes({ books, internalToken: config.INTERNAL_TOKEN })],
  };
};
