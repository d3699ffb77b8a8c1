import type { Aggregate } from '@scenefi/engine';
import { createPartnerTable, partnerTopics } from '@scenefi/http';
import type { Platform, Service } from '@scenefi/runtime';
import { createAddressGuard } from './address-guard.ts';
import type { NotifierConfig } from './config.ts';
import { createDeliver } from './deliver.ts';
import { endpointScene } from './endpoint.ts';
import { notifierHandlers } from './handlers.ts';
import { mailboxScene } from './mailbox.ts';
import type { Mailbox, MailboxCommand } from './mailbox-state.ts';
import { createPost } from './post.ts';
import { deliveryRoutes } from './routes.ts';
import { type Delivery, deliveryQueries } from './store.ts';

/** What partners are told: a mailbox for each thing, an endpoint for each partner's server, and the one way out between them. */
export const buildNotifier = async (platform: Platform<NotifierConfig>): Promise<Service> => {
  const { config, engine, store, clock, random, logger, meter, openTable } = platform;
  const { RETRY_SCALE: retryScale, CALLBACK_TIMEOUT_MS: callbackTimeoutMs, INTERNAL_TOKEN: internalToken } = config;
  const partners = createPartnerTable({ credentialKey: config.CREDENTIAL_KEY, logger, random });
  const table = openTable(partnerTopics, partners.take);
  const deliveries = await deliveryQueries(store);
  const endpoints = engine.aggregate(endpointScene({ probeMs: Math.round(config.PROBE_MS * retryScale) }), { collection: 'endpoints' });

  /** Every order of an operator is one of its own. */
  const order = (aggregateId: string, command: MailboxCommand) =>
    mailboxes.send({ aggregateId, id: `operator|${random.bytes(12).toString('hex')}`, command, body: {} });
  const hurry = async (partnerId: string): Promise<number> => {
    const waiting = await deliveries.waitingMailboxes(partnerId);
    await Promise.all(waiting.map((mailboxId) => order(mailboxId, { type: 'Hurry' })));
    return waiting.length;
  };
  const replay = async (letters: readonly Delivery[]): Promise<void> => {
    const byMailbox = Map.groupBy(letters, ({ mailboxId }) => mailboxId);
    await Promise.all(
      [...byMailbox].map(([mailboxId, own]) =>
        order(mailboxId, { type: 'Replay', deliveryIds: own.map(({ letter }) => letter.deliveryId) }),
      ),
    );
  };
  const resume = async (partnerId: string): Promise<number> => {
    const id = `operator|${random.bytes(12).toString('hex')}`;
    await endpoints.send({ aggregateId: partnerId, id, command: { type: 'Resume' }, body: {} });
    return hurry(partnerId);
  };

  const guard = createAddressGuard({ allowPrivate: config.ALLOW_PRIVATE_CALLBACKS });
  const post = createPost({ guard, clock, timeoutMs: callbackTimeoutMs });
  const deliver = createDeliver({ partners: { ...partners, fresh: () => table.fresh() }, endpoints, post, hurry, clock, logger });
  const mailboxes: Aggregate<Mailbox, MailboxCommand> = engine.aggregate(mailboxScene({ retryScale, callbackTimeoutMs }), {
    collection: 'mailboxes',
    effects: { post: deliver },
  });
  meter.gauge('notifier_waiting_letters', deliveries.waitingLetters);

  return {
    subscriptions: notifierHandlers(mailboxes),
    routes: [deliveryRoutes({ deliveries, replay, resume, internalToken })],
    ready: () => (table.fresh() ? [] : ['the partner table has not been confirmed fresh']),
  };
};
