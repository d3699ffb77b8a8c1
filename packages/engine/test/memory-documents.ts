import { Outage } from '@scenefi/kernel';
import type { AggregateDocument, Documents, Save } from '../src/ports.ts';

/** `away`: nothing was done. `answer-lost`: all was done, nobody knows. `half`: every second save was done, nobody knows. */
export type Fault = 'away' | 'answer-lost' | 'half';

export type MemoryDocuments = Documents & {
  /** What stands in the database, as copies. */
  get(id: string): AggregateDocument | undefined;
  put(document: AggregateDocument): void;
  /** The ids of every load and of every save, in order. */
  readonly loads: string[][];
  readonly saves: string[][];
  /** The next saves meet these faults, one each. */
  saveFaults: Fault[];
  loadsAway: boolean;
  clearsAway: boolean;
  /** Runs once before the next save reaches the database: what another writer does meanwhile. */
  meanwhile(work: () => Promise<unknown>): void;
};

const copy = ({ recent, ...rest }: AggregateDocument): AggregateDocument => ({ ...structuredClone(rest), recent: Buffer.from(recent) });

/** The documents of one kind of aggregate in memory, with the guards of the real ones and faults on demand. */
export const memoryDocuments = (): MemoryDocuments => {
  const kept = new Map<string, AggregateDocument>();
  const others: (() => Promise<unknown>)[] = [];
  const all = (): AggregateDocument[] => [...kept.values()].map(copy);

  const write = ({ document, expectedRev }: Save): boolean => {
    if ((kept.get(document._id)?.rev ?? 0) !== expectedRev) return false;
    kept.set(document._id, copy(document));
    return true;
  };

  const documents: MemoryDocuments = {
    loads: [],
    saves: [],
    saveFaults: [],
    loadsAway: false,
    clearsAway: false,
    meanwhile: (work) => void others.push(work),
    get: (id) => {
      const document = kept.get(id);
      return document && copy(document);
    },
    put: (document) => void kept.set(document._id, copy(document)),
    load: async (ids) => {
      if (documents.loadsAway) throw new Outage('the database is away');
      documents.loads.push([...ids]);
      return new Map(
        all()
          .filter(({ _id }) => ids.includes(_id))
          .map((document) => [document._id, document]),
      );
    },
    save: async (saves) => {
      await others.shift()?.();
      documents.saves.push(saves.map(({ document }) => document._id));
      const fault = documents.saveFaults.shift();
      const reached = fault === 'away' ? [] : fault === 'half' ? saves.filter((_, index) => index % 2 === 0) : saves;
      const lost = reached.filter((save) => !write(save));
      if (fault) throw new Outage('the database did not answer');
      return new Set(lost.map(({ document }) => document._id));
    },
    due: async (now, { takes, limit }) =>
      all()
        .filter((document) => document.takes === takes && document.wakeAt !== undefined && document.wakeAt <= now)
        .sort((left, right) => (left.wakeAt! < right.wakeAt! ? -1 : 1))
        .slice(0, limit),
    unsent: async (savedBefore, limit) =>
      all()
        .filter(({ unsent, at }) => unsent !== undefined && at < savedBefore)
        .slice(0, limit),
    clearUnsent: async (marked) => {
      if (documents.clearsAway) throw new Outage('the database is away');
      for (const { _id, version, unsent } of marked) {
        const document = kept.get(_id);
        if (document && document.version === version && document.unsent === unsent) delete document.unsent;
      }
    },
  };
  return documents;
};
