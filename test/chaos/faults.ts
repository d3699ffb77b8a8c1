import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { SeededRandom } from '../../services/sandbox/src/seeded-random.ts';
import type { Broker, Brokers } from './brokers.ts';
import type { Database } from './database.ts';
import { places } from './fail-points.ts';
import type { Kind } from './schedule.ts';
import { type Citizen, namespace, type Town } from './town.ts';

/** What faults are done to, and with which chance. */
export type Scene = { town: Town; brokers: Brokers; database: Database; random: SeededRandom; signal: AbortSignal };

/** Does one fault and undoes it; answers in a few words to what it was done. */
type Fault = (scene: Scene) => Promise<string>;

const heldMs = [8_000, 12_000] as const;
const led = ['campus.notice.v1', 'campus.bill.v1', 'payments.payment.v1'] as const;
const grouped = {
  campus: 'campus.notice.v1',
  payments: 'campus.bill.v1',
  ledger: 'payments.payment.v1',
  notifier: 'payments.payment.v1',
} as const;
const wholeTimeoutMs = 20_000;

const pauseIn = ({ signal }: Scene, ms: number): Promise<void> => sleep(ms, undefined, { signal });

/** Some citizens, no two of one service. */
const someCitizens = ({ town, random }: Scene, count: number, fits: (citizen: Citizen) => boolean = () => true): Citizen[] => {
  const byService = new Map(random.shuffled(town.citizens.filter(fits)).map((citizen) => [citizen.service, citizen]));
  return random.shuffled([...byService.values()]).slice(0, count);
};

const namesOf = (citizens: readonly { name: string }[]): string => citizens.map(({ name }) => name).join(', ');
const hasDatabase = ({ service }: Citizen): boolean => service !== 'ingress' && service !== 'sandbox-world';

const leader = ({ brokers, random }: Scene): Promise<Broker> => brokers.leaderOf(namespace + random.pick(led), random.between(0, 2));

/** Whoever was killed comes back with its data, and the next one waits until every replica is in sync. */
const comeBack = async ({ brokers }: Scene, broker: Broker): Promise<void> => {
  await broker.start();
  await brokers.untilWhole(wholeTimeoutMs);
};

const killLeader: Fault = async (scene) => {
  const broker = await leader(scene);
  broker.kill();
  try {
    await pauseIn(scene, scene.random.between(3_000, 8_000));
  } finally {
    await comeBack(scene, broker);
  }
  return broker.name;
};

const holdLeader: Fault = async (scene) => {
  const broker = await leader(scene);
  broker.hold();
  try {
    await pauseIn(scene, 10_000);
  } finally {
    broker.goOn();
    await scene.brokers.untilWhole(wholeTimeoutMs);
  }
  return broker.name;
};

/** The followers answer nothing while the leader takes messages, and then it dies: what it took alone is gone. */
const leaderDiesAlone: Fault = async (scene) => {
  const broker = await leader(scene);
  const followers = scene.brokers.brokers.filter((other) => other !== broker);
  for (const follower of followers) follower.hold();
  try {
    await pauseIn(scene, 1_800);
    broker.kill();
  } finally {
    for (const follower of followers) follower.goOn();
    await sleep(3_000);
    await comeBack(scene, broker);
  }
  return broker.name;
};

/** A broker that cannot write gives up; with room again it comes back. */
const fullDisk: Fault = async (scene) => {
  const { disk, brokers } = scene.brokers;
  const broker = brokers[0]!;
  let end: string | undefined;
  disk?.fill();
  try {
    await pauseIn(scene, scene.random.between(6_000, 10_000));
    end = broker.ended();
  } finally {
    disk?.free();
    await broker.stop();
    await comeBack(scene, broker);
  }
  return `${broker.name}, ${end ?? 'which ran on'}`;
};

const restartBrokers: Fault = async (scene) => {
  for (const broker of scene.brokers.brokers) {
    await broker.stop();
    await comeBack(scene, broker);
    scene.signal.throwIfAborted();
  }
  return 'all, one after another';
};

const loseAnswers: Fault = async (scene) => {
  const citizens = someCitizens(scene, 3, ({ service }) => service !== 'sandbox-world');
  const links = citizens.flatMap((citizen) => citizen.links.brokers);
  const rounds = 4;
  for (let round = 0; round < rounds; round += 1) {
    for (const link of links) link.mute();
    try {
      await pauseIn(scene, scene.random.between(300, 2_500));
    } finally {
      for (const link of links) link.heal();
    }
    await pauseIn(scene, 500);
  }
  return namesOf(citizens);
};

/** Treats the ways of some to the database for a while in one way. */
const databaseLinks =
  (count: number, ms: number, treat: (link: Citizen['links']['database']) => void): Fault =>
  async (scene) => {
    const citizens = someCitizens(scene, count, hasDatabase);
    for (const { links } of citizens) treat(links.database);
    try {
      await pauseIn(scene, ms);
    } finally {
      for (const { links } of citizens) links.database.heal();
    }
    return namesOf(citizens);
  };

