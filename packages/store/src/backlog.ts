import type { Backlog, DeadLetter, ParkedHead, ParkedMessage } from '@scenefi/engine';
import { epochMs } from '@scenefi/kernel';
import type { Collection, Store } from './connection.ts';
import { isDuplicateKey, mapped } from './errors.ts';

const deadLetterDays = 30;

const many = <Item>(documents: Promise<unknown[]>): Promise<Item[]> => documents as Promise<Item[]>;

/** Writes the head if it is still the one that was read; its rev rises and its tail takes the larger offset. */
const raiseHead = async (heads: Collection, { message, key, since }: ParkedMessage, head: ParkedHead | undefined): Promise<boolean> => {
  const { topic, partition, offset } = message;
  if (head) {
    const raised = await heads.updateOne({ _id: key, rev: head.rev }, { $inc: { rev: 1 }, $max: { tail: offset } });
    return raised.matchedCount === 1;
  }
  try {
    const fresh: ParkedHead = { _id: key, rev: 1, tail: offset, topic, partition, retryAt: since, tries: 0 };
    await heads.insertOne(fresh);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
};

/** Parked messages, their heads and dead letters of one service, in three collections of its database. */
export const createBacklog = async (store: Store): Promise<Backlog> => {
  const parked = store.collection('parked_messages');
  const heads = store.collection('parked_heads');
  const letters = store.collection('dead_letters');
  await mapped(async () => {
    await parked.createIndex({ key: 1, 'message.offset': 1 });
    await parked.createIndex({ aggregateIds: 1 });
    await heads.createIndex({ retryAt: 1 });
    await letters.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  });

  const headOf = async (key: string): Promise<ParkedHead | null> => (await heads.findOne({ _id: key })) as ParkedHead | null;

  /** A document without a head, or above its tail, is not parked: its writer crashed between the two writes. */
  const isParked = async ({ key, message }: ParkedMessage): Promise<boolean> => {
    const head = await headOf(key);
    return head !== null && message.offset <= head.tail;
  };

  return {
    heads: (keys) =>
      mapped(async () => {
        // Mostly nothing is parked at all, and to hear that costs a sixth of looking for each key of a slice.
        if (!(await heads.findOne({}))) return new Map();
        const found = await many<ParkedHead>(heads.find({ _id: { $in: [...keys] } }).toArray());
        return new Map(found.map((head) => [head._id, head]));
      }),
    park: (message, head) =>
      mapped(async () => {
        const { _id, aggregateIds, ...first } = message;
        // Parked again after a crash it keeps its age and its first reason: both say when it may be given up, and why.
        await parked.updateOne({ _id }, { $set: { aggregateIds }, $setOnInsert: first }, { upsert: true });
        return raiseHead(heads, message, head);
      }),
    dueHeads: (now, limit) =>
      mapped(() => many<ParkedHead>(heads.find({ retryAt: { $lte: now } }, { limit, sort: { retryAt: 1 } }).toArray())),
    parkedOf: (head, limit) =>
      mapped(() =>
        many<ParkedMessage>(
          parked.find({ key: head._id, 'message.offset': { $lte: head.tail } }, { sort: { 'message.offset': 1 }, limit }).toArray(),
        ),
      ),
    parked: (limit) => mapped(() => many<ParkedMessage>(parked.find({}, { limit, sort: { key: 1, 'message.offset': 1 } }).toArray())),
    removeParked: ({ _id }) => mapped(async () => void (await parked.deleteOne({ _id }))),
    removeHead: ({ _id, rev }) => mapped(async () => void (await heads.deleteOne({ _id, rev }))),
    postponeHead: ({ _id }, retryAt) =>
      mapped(async () => void (await heads.updateOne({ _id }, { $set: { retryAt }, $inc: { tries: 1 } }))),
    removeOrphans: (committed) =>
      mapped(async () => {
        for (const document of await many<ParkedMessage>(parked.find({}, { limit: 500 }).toArray())) {
          const { topic, partition, offset } = document.message;
          const settled = (committed.get(`${topic}|${partition}`) ?? 0) > offset;
          if (settled && !(await isParked(document))) await parked.deleteOne({ _id: document._id });
        }
      }),
    blocking: (aggregateIds) =>
      mapped(async () => {
        const wanted = new Set(aggregateIds);
        const blocked = new Set<string>();
        const candidates = many<ParkedMessage>(parked.find({ aggregateIds: { $in: [null, ...aggregateIds] } } as never).toArray());
        for (const document of await candidates) {
          if (!(await isParked(document))) continue;
          if (document.aggregateIds === null) return 'all';
          for (const id of document.aggregateIds) if (wanted.has(id)) blocked.add(id);
        }
        return blocked;
      }),
    bury: (dead) =>
      mapped(async () => {
        const operations = dead.map((letter) => ({
          updateOne: { filter: { _id: letter._id }, update: { $setOnInsert: withExpiry(letter) }, upsert: true },
        }));
        await letters.bulkWrite(operations, { ordered: false });
      }),
    deadLetters: (limit) => mapped(() => many<DeadLetter>(letters.find({}, { limit, sort: { at: -1 } }).toArray())),
    deadLetter: (id) => mapped(async () => ((await letters.findOne({ _id: id })) ?? undefined) as DeadLetter | undefined),
    markRedriven: (id, at) => mapped(async () => void (await letters.updateOne({ _id: id }, { $set: { redrivenAt: at } }))),
    counts: () =>
      mapped(async () => ({
        parked: await parked.countDocuments({}),
        deadLetters: await letters.countDocuments({ redrivenAt: { $exists: false } }),
      })),
  };
};

/** The database removes the letter by itself, so the expiry must be a date of its own kind. */
const withExpiry = ({ _id, ...letter }: DeadLetter) => ({
  ...letter,
  expiresAt: new Date(epochMs(letter.at) + deadLetterDays * 24 * 60 * 60 * 1000),
});
