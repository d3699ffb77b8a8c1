import { type Store, stateOf } from '@scenefi/store';
import { type Customer, noLinks } from './customer-state.ts';

/** Reads that no command needs. A customer who never linked anything is one without links. */
export const customerQueries = (store: Store) => {
  const customers = store.collection('customers');
  return {
    byId: async (customerId: string): Promise<Customer> => ((await stateOf(customers, customerId)) as Customer | undefined) ?? noLinks,
  };
};
export type CustomerQueries = ReturnType<typeof customerQueries>;
