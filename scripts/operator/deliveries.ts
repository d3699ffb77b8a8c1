import type { z } from 'zod';
import { DeliveryDetail, DeliveryPage, PartnerStandings, Replayed, Resumed } from '../../services/notifier/src/routes.ts';
import type { Address } from '../start/watch.ts';
import { MissingSetting, serviceAccess, Usage } from './access.ts';

const answerWithinMs = 60_000;

/** A range of time of one partner; the ends are ISO times with an offset. */
export type Range = { partnerId: string; from: string; to: string };

/** Beside `npm start` it has its name; in production its host does, or it is the only address given. */
const notifierOf = (addresses: readonly Address[]): Address => {
  const notifier = addresses.find(({ name }) => name.startsWith('notifier')) ?? (addresses.length === 1 ? addresses[0] : undefined);
  if (!notifier) throw new MissingSetting('set SERVICE_URLS to the address of the notifier, or let npm start run beside this command');
  return notifier;
};

/** The deliveries of a running notifier, as its operators see and replay them. */
export const openDeliveries = () => {
  const { addresses, token } = serviceAccess();
  const { name, url } = notifierOf(addresses);

  const call = async <Answer>(schema: z.ZodType<Answer>, path: string, body?: unknown): Promise<Answer> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const asked = fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(answerWithinMs), ...post });
    const response = await asked.catch((cause: unknown) => {
      throw new Error(`${name} does not answer at ${url}`, { cause });
    });
    const json: unknown = await response.json();
    if (response.status === 401) throw new Usage(`${name} does not take this INTERNAL_TOKEN`);
    if (!response.ok) throw new Usage(`${name} answered ${response.status}: ${JSON.stringify(json)}`);
    return schema.parse(json);
  };

  return {
    list: (filter: Record<string, string>) => call(DeliveryPage, `/internal/deliveries?${new URLSearchParams(filter)}`),
    show: (deliveryId: string) => call(DeliveryDetail, `/internal/deliveries/${encodeURIComponent(deliveryId)}`),
    replay: async (deliveryId: string): Promise<number> => (await call(Replayed, '/internal/deliveries/replay', { deliveryId })).replayed,
    /** Page after page, since a partner may have missed days. */
    replayRange: async (range: Range): Promise<number> => {
      let replayed = 0;
      let after: { after?: string } = {};
      for (;;) {
        const page = await call(Replayed, '/internal/deliveries/replay', { ...range, ...after });
        replayed += page.replayed;
        if (page.next === null) return replayed;
        after = { after: page.next };
      }
    },
    partners: async () => (await call(PartnerStandings, '/internal/partners')).partners,
    resume: async (partnerId: string): Promise<number> =>
      (await call(Resumed, `/internal/partners/${encodeURIComponent(partnerId)}/resume`, {})).mailboxes,
  };
};

export type Deliveries = ReturnType<typeof openDeliveries>;
