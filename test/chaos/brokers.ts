import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ITopicMetadata, Kafka, logLevel } from 'kafkajs';
import { brokersAt, untilReady } from '../../scripts/engines/answers.ts';
import { type Climb, EngineError } from '../../scripts/engines/engine.ts';
import { kafkaJars } from '../../scripts/engines/kafka-jars.ts';
import { fillIn } from '../../scripts/engines/kafka-native.ts';
import { findProgram, type Program, runTool, startProgram } from '../../scripts/engines/program.ts';
import { mountDisk } from './disk.ts';
import { steadyPorts } from './ports.ts';

const infra = join(import.meta.dirname, '..', '..', 'infra', 'kafka');
const clusterId = 'S2hhb3NfQ2hhb3NfQ2hhbw';
/** A busy machine starts three of them at once. */
const startTimeoutMs = 180_000;
/** Room for hours of traffic, and small enough to be filled within a second. */
const diskMegabytes = 768;

type Ports = { port: number; controllerPort: number };

/** The one node of a developer, turned into one of several: a broker that is killed is missed after three seconds. */
const propertiesOf = (all: readonly Ports[], index: number, home: string): string => {
  const { port, controllerPort } = all[index]!;
  const template = readFileSync(join(infra, 'server.properties'), 'utf8');
  const replication = all.length;
  const inSyncMin = Math.min(2, replication);
  return [
    fillIn(template, { PORT: port, CONTROLLER_PORT: controllerPort, DATA: join(home, 'data') }),
    `node.id=${index + 1}`,
    `controller.quorum.voters=${all.map((one, at) => `${at + 1}@127.0.0.1:${one.controllerPort}`).join(',')}`,
    `default.replication.factor=${replication}`,
    `min.insync.replicas=${inSyncMin}`,
    `offsets.topic.replication.factor=${replication}`,
    `transaction.state.log.replication.factor=${replication}`,
    `transaction.state.log.min.isr=${inSyncMin}`,
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
    'replica.lag.time.max.ms=5000',
    'unclean.leader.election.enable=false',
    '',
  ].join('\n');
};

const findJava = ({ env }: Climb): string => {
  const home = env.JAVA_HOME && join(env.JAVA_HOME, 'bin', 'java');
  const java = home && existsSync(home) ? home : findProgram('java', env);
  if (!java) throw new EngineError('Chaos runs brokers of its own and needs Java 17 or later with Maven.');
  return java;
};

/** One broker as a process of ours, which may die and come back with the same data at the same address. */
const createBroker = (
  climb: Climb,
  java: string,
  base: readonly string[],
  { name, home, port }: { name: string; home: string; port: number },
) => {
  const { dataDir, env, signal } = climb;
  const config = join(home, 'server.properties');
  const address = `127.0.0.1:${port}`;
  let program: Program | undefined;
  let starts = 0;
  const send = (kind: NodeJS.Signals): void => {
    if (program && program.ended() === undefined) process.kill(program.pid, kind);
  };
  return {
    name,
    address,
    format: async (): Promise<void> => {
      const args = [...base, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config];
      const { exitCode, output } = await runTool({ file: java, args, cwd: home, env, signal });
      if (exitCode !== 0) throw new EngineError(`Kafka could not prepare ${home}: "${output.at(-1)}".`);
    },
    start: async (): Promise<void> => {
      // One that was killed on a busy machine may still hold its data.
      while (program && program.ended() === undefined) await pause(20);
      starts += 1;
      const logPath = join(dataDir, 'logs', `${name}.${starts}.log`);
      const args = ['-Xms128m', '-Xmx384m', ...base, 'kafka.Kafka', config];
      program = await startProgram({ file: java, args, cwd: home, env, logPath });
      const probe = async () => (await brokersAt(address, 2_000)) > 0;
      await untilReady({ what: name, program, logPath, deadlineMs: startTimeoutMs, signal, probe });
    },
    /** How it ended, or undefined while it runs. */
    ended: (): string | undefined => program?.ended(),
    kill: (): void => send('SIGKILL'),
    hold: (): void => send('SIGSTOP'),
    goOn: (): void => send('SIGCONT'),
    stop: async (): Promise<void> => program?.stop(),
  };
};
export type Broker = ReturnType<typeof createBroker>;

/** Whether every partition has all its replicas in sync. */
const whole = (topics: readonly ITopicMetadata[]): boolean =>
  topics.every(({ partitions }) => partitions.every(({ leader, isr, replicas }) => leader >= 0 && isr.length === replicas.length));

/** Starts so many brokers, each a node of one KRaft quorum. */
export const startBrokers = async (climb: Climb, count: number) => {
  const java = findJava(climb);
  const jars = await kafkaJars(climb);
  const base = [`-Dlog4j2.configurationFile=${join(infra, 'log4j2.properties')}`, '-cp', join(jars, 'libs', '*')];
  const numbers = await steadyPorts(count * 2);
  const ports = Array.from({ length: count }, (_, index) => ({ port: numbers[index * 2]!, controllerPort: numbers[index * 2 + 1]! }));
  const homes = ports.map((_, index) => join(climb.dataDir, `kafka-${index + 1}`));
  for (const home of homes) mkdirSync(home, { recursive: true });
  const disk = mountDisk(homes[0]!, diskMegabytes);
  const brokers = ports.map(({ port }, index) => {
    const home = homes[index]!;
    writeFileSync(join(home, 'server.properties'), propertiesOf(ports, index, home));
    return createBroker(climb, java, base, { name: `kafka-${index + 1}`, home, port });
  });
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    disk?.unmount();
  };
  try {
    await Promise.all(brokers.map((broker) => broker.format()));
    await Promise.all(brokers.map((broker) => broker.start()));
  } catch (error) {
    await stop();
    throw error;
  }

  /** What the brokers say of the topics; tried at each of them, since one may be away. */
  const metadata = async (topics?: readonly string[]): Promise<ITopicMetadata[]> => {
    const addresses = brokers.map(({ address }) => address);
    const kafka = new Kafka({
      clientId: 'chaos',
      brokers: addresses,
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      logLevel: logLevel.NOTHING,
    });
    const admin = kafka.admin({ retry: { retries: 12, initialRetryTime: 200, maxRetryTime: 1_000 } });
    try {
      await admin.connect();
      return (await admin.fetchTopicMetadata(topics && { topics: [...topics] })).topics;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };

  return {
    brokers,
    addresses: brokers.map(({ address }) => address),
    /** The first broker's data are on a file system of their own, where one could be mounted. */
    disk,
    /** The broker that leads a partition of the topic. */
    leaderOf: async (topic: string, partition: number): Promise<Broker> => {
      const [found] = await metadata([topic]);
      const leader = found?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? 1;
      return brokers[leader - 1] ?? brokers[0]!;
    },
    /** Resolves to whether every replica was in sync again in time. */
    untilWhole: async (timeoutMs: number): Promise<boolean> => {
      const deadline = performance.now() + timeoutMs;
      while (performance.now() < deadline) {
        if (
          whole(
            await metadata().catch((): ITopicMetadata[] => [
              { name: '', partitions: [{ leader: -1, isr: [], replicas: [], partitionErrorCode: 0, partitionId: 0 }] },
            ]),
          )
        )
          return true;
        await pause(500);
      }
      return false;
    },
    stop,
  };
};
export type Brokers = Awaited<ReturnType<typeof startBrokers>>;
