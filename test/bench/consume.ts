import { randomBytes } from 'node:crypto';
import type { Engines } from '../../scripts/engines/index.ts';
import type { BacklogOptions } from './backlog.ts';
import type { ReadOrder, ReadReport } from './bare/timed-reading.ts';
import { openBus, sendAll } from './bus.ts';
import type { Child, Children } from './children.ts';
import { type BenchAdmin, openAdmin } from './kafka.ts';
import { residentMb, type Speed, speedLines } from './measure.ts';
import { issuedNotice } from './notices.ts';
import { partitions } from './our-services.ts';
import { noticeUnit } from './units.ts';

const topic = 'campus.notice.v1';
const goal = 0.9;
const preparedAtOnce = 10_000;

type Side = { name: string; child: Child; rounds: Speed[] };

const putNotices = async (brokers: string, namespace: string, messages: number): Promise<void> => {
  const bus = await openBus(brokers, namespace, partitions);
  for (let at = 0; at < messages; at += preparedAtOnce) {
    const count = Math.min(preparedAtOnce, messages - at);
    await sendAll(
      bus,
      Array.from({ length: count }, (_, index) => noticeUnit(issuedNotice('consume', at + index))),
    );
  }
  await bus.close();
};

type Reading = { admin: BenchAdmin; namespace: string; side: Side; round: number; messages: number };

/** The whole topic once; every message must have come once, and every offset be committed. */
const read = async ({ admin, namespace, side: { name, child }, round, messages }: Reading): Promise<Speed> => {
  const order: ReadOrder = { group: `${name}-${round}`, messages };
  const report = await child.ask<ReadReport>(order);
  const behind = await admin.lag(namespace + order.group, namespace + topic);
  if (report.messages !== messages || behind !== 0)
    throw new Error(`${name}: ${report.messages} of ${messages} messages came, ${behind} were not committed`);
  return { perSecond: messages / report.seconds, cpuPerMessage: report.cpuMicros / messages, rssMb: residentMb(child.pid) };
};

/** What lies between the log and a handler that does nothing: our bus against kafkajs alone, on the same topic in turn. */
export const benchConsume = async (engines: Engines, children: Children, options: BacklogOptions) => {
  const { rounds, messages, nodeArgs, say } = options;
  const namespace = `bench-${randomBytes(4).toString('hex')}.`;
  const env = { KAFKA_BROKERS: engines.kafka.address, NAMESPACE: namespace, TOPIC: topic, TOPIC_PARTITIONS: String(partitions) };
  const admin = await openAdmin(engines.kafka.address);
  try {
    await putNotices(engines.kafka.address, namespace, messages);
    const start = (name: string, script: string, args: readonly string[] = []): Side => ({
      name,
      child: children.start({ name, script, env, nodeArgs: args }),
      rounds: [],
    });
    const ours = start('ours', 'test/bench/bus-reader.ts', nodeArgs);
    const bare = start('bare', 'test/bench/bare/batch-reader.ts');
    await Promise.all([ours, bare].map(({ child }) => child.ask(undefined)));
    for (const side of [ours, bare]) await read({ admin, namespace, side, round: 0, messages });
    for (let round = 1; round <= rounds; round += 1) {
      for (const side of [ours, bare]) {
        const costs = await read({ admin, namespace, side, round, messages });
        side.rounds.push(costs);
        say(`round ${round}: ${side.name} ${Math.round(costs.perSecond)}/s`);
      }
    }
    const title = `${rounds} rounds of ${messages} messages on ${partitions} partitions; median (lowest–highest)`;
    return {
      lines: [title, ...speedLines({ kind: 'messages read', unit: 'message', sides: { ours: ours.rounds, bare: bare.rounds }, goal })],
      figures: { ours: ours.rounds, bare: bare.rounds },
    };
  } finally {
    await admin.close();
  }
};
