import { createInternalCalls, createPartnerTable, partnerTopics } from '@scenefi/http';
import type { Edge, Service } from '@scenefi/runtime';
import { createAdmit, createGate } from './admit.ts';
import { createAppend } from './append.ts';
import { createAsk } from './ask.ts';
import type { IngressConfig } from './config.ts';
import { partnerRoutes } from './routes.ts';

/** The way in for partners: a table of who may send, a gate, the log behind it, and the scenes that answer. No database. */
export const buildIngress = ({ config, clock, random, logger, meter, publisher, openTable }: Edge<IngressConfig>): Service => {
  const partners = createPartnerTable({ credentialKey: config.CREDENTIAL_KEY, logger, random });
  const table = openTable(partnerTopics, partners.take);
  const gate = createGate({ partners, clock, meter });
  const scenes = { campus: createInternalCalls({ baseUrl: config.CAMPUS_URL, token: config.INTERNAL_TOKEN, clock }) };
  const append = createAppend({ publisher, clock, random, deadlineMs: config.PUBLISH_DEADLINE_MS });
  return {
    routes: [
      partnerRoutes({
        fresh: () => table.fresh(),
        admit: createAdmit({ gate, partners }),
        append,
        ask: createAsk({ gate, partners, scenes }),
      }),
    ],
    ready: () => (table.fresh() ? [] : ['the partner table has not been confirmed fresh']),
  };
};
