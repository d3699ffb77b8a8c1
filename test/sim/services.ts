import { decodeMessage, encodeEvent } from '@scenefi/bus';
import { CampusBill, CampusBillNoticeRefused, deadLetterTopic, PartnerDescribed, topics } from '@scenefi/contracts';
import type { Aggregate, Message } from '@scenefi/engine';
import type { Service } from '@scenefi/runtime';
import { buildCampus } from '../../services/campus/src/service.ts';
import { buildLedger } from '../../services/ledger/src/service.ts';
import { createDeliver } from '../../services/notifier/src/deliver.ts';
import { endpointScene } from '../../services/notifier/src/endpoint.ts';
import { notifierHandlers } from '../../services/notifier/src/handlers.ts';
import { mailboxScene } from '../../services/notifier/src/mailbox.ts';
import type { Mailbox, MailboxCommand } from '../../services/notifier/src/mailbox-state.ts';
import type { Post } from '../../services/notifier/src/post.ts';
import { deliveryQueries } from '../../services/notifier/src/store.ts';
import { buildPayments } from '../../services/payments/src/service.ts';
import type { Parts } from './replica.ts';
import { campusConfig, ledgerConfig, mailboxRules, partnerKey, partners, paymentsConfig, probeMs } from './rules.ts';

/** Brings a webhook from one process to a school. */
export type PostOf = (parts: Parts) => Post;

const described = partners.map((partner) =>
  PartnerDescribed.write({
    ...partner,
    revision: 1,
    name: 'a school',
    scenes: ['campus'],
    callbackUrl: `https://${partner.partnerId}.example`,
  }),
);

/** What the tables of partners hold. */
export const tables: readonly Message[] = described.map((data, index) => {
  const { ceType: type, topic } = PartnerDescribed;
  const value = JSON.stringify(data);
  const { headers } = encodeEvent({
    id: `${data.partnerId}:1`,
    source: '/scenefi/merchants',
    type,
    time: '2026-01-01T00:00:00.000Z',
    value,
  });
  const record = {
    key: Buffer.from(data.partnerId),
    value: Buffer.from(value),
    timestamp: '0',
    attributes: 0,
    offset: String(index),
    headers,
  };
  return decodeMessage(record, { topic, partition: 0 });
});

/** The notifier as its service puts it together, but for the way out: that one is the world's. */
const buildNotifier =
  (postOf: PostOf) =>
  async (parts: Parts): Promise<Service> => {
    const { engine, store, clock, random, logger, openTable } = parts;
    const table = openTable([], () => undefined);
    const deliveries = await deliveryQueries(store);
    const endpoints = engine.aggregate(endpointScene({ probeMs }), { collection: 'endpoints' });
    const hurry = async (partnerId: string): Promise<void> => {
      const waiting = await deliveries.waitingMailboxes(partnerId);
      const order = (aggregateId: string) =>
        mailboxes.send({ aggregateId, id: `operator|${random.bytes(12).toString('hex')}`, command: { type: 'Hurry' }, body: {} });
      await Promise.all(waiting.map(order));
    };
    const deliver = createDeliver({
      partners: {
        describedAs: (partnerId) => described.find((one) => one.partnerId === partnerId),
        signingKeyOf: () => partnerKey,
        fresh: () => table.fresh(),
      },
      endpoints,
      post: postOf(parts),
      hurry,
      clock,
      logger,
    });
    const mailboxes: Aggregate<Mailbox, MailboxCommand> = engine.aggregate(mailboxScene(mailboxRules), {
      collection: 'mailboxes',
      effects: { post: deliver },
    });
    return { subscriptions: notifierHandlers(mailboxes) };
  };

const withConfig = <Config>(config: Config, parts: Parts) => ({ ...parts, config }) as never;

/** Every service of the simulation, as it is built in production. */
export const builds = (postOf: PostOf): Readonly<Record<string, (parts: Parts) => Service | Promise<Service>>> => ({
  campus: (parts) => buildCampus(withConfig(campusConfig, parts)),
  payments: (parts) => buildPayments(withConfig(paymentsConfig(parts.life.name), parts)),
  ledger: (parts) => buildLedger(withConfig(ledgerConfig, parts)),
  notifier: buildNotifier(postOf),
});

/** What each group hears, told here anew and not taken from the handlers. */
export const heardBy: Readonly<Record<string, readonly string[]>> = {
  campus: ['campus.notice.v1', 'payments.payment.v1'],
  payments: [CampusBill.billed.topic],
  ledger: ['payments.payment.v1'],
  notifier: [CampusBill.billed.topic, CampusBillNoticeRefused.topic, 'payments.payment.v1', 'campus.refusal.v1'],
};

const perTopic = 2;

/** Every topic with the number of its partitions. */
export const partitions: ReadonlyMap<string, number> = new Map([
  ...topics.map(({ name, kind }): [string, number] => [name, kind === 'refusals' ? 1 : perTopic]),
  ...Object.entries(heardBy).flatMap(([group, heard]) => heard.map((topic): [string, number] => [deadLetterTopic(topic, group), 1])),
]);
