import type { Edge, Service } from '@scenefi/runtime';
import { createAdmit } from './admit.ts';
import { createAppend } from './append.ts';
import type { IngressConfig } from './config.ts';
import { createPartnerTable, tableTopics } from './partner-table.ts';
import { noticeRoutes } from './routes.ts';

/** The way in for partners: a table of who may send, a gate, and the log behind it. No database. */
export const buildIngress = ({ config, clock, random, logger, meter, publisher, openTable }: Edge<IngressConfig>): Service => {
  const partners = createPartnerTable({ credentialKey: config.CREDENTIAL_KEY, logger, random });
  const table = openTable(tableTopics, partners.take);
  const admit = createAdmit({ partners, clock, meter });
  const append = createAppend({ publisher, clock, random, deadlineMs: config.PUBLISH_DEADLINE_MS });
  return {
    routes: [noticeRoutes({ fresh: () => table.fresh(), admit, append })],
    ready: () => (table.fresh() ? [] : ['the partner table has not been confirmed fresh']),
  };
};
