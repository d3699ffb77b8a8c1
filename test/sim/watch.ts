import type { AggregateDocument, OutFact } from '@scenefi/engine';
import type { Instant } from '@scenefi/kernel';
import { type LogRecord, placeOf } from './broker.ts';
import type { Change } from './database.ts';
import type { Doc } from './mongo-words.ts';
import { skewMsMax } from './rules.ts';
import type { Scenery } from './run.ts';
import { heardBy } from './services.ts';
import { createWatchBank } from './watch-bank.ts';
import { createWatchParked } from './watch-parked.ts';

/** Which documents say something in public, and where. */
const speakers: Readonly<Record<string, { table: string; topic: string }>> = {
  campus: { table: 'bills', topic: 'campus.bill.v1' },
  payments: { table: 'payments', topic: 'payments.payment.v1' },
  notifier: { table: 'mailboxes', topic: 'notifier.delivery.v1' },
};
export const factTopics: readonly string[] = Object.values(speakers).map(({ topic }) => topic);

type Said = Pick<OutFact, 'version' | 'type' | 'time' | 'value'>;

/** What a message on the log says, read without our own code. */
export type Word = {
  topic: string;
  partition: number;
  offset: number;
  atMs: number;
  type: string;
  data: Record<string, unknown>;
  id: string;
  time: Instant;
};

const bytesOf = ({ type, time, value }: Omit<Said, 'version'>): string => `${type} ${time} ${value}`;

/** A decision that takes something away, as far as it shows in what an aggregate says next. */
const takes = (service: string, before: AggregateDocument | undefined, after: AggregateDocument, said: readonly Said[]): boolean => {
  if (service === 'payments') {
    const sent = (document: AggregateDocument | undefined) =>
      (document?.state as { reversal?: { sent: boolean } } | undefined)?.reversal?.sent;
    return sent(after) === true && sent(before) !== true;
  }
  return said.some(({ type, value }) => {
    if (type.endsWith('.withdrawn.v1')) return value.includes('"reason":"expired"');
    if (type.endsWith('.reversal-requested.v1')) return value.includes('"reason":"write-off-silent"');
    if (type.endsWith('.notice-refused.v1')) return value.includes('CAMPUS_NEVER_IN_TIME');
    return type.endsWith('.write-off-overdue.v1');
  });
};

/** Whether a message is about an aggregate of a service, by the fields that name it. */
const isAbout = (service: string, { topic, data }: Word, key: string, id: string): boolean => {
  if (service === 'payments') return data.paymentId === id || data.leaseId === id;
  return topic === 'campus.notice.v1' ? key === id : (data.about as { payableId?: string } | undefined)?.payableId === id;
};

