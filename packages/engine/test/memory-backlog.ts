import { Outage } from '@scenefi/kernel';
import type { Backlog, DeadLetter, ParkedHead, ParkedMessage } from '../src/ports.ts';

export type MemoryBacklog = Backlog & {
  readonly parkedMessages: Map<string, ParkedMessage>;
  readonly parkedHeads: Map<string, ParkedHead>;
  readonly letters: Map<string, DeadLetter>;
  away: boolean;
  /** Runs once before the next head is written: what another writer does meanwhile. */
  meanwhile(work: () => void): void;
};

/** Parked and dead messages in memory, with the guards of the real backlog. */
export const memoryBacklog = (journal: string[] = []): MemoryBacklog => {
  const parked = new Map<string, ParkedMessage>();
  const heads = new Map<string, ParkedHead>();
  const letters = new Map<string, DeadLetter>();
  const others: (() => void)[] = [];
  const byOffset = (): ParkedMessage[] => [...parked.values()].sort((left, right) => left.message.offset - right.message.offset);
  const covered = ({ key, message }: ParkedMessage): boolean => message.offset <= (heads.get(key)?.tail ?? -1);
  const reach = (): void => {
    if (backlog.away) throw new Outage('the database is away');
  };

  const raise = ({ key, message, since }: ParkedMessage, head: ParkedHead | undefined): boolean => {
    const { topic, partition, offset } = message;
    const current = heads.get(key);
    if (current?.rev !== head?.rev) return false;
    const fresh = { _id: key, rev: 0, tail: offset, topic, partition, retryAt: since, tries: 0 };
    const { rev, tail, ...rest } = current ?? fresh;
    heads.set(key, { ...rest, rev: rev + 1, tail: Math.max(tail, offset) });
    return true;
  };

  const backlog: MemoryBacklog = {
    parkedMessages: parked,
    parkedHeads: heads,
    letters,
    away: false,
    meanwhile: (work) => void others.push(work),
    heads: async (keys) => {
      reach();
      return new Map([...heads].filter(([key]) => keys.includes(key)).map(([key, head]) => [key, { ...head }]));
    },
    park: async (message, head) => {
      reach();
      parked.set(message._id, message);
      others.shift()?.();
      return raise(message, head);
    },
    dueHeads: async (now, limit) => {
      reach();
      const due = [...heads.values()].filter(({ retryAt }) => retryAt <= now);
      return due.slice(0, limit).map((head) => ({ ...head }));
    },
    parkedOf: async ({ _id, tail }, limit) =>
      byOffset()
        .filter(({ key, message }) => key === _id && message.offset <= tail)
        .slice(0, limit),
    parked: async (limit) => byOffset().slice(0, limit),
    removeParked: async ({ _id }) => void parked.delete(_id),
    removeHead: async ({ _id, rev }) => {
      others.shift()?.();
      if (heads.get(_id)?.rev === rev) heads.delete(_id);
    },
    postponeHead: async ({ _id }, retryAt) => {
      const head = heads.get(_id);
      if (head) heads.set(_id, { ...head, retryAt, tries: head.tries + 1 });
    },
    removeOrphans: async (committed) => {
      for (const message of byOffset()) {
        const { topic, partition, offset } = message.message;
        if ((committed.get(`${topic}|${partition}`) ?? 0) > offset && !covered(message)) parked.delete(message._id);
      }
    },
    blocking: async (aggregateIds) => {
      journal.push('blocking');
      const waiting = byOffset().filter(covered);
      if (waiting.some((message) => message.aggregateIds === null)) return 'all';
      const blocked = new Set(waiting.flatMap((message) => message.aggregateIds ?? []));
      return new Set(aggregateIds.filter((id) => blocked.has(id)));
    },
    bury: async (dead) => {
      reach();
      for (const letter of dead) if (!letters.has(letter._id)) letters.set(letter._id, letter);
    },
    deadLetters: async (limit) => [...letters.values()].slice(0, limit),
    deadLetter: async (id) => letters.get(id),
    markRedriven: async (id, redrivenAt) => {
      const letter = letters.get(id);
      if (letter) letters.set(id, { ...letter, redrivenAt });
    },
    counts: async () => ({
      parked: parked.size,
      deadLetters: [...letters.values()].filter(({ redrivenAt }) => redrivenAt === undefined).length,
    }),
  };
  return backlog;
};
