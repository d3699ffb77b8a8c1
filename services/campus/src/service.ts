import { PartnerDescribed } from '@scenefi/contracts';
import type { Message } from '@scenefi/engine';
import { type Logger, Outage } from '@scenefi/kernel';
import type { Platform, Service } from '@scenefi/runtime';
import { billScene } from './bill.ts';
import type { CampusConfig } from './config.ts';
import { campusHandlers } from './handlers.ts';
import { campusRoutes } from './routes.ts';
import { billQueries } from './store.ts';

/** What was agreed with each school; the highest revision counts. */
const createContracts = (logger: Logger) => {
  const described = new Map<string, PartnerDescribed>();
  return {
    of: (partnerId: string): PartnerDescribed | undefined => described.get(partnerId),
    take: ({ event, value, topic, partition, offset }: Message): void => {
      if (event?.type !== PartnerDescribed.ceType || value === null) return;
      try {
        const partner = PartnerDescribed.read(JSON.parse(value.toString('utf8')));
        if (partner.revision >= (described.get(partner.partnerId)?.revision ?? 0)) described.set(partner.partnerId, partner);
      } catch {
        logger.error('message of a table ignored, it cannot be read', { topic, partition, offset });
      }
    },
  };
};

/** Bills of schools: what they decide, what they hear, what they answer. */
export const buildCampus = async ({ config, engine, store, openTable, logger }: Platform<CampusConfig>): Promise<Service> => {
  const contracts = createContracts(logger);
  const table = openTable([PartnerDescribed.topic], contracts.take);
  const scene = billScene({
    keepEarlyMs: config.KEEP_EARLY_MS,
    leaseMs: config.LEASE_MS,
    leaseAskMs: config.LEASE_ASK_MS,
    writeOffAskMs: config.WRITE_OFF_ASK_MS,
    writeOffDeadlineMs: config.WRITE_OFF_DEADLINE_MS,
    onSilence: (partnerId) => {
      // No decision yet, and the wake-up comes again: a table that was not read whole would say `queue` for everybody.
      if (!table.fresh()) throw new Outage('the contracts of the schools have not been read');
      return contracts.of(partnerId)?.onSilence ?? 'queue';
    },
  });
  const bills = engine.aggregate(scene, { collection: 'bills' });
  return {
    subscriptions: campusHandlers(bills, config.ID_KEY),
    routes: [campusRoutes({ bills, queries: await billQueries(store), internalToken: config.INTERNAL_TOKEN })],
    ready: () => (table.fresh() ? [] : ['the contracts of the schools have not been confirmed fresh']),
  };
};
