import { randomBytes } from 'node:crypto';
import type { Engines } from '../../scripts/engines/index.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { openRegistry } from '../../scripts/operator/registry.ts';
import { untilReady } from '../../scripts/start/watch.ts';
import type { Child, Children } from './children.ts';
import { type BenchAdmin, openAdmin } from './kafka.ts';
import type { LoadOrder, LoadReport } from './load.ts';
import { cpuMicroseconds, median, ratioLine, residentMb, spread, tableOf } from './measure.ts';
import { partitions, partnerId } from './our-services.ts';

export type IngressOptions = {
  rounds: number;
  requests: number;
  /** Given to the node process of our service, such as `--cpu-prof`. */
  nodeArgs: readonly string[];
  say: (line: string) => void;
};

const connections = 64;
const warmUpShare = 0.5;
/**
 * Who is held against whom. `enveloped` is `batched` writing the very headers that ours writes: it tells what the envelope
 * costs, and has no goal. The pair without a log tells what the way to it costs.
 */
const pairs: readonly (readonly [ours: string, other: string, goal?: number])[] = [
  ['ours', 'batched', 0.75],
  ['ours', 'naive', 2],
  ['ours', 'enveloped'],
  ['ours-no-log', 'bare-no-log', 0.6],
];

/** One without a topic appends nothing. */
type Server = { name: string; child: Child; port: number; topic?: string };
type Round = LoadReport & { perSecond: number; cpuPerRequest: number; rssMb: number };

const environmentOf = (engines: Engines, prefix: string, credentialKey: Buffer, secret: string) => ({
  ours: {
    KAFKA_BROKERS: engines.kafka.address,
    NAMESPACE: prefix,
    TOPIC_PARTITIONS: String(partitions),
    TOPIC_REPLICATION: '1',
    INTERNAL_TOKEN: randomBytes(16).toString('hex'),
    CREDENTIAL_KEY: credentialKey.toString('hex'),
    // Nobody asks a question here.
    CAMPUS_URL: 'http://127.0.0.1:9',
  },
  bare: { KAFKA_BROKERS: engines.kafka.address, SECRET: secret },
});

/** The key is told by an operator's command, as in production. */
const issueKey = async (engines: Engines, prefix: string, credentialKey: Buffer): Promise<string> => {
  const brokers = engines.kafka.address.split(',');
  const registry = await openRegistry({ brokers, namespace: prefix, partitions, replication: 1, credentialKey });
  await registry.describe({ partnerId, name: '星河区实验小学', scenes: ['campus'] });
  const { secret } = await registry.issueKey(partnerId);
  await registry.close();
  return secret;
};

const startServers = async (engines: Engines, admin: BenchAdmin, children: Children, nodeArgs: readonly string[]) => {
  const prefix = `bench-${randomBytes(4).toString('hex')}.`;
  const credentialKey = randomBytes(32);
  const secret = await issueKey(engines, prefix, credentialKey);
  const { ours, bare } = environmentOf(engines, prefix, credentialKey, secret);
  const start = async (name: string, script: string, env: Record<string, string>, args: readonly string[] = []) => {
    const port = (await freePorts(1))[0]!;
    return { name, port, child: children.start({ name, script, env: { ...env, PORT: String(port) }, nodeArgs: args }) };
  };
  const startBare = async (name: string, script: string, env: Record<string, string> = {}) => {
    const topic = `${prefix}bare-${name}`;
    await admin.createTopic(topic, partitions);
    return { ...(await start(name, script, { ...bare, ...env, TOPIC: topic })), topic };
  };
  const servers: Server[] = [
    { ...(await start('ours', 'services/ingress/src/main.ts', ours, nodeArgs)), topic: `${prefix}campus.notice.v1` },
    await startBare('batched', 'test/bench/bare/ingress-batched.ts'),
    await startBare('naive', 'test/bench/bare/ingress-naive.ts'),
    await startBare('enveloped', 'test/bench/bare/ingress-batched.ts', { ENVELOPE: 'cloudevents' }),
    await start('ours-no-log', 'test/bench/ingress-no-log.ts', ours, nodeArgs),
    await start('bare-no-log', 'test/bench/bare/ingress-no-log.ts', bare),
  ];
  await untilReady(
    servers.map(({ name, port }) => ({ name, url: `http://127.0.0.1:${port}` })),
    60_000,
  );
  return { servers, secret };
};

