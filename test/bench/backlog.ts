import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Unit } from '@scenefi/engine';
import mongoose from 'mongoose';
import type { Engines } from '../../scripts/engines/index.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { untilReady } from '../../scripts/start/watch.ts';
import { openBus, sendAll } from './bus.ts';
import type { Child, Children } from './children.ts';
import { openAdmin } from './kafka.ts';
import { cpuMicroseconds, residentMb, type Speed } from './measure.ts';
import { partitions } from './our-services.ts';

export type BacklogOptions = { rounds: number; messages: number; nodeArgs: readonly string[]; say: (line: string) => void };

const roundSecondsMax = 120;
/** Longer than this the consumer must not be held, or its group would let it go. */
const holdSecondsMax = 12;

/** A service alone in a namespace of its own, before it the log that a bench fills. */
export type Backlog = {
  child: Child;
  url: string;
  /** Opens `/internal/*`. */
  token: string;
  databaseOf: (name: string) => string;
  rows: (database: string, collection: string) => mongoose.mongo.Collection<mongoose.mongo.BSON.Document & { _id: string }>;
  /** How many records a topic has taken so far. */
  count: (topic: string) => Promise<number>;
  /** Has the service work off units of one topic as this group. */
  workOff: (group: string, units: readonly Unit[]) => Promise<Speed>;
  close: () => Promise<void>;
};

type Parts = {
  engines: Engines;
  children: Children;
  service: 'campus' | 'ledger' | 'gateway';
  env?: Record<string, string>;
  nodeArgs: readonly string[];
};

/** Creates the topics and starts the service; resolves once it is ready. */
export const openBacklog = async ({ engines, children, service, env = {}, nodeArgs }: Parts): Promise<Backlog> => {
  const namespace = `bench-${randomBytes(4).toString('hex')}.`;
  const databaseOf = (name: string): string => `${namespace.replaceAll('.', '-')}${name}`;
  const [admin, bus] = await Promise.all([openAdmin(engines.kafka.address), openBus(engines.kafka.address, namespace, partitions)]);
  const token = randomBytes(16).toString('hex');
  const port = (await freePorts(1))[0]!;
  const url = `http://127.0.0.1:${port}`;
  const child = children.start({
    name: service,
    script: `services/${service}/src/main.ts`,
    nodeArgs,
    env: {
      MONGO_URL: engines.mongo.address,
      KAFKA_BROKERS: engines.kafka.address,
      NAMESPACE: namespace,
      TOPIC_PARTITIONS: String(partitions),
      TOPIC_REPLICATION: '1',
      PORT: String(port),
      INTERNAL_TOKEN: token,
      ...env,
    },
  });
  await untilReady([{ name: service, url }], 60_000);
  const connection = await mongoose.createConnection(engines.mongo.address).asPromise();

  /**
   * The consumer stands still while its messages are put on the log, so that it starts warm and with all of them before it.
   * Measured until its group has committed the last one.
   */
  const workOff = async (group: string, units: readonly Unit[]): Promise<Speed> => {
    const cpuBefore = cpuMicroseconds(child.pid);
    const heldAt = performance.now();
    child.signal('SIGSTOP');
    try {
      await sendAll(bus, units);
    } finally {
      child.signal('SIGCONT');
    }
    const startedAt = performance.now();
    if (startedAt - heldAt > holdSecondsMax * 1000) throw new Error('putting the messages on the log took too long; use fewer --messages');
    while ((await admin.lag(namespace + group, namespace + units[0]!.topic)) > 0) {
      if (performance.now() - startedAt > roundSecondsMax * 1000) throw new Error(`${service} was not through after ${roundSecondsMax} s`);
      await sleep(20);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const cpuPerMessage = (cpuMicroseconds(child.pid) - cpuBefore) / units.length;
    return { perSecond: units.length / seconds, cpuPerMessage, rssMb: residentMb(child.pid) };
  };

  return {
    child,
    url,
    token,
    databaseOf,
    rows: (database, collection) => connection.getClient().db(databaseOf(database)).collection(collection),
    count: (topic) => admin.count(namespace + topic),
    workOff,
    close: async () => {
      await Promise.all([admin.close(), bus.close(), connection.close()]);
    },
  };
};
