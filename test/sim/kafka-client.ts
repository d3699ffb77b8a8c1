import type { Admin, EachBatchPayload, Kafka, RecordMetadata } from 'kafkajs';
import { type Broker, type Group, type LogRecord, placeOf } from './broker.ts';
import type { Deed, Life } from './life.ts';
import type { Fault, World } from './world.ts';

type TopicMessages = { topic: string; messages: { key: string; value: Buffer | string | null; headers?: object; partition: number }[] };
type TopicPartitionOffset = { topic: string; partition: number; offset: string };
type Listener = (event: { payload: object }) => void;
type EachBatch = (payload: EachBatchPayload) => Promise<void>;

const sendFaults: readonly Fault[] = ['away', 'answer-lost', 'late', 'half', 'doubled', 'slow', 'crash-before', 'crash-after'];
const commitFaults: readonly Fault[] = ['away', 'answer-lost', 'crash-before', 'crash-after'];
const askFaults: readonly Fault[] = ['away', 'slow'];
const fetchedMax = 8;

const outage = (): Error => new Error('the broker does not answer');
const rebalancing = (): Error => new Error('the group is rebalancing');

/** The Kafka client of one process, as far as our bus uses it. */
export const createKafkaClient = (life: Life, broker: Broker, world: World) => {
  const call = <Answer>(what: string, possible: readonly Fault[], deed: Deed<Answer>, half?: () => Answer | undefined): Promise<Answer> =>
    life.call({
      side: 'broker',
      what,
      possible,
      outage,
      deed: (answer, fail) => {
        if (broker.away) fail(outage());
        else deed(answer, fail);
      },
      ...(half && { half }),
    });

  let sends = 0;
  const producer = () => ({
    connect: async () => undefined,
    disconnect: async () => undefined,
    sendBatch: ({ topicMessages }: { topicMessages: TopicMessages[] }) => {
      const parts = new Map<string, { topic: string; partition: number; messages: TopicMessages['messages'] }>();
      for (const { topic, messages } of topicMessages) {
        for (const message of messages) {
          const place = placeOf(topic, message.partition);
          const part = parts.get(place) ?? { topic, partition: message.partition, messages: [] };
          parts.set(place, part);
          part.messages.push(message);
        }
      }
      const append = (some: readonly string[]): RecordMetadata[] =>
        some.map((place) => {
          const { topic: topicName, partition, messages } = parts.get(place)!;
          broker.append(topicName, partition, messages);
          return { topicName, partition, errorCode: 0 };
        });
      const all = [...parts.keys()];
      // kafkajs resolves a send of which it left out a partition whose leader moved, with the receipts of the others.
      sends += 1;
      const isBlind = world.chance(life.name, sends, 'blind') < 0.5;
      return call<RecordMetadata[]>(
        `send ${all.join(' ')}`,
        sendFaults,
        (answer) => answer(append(all)),
        () => {
          const receipts = append(all.filter((_, index) => index % 2 === 1));
          return isBlind ? receipts : undefined;
        },
      );
    },
  });

  const admin = {
    fetchTopicOffsets: (topic: string) =>
      call<object[]>('ends', askFaults, (answer) => {
        const count = broker.partitions.get(topic) ?? 0;
        answer(
          Array.from({ length: count }, (_, partition) => {
            const high = String(broker.records(topic, partition).length);
            return { partition, offset: high, high, low: '0' };
          }),
        );
      }),
    fetchOffsets: ({ groupId, topics }: { groupId: string; topics: readonly string[] }) =>
      call<object[]>('committed', askFaults, (answer) => {
        const { committed } = broker.group(groupId);
        answer(
          topics.map((topic) => ({
            topic,
            partitions: Array.from({ length: broker.partitions.get(topic) ?? 0 }, (_, partition) => {
              return { partition, offset: String(committed.get(placeOf(topic, partition)) ?? -1) };
            }),
          })),
        );
      }),
  };

  const kafka = { producer, consumer: ({ groupId }: { groupId: string }) => createConsumer(groupId, { life, broker, world, call }) };
  return { kafka: kafka as unknown as Kafka, admin: admin as unknown as Admin };
};

type Parts = {
  life: Life;
  broker: Broker;
  world: World;
  call: <Answer>(what: string, possible: readonly Fault[], deed: Deed<Answer>) => Promise<Answer>;
};

/** One member's time with one generation of its group. */
type Session = {
  generation: number;
  resolved: Map<string, number>;
  stored: Map<string, number>;
  reading: Set<string>;
  over: boolean;
};

