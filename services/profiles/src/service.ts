import type { Aggregate } from '@scenefi/engine';
import type { Platform, Service } from '@scenefi/runtime';
import { type Account, type AccountCommand, accountScene } from './account.ts';
import type { ProfilesConfig } from './config.ts';
import { customerScene } from './customer.ts';
import type { Customer, CustomerCommand } from './customer-state.ts';
import { askAccount, linkAccount, profileHandlers, tellCustomer } from './handlers.ts';
import { profileRoutes } from './routes.ts';
import { customerQueries } from './store.ts';

/** Customers and the accounts they follow: each asks the other, and neither ever waits for the other. */
export const buildProfiles = ({ config, engine, store }: Platform<ProfilesConfig>): Service => {
  const { ID_KEY: idKey, INTERNAL_TOKEN: internalToken } = config;
  const rules = { askAgainMs: config.ASK_AGAIN_MS, lockMs: config.LOCK_MS };
  const accounts: Aggregate<Account, AccountCommand> = engine.aggregate(accountScene(rules), {
    collection: 'accounts',
    effects: { tell: (...effect) => tellCustomer(customers)(...effect) },
  });
  const ask = askAccount(accounts);
  const customers: Aggregate<Customer, CustomerCommand> = engine.aggregate(customerScene(rules), {
    collection: 'customers',
    effects: { ask },
  });
  const link = linkAccount({ customers, ask, idKey });
  return {
    subscriptions: profileHandlers(accounts),
    routes: [profileRoutes({ customers, queries: customerQueries(store), link, internalToken })],
  };
};