type Slot = { server: Server; generator: Child; admin: BenchAdmin; secret: string; run: string; requests: number };

/** One server under load; what it answered with 202 must stand on its topic, where it has one, no more and no less. */
const runSlot = async ({ server, generator, admin, secret, run, requests }: Slot): Promise<Round> => {
  const { child, port, topic, name } = server;
  const expected = topic === undefined ? 0 : requests;
  const count = async (): Promise<number> => (topic === undefined ? 0 : admin.count(topic));
  const before = await count();
  const cpuBefore = cpuMicroseconds(child.pid);
  const order: LoadOrder = { port, partnerId, secret, run, requests, connections };
  const report = await generator.ask<LoadReport>(order);
  const cpuPerRequest = (cpuMicroseconds(child.pid) - cpuBefore) / requests;
  const appended = (await count()) - before;
  if (report.accepted !== requests || appended !== expected)
    throw new Error(`${name}: ${requests} sent, answered ${JSON.stringify(report.statuses)}, ${appended} on the topic`);
  return { ...report, perSecond: requests / report.seconds, cpuPerRequest, rssMb: residentMb(child.pid) };
};

const reportOf = (rounds: Map<string, Round[]>): string[] => {
  const column = (name: string, field: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuPerRequest' | 'rssMb'): number[] =>
    rounds.get(name)!.map((round) => round[field]);
  const rows = [...rounds.keys()].map((name) => [
    name,
    spread(column(name, 'perSecond')),
    spread(column(name, 'p50Ms')),
    spread(column(name, 'p99Ms')),
    spread(column(name, 'cpuPerRequest')),
    String(Math.round(median(column(name, 'rssMb')))),
  ]);
  const ratios = pairs.map(([ours, other, goal]) =>
    ratioLine(`${ours} / ${other}, requests/s`, column(ours, 'perSecond'), column(other, 'perSecond'), goal),
  );
  const cpu = pairs.map(([ours, other]) =>
    ratioLine(`${other} / ${ours}, CPU`, column(other, 'cpuPerRequest'), column(ours, 'cpuPerRequest')),
  );
  return [...tableOf([['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request', 'RSS MB'], ...rows]), ...ratios, ...cpu];
};

/** Signed webhooks against our service and bare servers in turn, every round in another order. */
export const benchIngress = async (engines: Engines, children: Children, options: IngressOptions) => {
  const { rounds, requests, nodeArgs, say } = options;
  const admin = await openAdmin(engines.kafka.address);
  try {
    const { servers, secret } = await startServers(engines, admin, children, nodeArgs);
    const generator = children.start({ name: 'load', script: 'test/bench/load.ts', env: {} });
    const slot = { generator, admin, secret };
    for (const server of servers) {
      await runSlot({ ...slot, server, run: `warm-${server.name}`, requests: Math.ceil(requests * warmUpShare) });
    }
    const measured = new Map<string, Round[]>(servers.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      const first = round % servers.length;
      for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
        const result = await runSlot({ ...slot, server, run: `${server.name}-${round}`, requests });
        measured.get(server.name)!.push(result);
        say(`round ${round + 1}: ${server.name} ${Math.round(result.perSecond)}/s, bodies of ${Math.round(result.bodyBytes)} bytes`);
      }
    }
    const title = `${rounds} rounds of ${requests} requests over ${connections} connections; median (lowest–highest)`;
    return { lines: [title, ...reportOf(measured)], figures: Object.fromEntries(measured) };
  } finally {
    await admin.close();
  }
};
