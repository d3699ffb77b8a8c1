import type { World } from './world.ts';

export type LogRecord = {
  offset: number;
  key: Buffer;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
  /** When the broker took it. */
  atMs: number;
};

export type Appending = { key: string; value: Buffer | string | null; headers?: object; partition?: number };

/** Says who reads what; whoever holds an older generation can commit nothing. */
export type Group = {
  readonly id: string;
  generation: number;
  /** `<topic>|<partition>` → the member that reads it. */
  assignment: Map<string, string>;
  committed: Map<string, number>;
  members: Map<string, { topics: readonly string[]; told: (generation: number) => void }>;
};

/** Partitioned topics and consumer groups: the broker behind all connections. */
export type Broker = {
  readonly partitions: ReadonlyMap<string, number>;
  records(topic: string, partition: number): readonly LogRecord[];
  append(topic: string, partition: number, messages: readonly Appending[]): void;
  /** Calls back when there is more than `from` on a partition; the answer ends that. */
  whenMore(topic: string, partition: number, from: number, run: () => void): () => void;
  group(id: string): Group;
  join(id: string, member: string, topics: readonly string[], told: (generation: number) => void): void;
  leave(id: string, member: string): void;
  rebalance(id: string): void;
  /** False where the member's generation is over. */
  commit(id: string, generation: number, offsets: ReadonlyMap<string, number>): boolean;
  onAppend(listener: (topic: string, partition: number, record: LogRecord) => void): void;
  away: boolean;
};

export const placeOf = (topic: string, partition: number): string => `${topic}|${partition}`;

export const createBroker = (world: World, partitions: ReadonlyMap<string, number>): Broker => {
  const logs = new Map<string, LogRecord[]>();
  const groups = new Map<string, Group>();
  const listeners: ((topic: string, partition: number, record: LogRecord) => void)[] = [];
  const waiting = new Map<string, Set<() => void>>();

  const logOf = (topic: string, partition: number): LogRecord[] => {
    const place = placeOf(topic, partition);
    const found = logs.get(place) ?? [];
    logs.set(place, found);
    return found;
  };
  const group = (id: string): Group => {
    const found = groups.get(id) ?? { id, generation: 0, assignment: new Map(), committed: new Map(), members: new Map() };
    groups.set(id, found);
    return found;
  };

  const rebalance = (id: string): void => {
    const own = group(id);
    own.generation += 1;
    own.assignment.clear();
    const names = [...own.members.keys()].sort();
    const topics = new Set([...own.members.values()].flatMap((member) => member.topics));
    if (names.length > 0) {
      for (const topic of topics) {
        for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition += 1) {
          const chosen = Math.floor(world.chance(id, own.generation, topic, partition) * names.length);
          own.assignment.set(placeOf(topic, partition), names[chosen]!);
        }
      }
    }
    world.say(
      () => `group ${id} generation ${own.generation}: ${[...own.assignment].map(([place, member]) => `${place}→${member}`).join(' ')}`,
    );
    for (const { told } of own.members.values()) told(own.generation);
  };

  return {
    partitions,
    records: logOf,
    append: (topic, partition, messages) => {
      const log = logOf(topic, partition);
      for (const { key, value, headers = {} } of messages) {
        const bytes = typeof value === 'string' ? Buffer.from(value) : value;
        const record = { offset: log.length, key: Buffer.from(key), value: bytes, headers: { ...headers }, atMs: world.scheduler.now() };
        log.push(record);
        for (const listener of listeners) listener(topic, partition, record);
      }
      const readers = waiting.get(placeOf(topic, partition));
      waiting.delete(placeOf(topic, partition));
      for (const run of readers ?? []) run();
    },
    whenMore: (topic, partition, from, run) => {
      if (logOf(topic, partition).length > from) {
        run();
        return () => undefined;
      }
      const place = placeOf(topic, partition);
      const readers = waiting.get(place) ?? new Set();
      waiting.set(place, readers.add(run));
      return () => void readers.delete(run);
    },
    group,
    join: (id, member, topics, told) => {
      group(id).members.set(member, { topics, told });
      rebalance(id);
    },
    leave: (id, member) => {
      if (group(id).members.delete(member)) rebalance(id);
    },
    rebalance,
    commit: (id, generation, offsets) => {
      const own = group(id);
      if (own.generation !== generation) return false;
      for (const [place, offset] of offsets) own.committed.set(place, offset);
      return true;
    },
    onAppend: (listener) => void listeners.push(listener),
    away: false,
  };
};
