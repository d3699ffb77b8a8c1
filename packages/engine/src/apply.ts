import { type Clock, failPoint, instantOf, type Logger, type Meter, Outage, type Scene } from '@scenefi/kernel';
import type { LRUCache } from 'lru-cache';
import type { Change } from './effects.ts';
import type { Cause, Entry, Outcome } from './entry.ts';
import type { AggregateDocument, Documents, OutgoingEvent, Publisher, Save, Unit } from './ports.ts';
import { closeTurn, openTurn, takeTurn } from './turn.ts';

const roundsMax = 20;

type Typed = { type: string };

export type ApplyParts<State, Command extends Typed, Fact extends Typed> = {
  scene: Scene<State, Command, Fact>;
  /** `/scenefi/<service>`. */
  source: string;
  documents: Documents;
  publisher: Publisher;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  /** Aggregate → the version up to which this process knows the broker to have its facts. Forgetting costs a repeat, never a loss. */
  published: LRUCache<string, number>;
  /** Told of every save that this process won and whose facts the broker has. */
  changed?: (change: Change) => void;
};

/** `payment debiting`: what a fail point says of an aggregate. */
const standingOf = (name: string, state: unknown): string => `${name} ${(state as { status?: string } | undefined)?.status ?? ''}`.trim();

/** Gives the one topic of an aggregate's public facts; undefined for one without. */
export const topicOf = (scene: Pick<Scene<never, Typed, Typed>, 'name' | 'contracts'>): string | undefined => {
  const topics = new Set<string>();
  for (const contract of Object.values(scene.contracts)) if (contract !== 'private') topics.add(contract.topic);
  if (topics.size > 1) throw new Error(`the facts of ${scene.name} stand on several topics`);
  return [...topics][0];
};

/** All that the broker is not known to have of one aggregate, oldest first and without a gap. */
export const unitOf = (document: AggregateDocument, topic: string, source: string, publishedVersion: number): Unit | undefined => {
  const open = document.out.filter((fact) => fact.version > publishedVersion);
  if (open.length === 0) return undefined;
  const events = open.map(
    ({ version, ...fact }): OutgoingEvent => ({
      ...fact,
      id: `${document._id}:${version}`,
      source,
      subject: document._id,
      sequence: String(version).padStart(10, '0'),
      classification: 'C2',
    }),
  );
  return { topic, key: document._id, events };
};

/**
 * The one way in: decides a batch in memory, saves each touched aggregate once, publishes its facts, and only then answers.
 * Rejects with an Outage where loading or saving failed; then nothing has ended.
 */
export const createApply = <State, Command extends Typed, Fact extends Typed>(parts: ApplyParts<State, Command, Fact>) => {
  const { scene, documents, clock, meter } = parts;
  const publish = createPublishing(parts);

  /** Decides the entries of the given aggregates in batch order; others are left alone. */
  const decide = (entries: readonly Entry<Command>[], loaded: Map<string, AggregateDocument>, todo: Set<string>, outcomes: Outcome[]) => {
    const now = instantOf(clock.now());
    const known = (id: string) => ({ loaded: loaded.get(id), now, publishedVersion: parts.published.get(id) ?? 0 });
    const turns = new Map([...todo].map((id) => [id, openTurn(id, scene.initial, known(id))]));
    const stuckKeys = new Map<string, 'held' | 'unknown'>();
    for (const [index, entry] of entries.entries()) {
      const turn = turns.get(entry.aggregateId);
      const stuck = stuckKeys.get(entry.messageKey);
      if (turn) outcomes[index] = stuck ? { status: stuck } : takeTurn(turn, entry, scene);
      // Also in a later round, in which only losers are decided: what failed in an earlier one still holds its key.
      const status = outcomes[index]?.status;
      if (status === 'failed') stuckKeys.set(entry.messageKey, 'held');
      if (status === 'unknown') stuckKeys.set(entry.messageKey, 'unknown');
    }
    return turns;
  };

  return async (entries: readonly Entry<Command>[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = new Array(entries.length);
    const touched = new Map<string, AggregateDocument>();
    const befores = new Map<string, unknown>();
    let todo = new Set(entries.map((entry) => entry.aggregateId));
    for (let round = 0; todo.size > 0; round += 1) {
      if (round === roundsMax) throw new Outage(`${scene.name}: other writers win every time`);
      const turns = decide(entries, await documents.load([...todo]), todo, outcomes);
      const saves: Save[] = [];
      for (const turn of turns.values()) {
        const save = closeTurn(turn);
        if (save) saves.push(save);
        const document = save?.document ?? turn.loaded;
        if (document) touched.set(turn.id, document);
      }
      todo = saves.length > 0 ? await documents.save(saves) : new Set();
      for (const { document } of saves) if (!todo.has(document._id)) befores.set(document._id, turns.get(document._id)?.loaded?.state);
      for (const { document } of saves) failPoint('after-save', () => standingOf(scene.name, document.state));
      meter.count('engine_saves_total', { scene: scene.name }, saves.length - todo.size);
      if (todo.size > 0) meter.count('engine_lost_races_total', { scene: scene.name }, todo.size);
    }
    const unpublished = await publish([...touched.values()]);
    for (const { state } of touched.values()) failPoint('after-publish', () => standingOf(scene.name, state));
    const causes = new Map<string, Cause>(entries.map(({ aggregateId, cause }) => [aggregateId, cause]));
    for (const [id, before] of befores) {
      if (unpublished.has(id)) continue;
      parts.changed?.({ id, before: before ?? scene.initial, after: touched.get(id)!.state, cause: causes.get(id) ?? {} });
    }
    return outcomes.map((outcome, index) => (unpublished.has(entries[index]!.aggregateId) ? { status: 'unknown' } : outcome));
  };
};

/** Publishes what is open of each document and takes the `unsent` marks off; answers the ids that the broker did not acknowledge. */
export const createPublishing = (
  parts: Pick<ApplyParts<never, Typed, Typed>, 'source' | 'documents' | 'publisher' | 'published' | 'logger'> & {
    scene: Pick<Scene<never, Typed, Typed>, 'name' | 'contracts'>;
  },
) => {
  const { source, documents, publisher, published, logger, scene } = parts;
  const topic = topicOf(scene);

  const publishOne = async (document: AggregateDocument, failures: Set<string>): Promise<void> => {
    const unit = topic && unitOf(document, topic, source, published.get(document._id) ?? 0);
    try {
      if (unit) await publisher.publish(unit);
      if (unit) published.set(document._id, Math.max(document.version, published.get(document._id) ?? 0));
    } catch (error) {
      if (!(error instanceof Outage)) throw error;
      logger.warn('facts could not be published yet', { aggregateId: document._id, reason: error.message });
      failures.add(document._id);
    }
  };

  return async (touched: readonly AggregateDocument[]): Promise<ReadonlySet<string>> => {
    const failures = new Set<string>();
    await Promise.all(touched.map((document) => publishOne(document, failures)));
    const sent = touched.filter(({ _id, unsent }) => unsent !== undefined && !failures.has(_id));
    // The marks may stay: the sweeper comes back to them, and a repeat is harmless.
    if (sent.length > 0) await documents.clearUnsent(sent).catch(() => undefined);
    return failures;
  };
};