const killDatabase: Fault = async (scene) => {
  scene.database.kill();
  try {
    await pauseIn(scene, scene.random.between(1_000, 4_000));
  } finally {
    await scene.database.restart();
  }
  return 'the database';
};

/** In the middle of a batch: for a moment nothing it saves arrives, so that it has something in hand when it dies. */
const killProcesses: Fault = async (scene) => {
  const citizens = someCitizens(scene, 4);
  for (const { name, links } of citizens) {
    links.database.stall();
    try {
      await pauseIn(scene, scene.random.between(300, 1_500));
      scene.town.signal(name, 'SIGKILL');
    } finally {
      links.database.heal();
    }
    await pauseIn(scene, 500);
  }
  return namesOf(citizens);
};

/** Longer than the session: the group goes on without it, and then it works on, a zombie. */
const holdProcesses: Fault = async (scene) => {
  const citizens = someCitizens(scene, 2, ({ service }) => service !== 'sandbox-world');
  for (const { name } of citizens) scene.town.signal(name, 'SIGSTOP');
  try {
    await pauseIn(scene, scene.random.between(...heldMs));
  } finally {
    for (const { name } of citizens) scene.town.signal(name, 'SIGCONT');
  }
  return namesOf(citizens);
};

const rollingRestart: Fault = async (scene) => {
  const citizens = someCitizens(scene, 4);
  for (const { name, url } of citizens) {
    scene.town.signal(name, 'SIGTERM');
    await pauseIn(scene, 1_500);
    for (
      let looks = 0;
      looks < 20 && !(await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined))?.ok;
      looks += 1
    )
      await pauseIn(scene, 500);
  }
  return namesOf(citizens);
};

/** A stranger joins the group, takes partitions and does nothing with them, and leaves again. */
const rebalances: Fault = async (scene) => {
  const group = scene.random.pick(Object.keys(grouped) as (keyof typeof grouped)[]);
  const kafka = new Kafka({ clientId: 'stranger', brokers: [...scene.brokers.addresses], logLevel: logLevel.NOTHING });
  // One that broke and waits to begin anew would not hear that it shall leave, and would keep its partitions for good.
  const retry = { retries: 8, maxRetryTime: 2_000, restartOnFailure: async () => false };
  for (let round = 0; round < 4; round += 1) {
    const stranger = kafka.consumer({ groupId: namespace + group, sessionTimeout: 6_000, heartbeatInterval: 1_000, retry });
    try {
      await stranger.connect();
      await stranger.subscribe({ topics: [namespace + grouped[group]] });
      await stranger.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
      await pauseIn(scene, 2_500);
    } finally {
      await stranger.disconnect().catch(() => undefined);
    }
    await pauseIn(scene, 2_500);
  }
  return group;
};

const fakeTimeLibraries = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`);
const fakeTimeLibrary = (): string | undefined => fakeTimeLibraries.find((path) => existsSync(path));

/** One process starts on a machine whose clock is ten minutes off, and later on one whose clock is right. */
const wrongClock: Fault = async (scene) => {
  const [citizen] = someCitizens(scene, 1, hasDatabase);
  const { name, spawned } = citizen!;
  const offset = scene.random.pick(['+600', '-600']);
  Object.assign(spawned.env, { LD_PRELOAD: fakeTimeLibrary() ?? '', FAKETIME: offset, DONT_FAKE_MONOTONIC: '1' });
  scene.town.signal(name, 'SIGTERM');
  try {
    await pauseIn(scene, 12_000);
  } finally {
    Object.assign(spawned.env, { LD_PRELOAD: '', FAKETIME: '' });
    scene.town.signal(name, 'SIGTERM');
  }
  return `${name} by ${offset} s`;
};

const failPoints: Fault = async (scene) => {
  const { town, random } = scene;
  const wanted = random.shuffled(places).slice(0, 6);
  let died: string[] = [];
  town.failPoints.arm(wanted);
  try {
    await pauseIn(scene, 12_000);
  } finally {
    died = town.failPoints.disarm(wanted);
  }
  return died.length > 0 ? `died ${died.join(', ')}` : 'nobody came there';
};

/** What cannot be done on this machine, and why. */
export const impossible = ({ disk }: Pick<Brokers, 'disk'>): Map<Kind, string> => {
  const reasons = new Map<Kind, string>();
  if (fakeTimeLibrary() === undefined) reasons.set('wrong clock', 'libfaketime is not installed');
  if (disk === undefined) reasons.set('full disk', 'mounting a tmpfs wants root on Linux');
  return reasons;
};

export const faults: Record<Kind, Fault> = {
  'kill processes': killProcesses,
  'hold processes': holdProcesses,
  'kill leader': killLeader,
  'hold leader': holdLeader,
  'leader dies alone': leaderDiesAlone,
  'restart brokers': restartBrokers,
  'full disk': fullDisk,
  'lose answers of brokers': loseAnswers,
  'database unreachable': databaseLinks(4, 10_000, (link) => link.stall()),
  'kill database': killDatabase,
  'slow database': databaseLinks(12, 10_000, (link) => link.slow(500)),
  rebalances,
  'rolling restart': rollingRestart,
  'wrong clock': wrongClock,
  'fail points': failPoints,
};
