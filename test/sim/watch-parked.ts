import type { AggregateDocument, ParkedMessage } from '@scenefi/engine';
import { shortHash } from '@scenefi/kernel';
import { decodeRecent } from '../../packages/engine/src/recent.ts';
import type { Change } from './database.ts';
import type { Doc } from './mongo-words.ts';
import type { Scenery } from './run.ts';

/** Why a message may wait: a bug of the release, an earlier one of its key, or a mailbox without room. */
const reasons = new Set(['ENGINE_UNEXPECTED', 'ENGINE_WAITS', 'NOTIFIER_MAILBOX_FULL']);

const aggregates: Readonly<Record<string, string>> = { campus: 'bills', payments: 'payments', notifier: 'mailboxes' };

const hashOf = (source: string | undefined, id: string | undefined): string => shortHash(`${source}|${id}#0`).toString('hex');

const decidedIn = (doc: Doc | undefined): Set<string> =>
  new Set(doc ? decodeRecent((doc as unknown as AggregateDocument).recent).map(({ id }) => id.toString('hex')) : []);

/** Looks at what is parked, and at who passes it. */
export const createWatchParked = ({ world, cluster }: Omit<Scenery, 'told'>) => {
  const { databases, broker } = cluster;

  const parked = (service: string, after: Doc): void => {
    const { code, _id } = after as unknown as ParkedMessage;
    if (!reasons.has(code)) world.violate('nothing waits for its own aggregate', `${service} parks ${_id} for ${code}`);
  };

  /** The first message of each key that waits. */
  const firsts = (service: string): ParkedMessage[] => {
    const heads = databases[service]!.majority('parked_heads');
    const waiting = [...databases[service]!.majority('parked_messages').values()] as unknown as ParkedMessage[];
    const covered = waiting.filter(({ key, message }) => message.offset <= Number(heads.get(key)?.tail ?? -1));
    return [...Map.groupBy(covered, ({ key }) => key).values()].map((own) =>
      own.reduce((first, one) => (one.message.offset < first.message.offset ? one : first)),
    );
  };

  /** A message is not decided while an earlier one of its key waits. */
  const decided = (service: string, after: Doc, before: Doc | undefined): void => {
    if (databases[service]!.majority('parked_heads').size === 0) return;
    const [known, old] = [decidedIn(after), decidedIn(before)];
    for (const { message } of firsts(service)) {
      const { topic, partition, offset, key, event } = message;
      if (known.has(hashOf(event?.source, event?.id))) continue;
      const records = broker.records(topic, partition);
      for (const record of records) {
        const { ce_source: source, ce_id: id } = record.headers;
        const hash = hashOf(source, id);
        if (record.offset <= offset || record.key.toString() !== key || !known.has(hash) || old.has(hash)) continue;
        if (records.some((other) => other.offset < offset && other.headers.ce_id === id)) continue;
        world.violate('messages of one key keep their order', `${service} has decided ${id} before ${event?.id}`);
      }
    }
  };

  return (service: string, { table, after }: Change, before: Doc | undefined): void => {
    if (!after) return;
    if (table === 'parked_messages') parked(service, after);
    if (table === aggregates[service]) decided(service, after, before);
  };
};