const createConsumer = (groupId: string, { life, broker, world, call }: Parts) => {
  const group: Group = broker.group(groupId);
  const listeners = new Map<string, Listener>();
  const paused = new Set<string>();
  let eachBatch: EachBatch = async () => undefined;
  let topics: readonly string[] = [];
  let session: Session | undefined;
  const busy = new Map<string, Promise<void>>();

  const commit = async (own: Session, offsets: ReadonlyMap<string, number>): Promise<void> => {
    if (offsets.size === 0) return;
    const text = [...offsets].map(([place, offset]) => `${place}@${offset}`).join(' ');
    const taken = await call<boolean>(`commit ${text}`, commitFaults, (answer) => answer(broker.commit(groupId, own.generation, offsets)));
    if (!taken) throw rebalancing();
    for (const [place, offset] of offsets) own.stored.set(place, offset);
  };

  const offsetsOf = (positions: readonly TopicPartitionOffset[]): Map<string, number> =>
    new Map(positions.map(({ topic, partition, offset }) => [placeOf(topic, partition), Number(offset)]));

  /** Hands one batch over; what it did not resolve comes again. */
  const hand = async (own: Session, topic: string, partition: number, records: readonly LogRecord[]): Promise<void> => {
    const place = placeOf(topic, partition);
    const open = (): TopicPartitionOffset[] =>
      [...own.resolved].flatMap(([other, offset]) => {
        const at = other.lastIndexOf('|');
        const known = { topic: other.slice(0, at), partition: Number(other.slice(at + 1)), offset: String(offset) };
        return own.stored.get(other) === offset ? [] : [known];
      });
    const messages = records.map(({ offset, key, value, headers, atMs }) => {
      return { offset: String(offset), key, value, headers: { ...headers }, timestamp: String(atMs), attributes: 0 };
    });
    await eachBatch({
      batch: { topic, partition, messages },
      resolveOffset: (offset: string) => void own.resolved.set(place, Number(offset) + 1),
      heartbeat: async () => {
        if (own.generation !== group.generation) throw rebalancing();
      },
      uncommittedOffsets: () => ({ topics: open().map(({ topic: name, ...rest }) => ({ topic: name, partitions: [rest] })) }),
      commitOffsetsIfNecessary: ({ topics: given }: { topics: { topic: string; partitions: Omit<TopicPartitionOffset, 'topic'>[] }[] }) =>
        commit(own, offsetsOf(given.flatMap(({ topic: name, partitions }) => partitions.map((rest) => ({ topic: name, ...rest }))))),
      isRunning: () => true,
      isStale: () => false,
      pause: () => {
        paused.add(place);
        return () => {
          paused.delete(place);
          if (session) read(session, topic, partition);
        };
      },
    } as unknown as EachBatchPayload);
  };

  const fetchOnce = async (own: Session, topic: string, partition: number): Promise<void> => {
    const place = placeOf(topic, partition);
    await busy.get(place);
    if (own.over || paused.has(place)) return;
    const from = own.resolved.get(place) ?? own.stored.get(place) ?? 0;
    const most = world.between(1, fetchedMax, groupId, place, from, own.generation);
    const records = broker.records(topic, partition).slice(from, from + most);
    if (records.length === 0) return;
    const work = hand(own, topic, partition, records);
    busy.set(
      place,
      work.catch(() => undefined),
    );
    await work;
  };

  /** Reads on as soon as there is something, and again after every batch. */
  const read = (own: Session, topic: string, partition: number): void => {
    const place = placeOf(topic, partition);
    // What was paused may have gone to another member before it is resumed.
    if (own.over || !own.stored.has(place) || paused.has(place) || own.reading.has(place)) return;
    own.reading.add(place);
    const from = own.resolved.get(place) ?? own.stored.get(place) ?? 0;
    const next = (): void => {
      own.reading.delete(place);
      read(own, topic, partition);
    };
    const failed = (): void => {
      // A member that is told of a rebalance leaves what it was doing; one that only failed to commit reads on, or begins anew.
      if (own.generation !== group.generation) return;
      if (world.chance(life.name, place, from, 'begins anew') < 0.5) own.resolved.delete(place);
      life.clock.after(20, next);
    };
    broker.whenMore(topic, partition, from, () => {
      life.clock.after(
        world.between(1, 15, life.name, place, from, 'fetch'),
        () => void fetchOnce(own, topic, partition).then(next, failed),
      );
    });
  };

  /** What a member does once it has heard of a new generation. */
  const start = (generation: number): void => {
    if (generation !== group.generation || session?.generation === generation) return;
    if (session) session.over = true;
    const own: Session = { generation, resolved: new Map(), stored: new Map(), reading: new Set(), over: false };
    session = own;
    paused.clear();
    const places = [...group.assignment].filter(([, member]) => member === life.name).map(([place]) => place);
    for (const place of places) own.stored.set(place, group.committed.get(place) ?? 0);
    const memberAssignment: Record<string, number[]> = {};
    for (const place of places) {
      const at = place.lastIndexOf('|');
      memberAssignment[place.slice(0, at)] = [...(memberAssignment[place.slice(0, at)] ?? []), Number(place.slice(at + 1))];
    }
    listeners.get('group-join')?.({ payload: { memberAssignment } });
    for (const [topic, numbers] of Object.entries(memberAssignment)) for (const number of numbers) read(own, topic, number);
  };

  const told = (generation: number): void => {
    // Until it is told it goes on as before, though others read its partitions already.
    const delayMs = world.between(1, 250, life.name, groupId, generation, 'told');
    life.clock.after(delayMs, () => start(generation));
  };

  return {
    events: { GROUP_JOIN: 'group-join', HEARTBEAT: 'heartbeat', CRASH: 'crash' },
    on: (name: string, listener: Listener) => void listeners.set(name, listener),
    connect: async () => undefined,
    disconnect: async () => undefined,
    subscribe: async (options: { topics: readonly string[] }) => {
      topics = options.topics;
    },
    run: async (options: { eachBatch: EachBatch }) => {
      eachBatch = options.eachBatch;
      broker.join(groupId, life.name, topics, told);
    },
    commitOffsets: (positions: readonly TopicPartitionOffset[]) =>
      session ? commit(session, offsetsOf(positions)) : Promise.reject(rebalancing()),
  };
};
