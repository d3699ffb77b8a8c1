import { type Aggregate, type Batcher, createBatcher, createEngine, type Engine, type Message, type Subscription } from '@scenefi/engine';
import type { Clock, Logger, Meter, Random, Scene } from '@scenefi/kernel';
import type { Platform, Service } from '@scenefi/runtime';
import { createBacklog, createDocuments } from '@scenefi/store';
import type { Broker } from './broker.ts';
import { createStore } from './collection.ts';
import type { Database } from './database.ts';
import type { Life } from './life.ts';
import { connectMemoryBus } from './memory-bus.ts';
import { timings } from './rules.ts';
import type { World } from './world.ts';

/** Whatever a service is built from; its configuration is its own. */
export type Parts = Omit<Platform<never>, 'config'> & { life: Life };

/** What one process of a service does in the world: our own code on a broker and a database that are not real. */
export type Replica = {
  readonly life: Life;
  readonly engine: Engine;
  readonly aggregates: ReadonlyMap<string, Aggregate<unknown, { type: string }>>;
};

export type ReplicaParts = {
  world: World;
  broker: Broker;
  database: Database;
  service: string;
  life: Life;
  build: (parts: Parts) => Service | Promise<Service>;
  /** Messages of the tables that are read whole. */
  tables: readonly Message[];
  /** Throws where the release that runs has a bug that this meets, be it a command that is decided or a message that is mapped. */
  meets: (service: string, where: 'decide' | 'map', what: () => string) => void;
  /** Whether some release of this service had a bug. */
  hadBug: () => boolean;
};

const meter: Meter = { count: () => undefined, observe: () => undefined, gauge: () => () => undefined };

/** Sentences that nothing from outside can bring about: where one is said, our own code is wrong. */
const alarms = new RegExp(
  [
    '^settling failed',
    '^a sweep failed',
    '^an effect failed',
    '^the result of an effect was not taken',
    '^a wake-up failed',
    '^the core bank answered something else',
  ].join('|'),
);

const loggerOf = ({ world, life: { name }, hadBug }: Pick<ReplicaParts, 'world' | 'life' | 'hadBug'>): Logger => {
  const say =
    (level: string) =>
    (sentence: string, fields: object = {}): void =>
      world.say(() => `${name} ${level}: ${sentence} ${JSON.stringify(fields)}`);
  return {
    debug: () => undefined,
    info: say('info'),
    warn: say('warn'),
    error: (sentence, fields = {}) => {
      say('error')(sentence, fields);
      const text = JSON.stringify(fields);
      if (alarms.test(sentence) && !hadBug()) world.violate('alarm', `${name}: ${sentence} ${text}`);
    },
  };
};

/** The same bytes for the same process in every run. */
const randomOf = (world: World, { name }: Life): Random => {
  let drawn = 0;
  const number = (): number => {
    drawn += 1;
    return world.chance(name, 'random', drawn);
  };
  return { number, bytes: (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(number() * 256))) };
};

/** So many places are reserved at once for what a process remembers of its aggregates. */
const reserved = 100_000;

/** Reserving them costs more than a whole run, so the list begins empty here, and grows. */
const unreserved = <Value>(work: () => Value): Value => {
  const whole = Array.from;
  Array.from = ((items: ArrayLike<unknown>, ...rest: []) => (items.length === reserved ? [] : whole(items, ...rest))) as typeof Array.from;
  try {
    return work();
  } finally {
    Array.from = whole;
  }
};

type AnyScene = Scene<unknown, { type: string }, { type: string }>;

const scrapeMs = 1_500;

/** Somebody reads the lag of every process now and then, which has its positions committed again. */
const scrape = (clock: Clock, committed: () => Promise<unknown>): void => {
  clock.after(scrapeMs, () => {
    const again = (): void => scrape(clock, committed);
    committed().then(again, again);
  });
};

/** Starts a process, in the order in which the runtime does. */
export const startReplica = async (parts: ReplicaParts): Promise<Replica> => {
  const { world, broker, database, service, life, build, tables, meets } = parts;
  const { clock } = life;
  const logger = loggerOf(parts);
  const random = randomOf(world, life);
  const { log, consume } = connectMemoryBus({ world, broker, life, logger, meter });
  const batcher: Batcher = createBatcher({ log, meter });
  const store = createStore(life, database);
  const backlog = await createBacklog(store);
  const own = createEngine({
    service,
    log,
    batcher,
    backlog,
    documentsOf: (collection) => createDocuments(store, collection),
    clock,
    logger,
    meter,
    timings,
  });
  const aggregates = new Map<string, Aggregate<unknown, { type: string }>>();
  const aggregate = (scene: AnyScene, options: never): Aggregate<unknown, { type: string }> => {
    const decide: AnyScene['decide'] = (command, state, context) => {
      // What a wake-up does is asked again by itself; a message that meets a bug waits.
      if (command.type !== 'Wake') meets(service, 'decide', () => JSON.stringify(command));
      return scene.decide(command, state, context);
    };
    const made = unreserved(() => own.aggregate({ ...scene, decide }, options)) as Aggregate<unknown, { type: string }>;
    aggregates.set(scene.name, made);
    return made;
  };
  const engine = { ...own, aggregate: aggregate as unknown as Engine['aggregate'] };
  const freshAt = clock.now() + world.between(0, 300, life.name, 'tables');
  const openTable: Parts['openTable'] = (_topics, take) => {
    for (const message of tables) take(message);
    return { fresh: () => clock.now() >= freshAt };
  };
  const beside = (): never => {
    throw new Error('nothing is opened beside');
  };
  const { subscriptions: heard = [] } = await build({
    life,
    clock,
    random,
    logger,
    meter,
    publisher: batcher,
    openTable,
    store,
    engine,
    beside,
  });
  const subscriptions = heard.map((one): Subscription => {
    const map: Subscription['map'] = (message) => {
      meets(service, 'map', () => message.event.id);
      return one.map(message);
    };
    return { ...one, map };
  });
  const topics = [...new Set(subscriptions.map(({ contract }) => contract.topic))];
  const { settle } = engine.start(subscriptions);
  await consume({ group: service, topics, settle });
  scrape(clock, log.committed);
  return { life, engine, aggregates };
};
