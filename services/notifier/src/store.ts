import type { Instant } from '@scenefi/kernel';
import { mapped, type Store } from '@scenefi/store';
import type { Endpoint } from './endpoint.ts';
import type { Letter } from './mailbox-state.ts';

/** A letter, and the mailbox that it lies in. */
export type Delivery = { mailboxId: string; partnerId: string; letter: Letter };

/** Where a page ended. */
export type Cursor = { timestamp: Instant; deliveryId: string };

export type DeliveriesAsked = {
  partnerId?: string;
  status?: Letter['status'];
  from?: Instant;
  to?: Instant;
  after?: Cursor;
  newestFirst: boolean;
  limit: number;
};

export type PartnerStanding = { partnerId: string; waiting: number; failures: number; pausedSince?: Instant; nextProbeAt?: Instant };

const mailboxesMax = 1_000;

const beyond = ({ timestamp, deliveryId }: Cursor, newestFirst: boolean) => {
  const further = newestFirst ? '$lt' : '$gt';
  const later = { 'state.letters.timestamp': { [further]: timestamp } };
  return { $or: [later, { 'state.letters.timestamp': timestamp, 'state.letters.deliveryId': { [further]: deliveryId } }] };
};

/** Mailboxes first, by what is indexed; then their letters one by one. */
const stagesOf = ({ partnerId, status, from, to, after, newestFirst, limit }: DeliveriesAsked): object[] => {
  const within = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
  const letters = {
    ...(status && { 'state.letters.status': status }),
    ...((from || to) && { 'state.letters.timestamp': within }),
  };
  const order = newestFirst ? -1 : 1;
  return [
    { $match: { ...(partnerId && { 'state.partnerId': partnerId }), ...(status === 'waiting' && { 'state.waiting': { $gt: 0 } }) } },
    { $unwind: '$state.letters' },
    { $match: { ...letters, ...(after && beyond(after, newestFirst)) } },
    { $sort: { 'state.letters.timestamp': order, 'state.letters.deliveryId': order } },
    { $limit: limit },
    { $project: { _id: 0, mailboxId: '$_id', partnerId: '$state.partnerId', letter: '$state.letters' } },
  ];
};

/** Reads that no command needs: what operators ask for. */
export const deliveryQueries = async (store: Store) => {
  const mailboxes = store.collection('mailboxes');
  const endpoints = store.collection('endpoints');
  await mapped(async () => {
    await mailboxes.createIndex({ 'state.letters.deliveryId': 1 });
    await mailboxes.createIndex({ 'state.partnerId': 1 });
    await mailboxes.createIndex({ 'state.waiting': 1, 'state.partnerId': 1 });
  });

  const waitingByPartner = (): Promise<{ _id: string; waiting: number }[]> =>
    mapped(() => {
      const stages = [
        { $match: { 'state.waiting': { $gt: 0 } } },
        { $group: { _id: '$state.partnerId', waiting: { $sum: '$state.waiting' } } },
      ];
      return mailboxes.aggregate<{ _id: string; waiting: number }>(stages).toArray();
    });

  return {
    list: (asked: DeliveriesAsked): Promise<Delivery[]> => mapped(() => mailboxes.aggregate<Delivery>(stagesOf(asked)).toArray()),
    byId: (deliveryId: string): Promise<Delivery | undefined> =>
      mapped(async () => {
        const found = await mailboxes.findOne({ 'state.letters.deliveryId': deliveryId });
        const letter = (found?.state.letters as Letter[] | undefined)?.find((known) => known.deliveryId === deliveryId);
        return found && letter ? { mailboxId: found._id, partnerId: found.state.partnerId as string, letter } : undefined;
      }),
    /** Every partner with letters that wait, or whose server failed lately. */
    partners: async (): Promise<PartnerStanding[]> => {
      const waiting = new Map((await waitingByPartner()).map((group) => [group._id, group.waiting]));
      const failing = await mapped(() => endpoints.find({}, { projection: { state: 1 }, sort: { _id: 1 } }).toArray());
      const health = new Map(failing.map(({ _id, state }) => [_id, state as Endpoint]));
      return [...new Set([...waiting.keys(), ...health.keys()])].sort().map((partnerId) => {
        const { failures = 0, paused } = health.get(partnerId) ?? {};
        const pause = paused && { pausedSince: paused.since, nextProbeAt: paused.nextProbeAt };
        return { partnerId, waiting: waiting.get(partnerId) ?? 0, failures, ...pause };
      });
    },
    /** Mailboxes of a partner with letters that wait. */
    waitingMailboxes: async (partnerId: string): Promise<string[]> => {
      const match = { 'state.partnerId': partnerId, 'state.waiting': { $gt: 0 } };
      return (await mapped(() => mailboxes.find(match, { projection: { _id: 1 }, limit: mailboxesMax }).toArray())).map(({ _id }) => _id);
    },
    waitingLetters: async (): Promise<number> => (await waitingByPartner()).reduce((sum, { waiting }) => sum + waiting, 0),
  };
};
export type DeliveryQueries = Awaited<ReturnType<typeof deliveryQueries>>;
