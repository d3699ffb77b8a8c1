import type { Message } from '@scenefi/engine';
import type { Service } from '@scenefi/runtime';
import { type Broker, createBroker } from './broker.ts';
import { replicas } from './course.ts';
import { createDatabase, type Database } from './database.ts';
import { createLife, type Life } from './life.ts';
import { type Parts, type Replica, type ReplicaParts, startReplica } from './replica.ts';
import { sessionTimeoutMs, skewMsMax } from './rules.ts';
import { partitions } from './services.ts';
import type { World } from './world.ts';

const services = ['campus', 'payments', 'ledger', 'notifier'] as const;

/** All machines of one run: two processes of each service, their databases, and the broker between them. */
export type Cluster = {
  readonly broker: Broker;
  readonly databases: Readonly<Record<string, Database>>;
  /** Every life that a process of payments ever had, by its name. */
  readonly lives: ReadonlyMap<string, Life>;
  start(): void;
  crash(process: string, downMs: number): void;
  stall(process: string, forMs: number): void;
  /** A process of a service that runs, chosen by what it is for. */
  replica(service: string, ...about: readonly (string | number)[]): Replica | undefined;
  running(): number;
  /** From now on, and for so long, a part of what a service decides meets a bug. */
  release(bug: Omit<Bug, 'untilMs'> & { forMs: number }): void;
};

type ClusterParts = {
  world: World;
  builds: Readonly<Record<string, (parts: Parts) => Service | Promise<Service>>>;
  tables: readonly Message[];
};

type Bug = { service: string; where: 'decide' | 'map'; share: number; untilMs: number };

export const createCluster = ({ world, builds, tables }: ClusterParts): Cluster => {
  const { scheduler } = world;
  const broker = createBroker(world, partitions);
  const databases = Object.fromEntries(services.map((service) => [service, createDatabase(world, service)]));
  const lives = new Map<string, Life>();
  const running = new Map<string, Replica>();
  const current = new Map<string, Life>();
  const numbers = new Map<string, number>();
  const bugs: Bug[] = [];

  const meets: ReplicaParts['meets'] = (service, where, what) => {
    for (const bug of bugs) {
      if (bug.service !== service || bug.where !== where || scheduler.now() >= bug.untilMs) continue;
      if (world.chance(service, bug.untilMs, what()) < bug.share) throw new TypeError('a bug of this release');
    }
  };

  const start = (process: string): void => {
    const service = process.slice(0, process.indexOf('-'));
    const number = (numbers.get(process) ?? 0) + 1;
    numbers.set(process, number);
    const skewMs = world.between(-skewMsMax, skewMsMax, process, number, 'skew');
    const downMs = world.between(100, 1_200, process, number, 'down');
    const life = createLife({ world, process, number, skewMs, crashed: () => dead(life, downMs) });
    lives.set(life.name, life);
    current.set(process, life);
    world.say(() => `${life.name} starts`);
    const hadBug = (): boolean => bugs.some((bug) => bug.service === service);
    const parts = { world, broker, database: databases[service]!, service, life, build: builds[service]!, tables, meets, hadBug };
    startReplica(parts).then(
      (replica) => void (life.alive() && running.set(process, replica)),
      (error: unknown) => world.violate('alarm', `${life.name} could not start: ${error instanceof Error ? error.stack : String(error)}`),
    );
  };

  /** The group hears of a dead member when its session is over; somebody starts it again before or after that. */
  const dead = (life: Life, downMs: number): void => {
    const { process, name } = life;
    const service = process.slice(0, process.indexOf('-'));
    running.delete(process);
    const silentMs = world.between(50, sessionTimeoutMs / 2, name, 'session');
    scheduler.at(scheduler.now() + silentMs, () => broker.leave(service, name));
    scheduler.at(scheduler.now() + downMs, () => start(process));
  };

  return {
    broker,
    databases,
    lives,
    start: () => {
      for (const process of replicas) start(process);
    },
    crash: (process, downMs) => {
      const life = current.get(process);
      if (!life?.alive()) return;
      world.say(() => `${life.name} is KILLED`);
      life.end();
      dead(life, downMs);
    },
    stall: (process, forMs) => {
      const life = current.get(process);
      if (!life?.alive()) return;
      world.say(() => `${life.name} STALLS for ${forMs} ms`);
      life.stall(scheduler.now() + forMs);
      // Long enough, and the group gives its partitions to others while it still believes to have them.
      if (forMs > sessionTimeoutMs / 2) scheduler.at(scheduler.now() + sessionTimeoutMs / 2, () => broker.rebalance(process.slice(0, -2)));
    },
    replica: (service, ...about) => {
      const alive = [`${service}-1`, `${service}-2`].flatMap((process) => running.get(process) ?? []);
      return alive[Math.floor(world.chance(service, ...about, 'replica') * alive.length)];
    },
    running: () => running.size,
    release: ({ forMs, ...bug }) => void bugs.push({ ...bug, untilMs: scheduler.now() + forMs }),
  };
};
