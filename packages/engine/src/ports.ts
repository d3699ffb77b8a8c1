import type { DataClassification, Instant } from '@scenefi/kernel';

/** The attributes of a CloudEvent as we use them (CloudEvents 1.0, binary mode on Kafka). */
export type EventAttributes = {
  /** Unique within `source`: `<aggregate id>:<version>` for facts, `<partnerId>:<webhook-id>` for notices. */
  id: string;
  /** `/scenefi/<service>`. */
  source: string;
  type: string;
  time: Instant;
  subject?: string;
  /** The version, zero-padded to 10. */
  sequence?: string;
  correlationId?: string;
  causationId?: string;
  /** W3C trace context. */
  traceparent?: string;
  partnerId?: string;
  classification?: DataClassification;
};

/** Something to publish; a null value is a tombstone. */
export type OutgoingEvent = EventAttributes & { value: Buffer | string | null };

/** Events of one key that are published together, in order, and never split over two produces. */
export type Unit = { topic: string; key: string; events: readonly OutgoingEvent[] };

/** Where a message stands in the log. */
export type Position = { topic: string; partition: number; offset: number };

/** A message as it came from the log. One whose headers are no CloudEvent has a `fault` and no attributes. */
export type Message = Position & {
  key: string;
  value: Buffer | null;
  /** Milliseconds since 1970, by the broker or the producer. */
  timestampMs: number;
  headers: Readonly<Record<string, string>>;
} & ({ event: EventAttributes; fault?: never } | { event?: never; fault: string });

/** `<topic>|<partition>` → offset. */
export type Offsets = ReadonlyMap<string, number>;

/** The log as the engine sees it; `bus` implements it with Kafka. */
export type Log = {
  /** One produce with `acks=-1`. Rejects with an Outage: then nothing is known of any of the units. */
  send(units: readonly Unit[]): Promise<void>;
  partitionOf(topic: string, key: string): number;
  /** The end of every partition that this service's group reads. */
  ends(): Promise<Offsets>;
  /** What the group has committed of the same partitions; a partition that was never read counts from its first offset. */
  committed(): Promise<Offsets>;
};

/** Publishes units through the one batcher of a process; resolves once the broker has acknowledged, rejects with an Outage. */
export type Publisher = { publish(unit: Unit): Promise<void> };

/** A save of one aggregate: `expectedRev` is the rev that was loaded, 0 for a new one. */
export type Save = { document: AggregateDocument; expectedRev: number };

/** A public fact that the broker is not yet known to have, as the very strings that are published. */
export type OutFact = {
  version: number;
  type: string;
  time: Instant;
  value: string;
  correlationId?: string;
  causationId?: string;
  traceparent?: string;
};

/** The one document of an aggregate: its state and what makes it safe. */
export type AggregateDocument = {
  _id: string;
  /** Rises by one per save: the write guard. */
  rev: number;
  /** Rises by one per public fact. */
  version: number;
  state: unknown;
  at: Instant;
  wakeAt?: Instant;
  /** Whether the wake-up takes something away and so must wait for earlier messages. */
  takes?: boolean;
  /** The messages decided already, see `recent.ts`. */
  recent: Buffer;
  out: OutFact[];
  /** The version up to which nobody but this mark answers for the publishing. */
  unsent?: number;
};

/** The documents of one kind of aggregate; `store` implements it with MongoDB. Every call may reject with an Outage. */
export type Documents = {
  load(ids: readonly string[]): Promise<Map<string, AggregateDocument>>;
  /** Writes each that still stands as it was loaded, whatever becomes of the others; answers the ids that lost against another writer. */
  save(saves: readonly Save[]): Promise<Set<string>>;
  /** Aggregates whose `wakeAt` has passed, earliest first: those that take something away, or the others. */
  due(now: Instant, query: { takes: boolean; limit: number }): Promise<AggregateDocument[]>;
  /** Aggregates marked `unsent` and last saved before the moment. */
  unsent(savedBefore: Instant, limit: number): Promise<AggregateDocument[]>;
  /** Takes the mark of each away if nobody has saved a newer version of it meanwhile. */
  clearUnsent(documents: readonly AggregateDocument[]): Promise<void>;
};

/** A message that waits for something, or for an earlier one of its key. */
export type ParkedMessage = {
  /** `<topic>|<partition>|<offset>`. */
  _id: string;
  /** `<topic>|<key>`. */
  key: string;
  message: Message;
  code: string;
  reason: string;
  since: Instant;
  /** The aggregates it maps to; null where it could not be mapped. */
  aggregateIds: string[] | null;
};

/** Says that messages of a key wait, up to the offset `tail`. */
export type ParkedHead = { _id: string; rev: number; tail: number; topic: string; partition: number; retryAt: Instant; tries: number };

/** A message that can never succeed, or that people have to look at. */
export type DeadLetter = {
  /** Made from topic, message id and body: a repeat is the same dead letter. */
  _id: string;
  code: string;
  reason: string;
  at: Instant;
  message: Message;
  /** When a re-drive succeeded. */
  redrivenAt?: Instant;
};

/** Parked and dead messages of one service. Every call may reject with an Outage. */
export type Backlog = {
  heads(keys: readonly string[]): Promise<Map<string, ParkedHead>>;
  /** Writes the parked document first, then raises the head; false where another writer raised it meanwhile. */
  park(parked: ParkedMessage, head: ParkedHead | undefined): Promise<boolean>;
  dueHeads(now: Instant, limit: number): Promise<ParkedHead[]>;
  parkedOf(head: ParkedHead, limit: number): Promise<ParkedMessage[]>;
  parked(limit: number): Promise<ParkedMessage[]>;
  removeParked(parked: ParkedMessage): Promise<void>;
  removeHead(head: ParkedHead): Promise<void>;
  postponeHead(head: ParkedHead, retryAt: Instant): Promise<void>;
  /** Parked documents that no head covers and whose offset the group has committed: left-overs of a crash. */
  removeOrphans(committed: Offsets): Promise<void>;
  /** Which of the aggregates some parked message maps to; `all` where one could not be mapped. */
  blocking(aggregateIds: readonly string[]): Promise<Set<string> | 'all'>;
  bury(letters: readonly DeadLetter[]): Promise<void>;
  deadLetters(limit: number): Promise<DeadLetter[]>;
  deadLetter(id: string): Promise<DeadLetter | undefined>;
  markRedriven(id: string, at: Instant): Promise<void>;
  counts(): Promise<{ parked: number; deadLetters: number }>;
};