/** Looks at every write and every message as it happens. */
export const watch = (scenery: Omit<Scenery, 'told'>) => {
  const { world, cluster, bank } = scenery;
  const { broker, databases } = cluster;
  const canon = new Map<string, Map<number, string>>();
  const appeared = new Map<string, number>();
  const words = new Map<string, { word: Word; key: string }[]>();
  let moves = 0;
  let facts = 0;

  const hear = (topic: string, partition: number, { offset, key, value, headers, atMs }: LogRecord): Word => {
    let data: Record<string, unknown> = {};
    try {
      data = JSON.parse(value?.toString() ?? '{}') as Record<string, unknown>;
    } catch {
      // What cannot be read is about nobody.
    }
    const time = (headers.ce_time ?? '') as Instant;
    const word = { topic, partition, offset, atMs, type: headers.ce_type ?? '', data, id: headers.ce_id ?? '', time };
    const place = placeOf(topic, partition);
    const known = words.get(place) ?? [];
    words.set(place, known);
    known.push({ word, key: key.toString() });
    return word;
  };

  const checkBacklog = (service: string, id: string, dueMs: number): void => {
    const { committed } = broker.group(service);
    const heads = databases[service]!.majority('parked_heads');
    const parked = databases[service]!.majority('parked_messages');
    for (const topic of heardBy[service]!) {
      for (let partition = 0; partition < broker.partitions.get(topic)!; partition += 1) {
        for (const { word, key } of words.get(placeOf(topic, partition)) ?? []) {
          if (word.atMs > dueMs - 2 * skewMsMax || !isAbout(service, word, key, id)) continue;
          const waits = parked.get(`${topic}|${partition}|${word.offset}`) && heads.has(`${topic}|${key}`);
          if (!waits && word.offset < (committed.get(placeOf(topic, partition)) ?? 0)) continue;
          world.violate(
            'what takes away waits for what came before',
            `${service} ${id}: ${word.id} on ${topic}|${partition} was not heard`,
          );
        }
      }
    }
  };

  const committed = (service: string, { table, id, after }: Change, before: Doc | undefined): void => {
    moves += 1;
    const own = speakers[service];
    if (!after || !own || table !== own.table) return;
    const [document, old] = [after as unknown as AggregateDocument, before as unknown as AggregateDocument | undefined];
    if (document.rev !== (old?.rev ?? 0) + 1 && document.rev !== old?.rev)
      world.violate('a save stands on the one before', `${id}: rev ${document.rev} after ${old?.rev ?? 0}`);
    const versions = canon.get(`${own.topic} ${id}`) ?? new Map<number, string>();
    canon.set(`${own.topic} ${id}`, versions);
    const fresh = document.out.filter(({ version }) => version > (old?.version ?? 0));
    for (const fact of document.out) {
      const known = versions.get(fact.version);
      if (known !== undefined && known !== bytesOf(fact)) world.violate('a version says one thing', `${id}:${fact.version}`);
      versions.set(fact.version, bytesOf(fact));
    }
    if (fresh.length !== document.version - (old?.version ?? 0))
      world.violate('every fact is kept until it is published', `${id}: ${fresh.length} facts for version ${document.version}`);
    if (old?.unsent !== undefined && document.unsent === undefined && (appeared.get(`${own.topic} ${id}`) ?? 0) < old.unsent)
      world.violate('a mark stays until its facts are sent', `${id} up to ${old.unsent}`);
    if (fresh.length > 0)
      world.say(() => `SAVED ${service} ${id} ${fresh.map(({ version, type }) => `${version}:${type.slice(12)}`).join(' ')}`);
    if (old?.wakeAt && takes(service, old, document, fresh)) checkBacklog(service, id, Date.parse(old.wakeAt));
  };

  const published = (word: Word, { headers, value }: LogRecord): void => {
    facts += 1;
    const at = word.id.lastIndexOf(':');
    const [id, version] = [word.id.slice(0, at), Number(word.id.slice(at + 1))];
    const key = `${word.topic} ${id}`;
    const saved = canon.get(key)?.get(version);
    const said = bytesOf({ type: word.type, time: headers.ce_time as `${string}Z`, value: value?.toString() ?? '' });
    if (saved === undefined) world.violate('a fact is published after its save', word.id);
    else if (saved !== said) world.violate('a fact is always the same bytes', word.id);
    const last = appeared.get(key) ?? 0;
    if (version > last + 1) world.violate('facts appear in order and without a gap', `${word.id} appears after version ${last}`);
    appeared.set(key, Math.max(last, version));
    world.say(
      () => `TOPIC ${word.id} ${word.type.slice(12)} on ${word.topic}|${word.partition}@${word.offset}${version <= last ? ' again' : ''}`,
    );
  };

  broker.onAppend((topic, partition, record) => {
    moves += 1;
    const word = hear(topic, partition, record);
    if (factTopics.includes(topic)) published(word, record);
    if (topic === 'ledger.entry.v1' && !databases.ledger!.majority('entries').has(word.id.slice(0, -2)))
      world.violate('a fact is published after its save', word.id);
  });
  const watchParked = createWatchParked(scenery);
  for (const [service, database] of Object.entries(databases)) {
    database.onCommit((change, before) => {
      committed(service, change, before);
      watchParked(service, change, before);
    });
  }
  const everything = (): Word[] => [...words.values()].flat().map(({ word }) => word);
  bank.onApplied(createWatchBank(scenery, everything));

  return {
    /** Rises with every write and every message. */
    moves: () => moves,
    /** How many facts were published, repeats among them. */
    facts: () => facts,
    /** The last version of an aggregate that stands on its topic. */
    appeared: (topic: string, id: string): number => appeared.get(`${topic} ${id}`) ?? 0,
    words: everything,
  };
};
export type Watched = ReturnType<typeof watch>;
