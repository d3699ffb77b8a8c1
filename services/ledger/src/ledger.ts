import { EntryPosted } from '@scenefi/contracts';
import { type Entry as CommandEntry, coalesce, type Outcome, type Publisher, type Target, type Unit } from '@scenefi/engine';
import { type Clock, canonicalJson, instantOf, type Logger, Outage } from '@scenefi/kernel';
import { Conflict } from '@scenefi/store';
import { ledgerErrors } from './errors.ts';
import type { Entry } from './posting.ts';
import type { Asked, EntryDocument, LedgerBooks } from './store.ts';

/** Asks for one entry, on behalf of a partition. */
export type Post = { type: 'Post'; entry: Entry; partition: number };

const triesMax = 10;

const documentOf = ({ command, cause }: CommandEntry<Post>, at: EntryDocument['at']): EntryDocument => {
  const { entryId, ...entry } = command.entry;
  return { _id: entryId, ...entry, at, cause };
};

const sameLegs = (left: EntryDocument, right: EntryDocument): boolean => canonicalJson(left.legs) === canonicalJson(right.legs);

/** An entry is its own fact, version 1. */
const factOf = ({ _id, paymentId, about, reason, businessDay, legs, at, cause }: EntryDocument): Unit => {
  const data = { entryId: _id, paymentId, about, reason, businessDay, legs };
  const id = `${_id}:1`;
  const attributes = { id, source: '/scenefi/ledger', type: EntryPosted.ceType, time: at, subject: _id, sequence: '0000000001' };
  return { topic: EntryPosted.topic, key: _id, events: [{ ...attributes, ...cause, classification: 'C2', value: JSON.stringify(data) }] };
};

type Parts = { books: LedgerBooks; publisher: Publisher; clock: Clock; logger: Logger };

/**
 * The ledger's own way in, the one exception to the aggregate store: what comes together is posted in one transaction,
 * then published, then answered. The same id with other legs is refused and shouted about.
 */
export const createLedger = ({ books, publisher, clock, logger }: Parts): Target<Post> => {
  const post = async (asked: readonly Asked[]): Promise<Map<string, EntryDocument>> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await books.post(asked);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        if (tries === triesMax) throw new Outage('other writers win every time', { cause: error });
      }
    }
  };

  const outcomeOf = (document: EntryDocument, standing: EntryDocument | undefined): Outcome => {
    if (!standing) return { status: 'done', state: document, version: 1 };
    if (sameLegs(document, standing)) return { status: 'repeat', state: standing, version: 1 };
    logger.error('an entry came again with other legs', { entryId: document._id, postedFor: document.postedFor });
    return { status: 'refused', error: ledgerErrors.ENTRY_DIFFERS({ entryId: document._id }) };
  };

  const apply = async (commands: readonly CommandEntry<Post>[]): Promise<Outcome[]> => {
    const at = instantOf(clock.now());
    const documents = commands.map((command) => documentOf(command, at));
    const firsts = new Map<string, Asked>();
    for (const [index, document] of documents.entries()) {
      if (!firsts.has(document._id)) firsts.set(document._id, { document, partition: commands[index]!.command.partition });
    }
    const stood = await post([...firsts.values()]);
    const standing = (id: string): EntryDocument => stood.get(id) ?? firsts.get(id)!.document;
    await Promise.all([...firsts.keys()].map((id) => publisher.publish(factOf(standing(id)))));
    return documents.map((document) => {
      const first = firsts.get(document._id)!.document;
      return outcomeOf(document, stood.get(document._id) ?? (first === document ? undefined : first));
    });
  };

  return { apply: coalesce(apply) };
};
