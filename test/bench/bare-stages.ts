import { randomBytes } from 'node:crypto';
import type { Engines } from '../../scripts/engines/index.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { untilReady } from '../../scripts/start/watch.ts';
import type { Child, Children } from './children.ts';
import type { BenchAdmin } from './kafka.ts';
import { partitions } from './our-services.ts';

export const bareStageNames = ['scene', 'payments', 'ledger', 'bills-view', 'accounts-view'] as const;
export type BareStageName = (typeof bareStageNames)[number];

export type BareStages = {
  secret: string;
  port: number;
  database: string;
  topicOf: (name: string) => string;
  ingress: Child;
  stages: Map<BareStageName, Child>;
};

const sources: Record<BareStageName, { script: string; source: string; target?: string; view?: string }> = {
  scene: { script: 'scene', source: 'notices', target: 'bills' },
  payments: { script: 'payments', source: 'bills', target: 'payments' },
  ledger: { script: 'ledger', source: 'payments', target: 'entries' },
  'bills-view': { script: 'view', source: 'bills', view: 'bills' },
  'accounts-view': { script: 'view', source: 'bills', view: 'accounts' },
};

/** The same stages with Fastify, kafkajs and the driver alone: each a process, none of them imports anything of ours. */
export const startBareStages = async (engines: Engines, children: Children, admin: BenchAdmin): Promise<BareStages> => {
  const prefix = `bare-${randomBytes(4).toString('hex')}`;
  const topicOf = (name: string): string => `${prefix}.${name}`;
  for (const name of ['notices', 'bills', 'payments', 'entries']) await admin.createTopic(topicOf(name), partitions);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const KAFKA_BROKERS = engines.kafka.address;
  const port = (await freePorts(1))[0]!;
  const ingress = children.start({
    name: 'bare-ingress',
    script: 'test/bench/bare/ingress-batched.ts',
    env: { KAFKA_BROKERS, SECRET: secret, PORT: String(port), TOPIC: topicOf('notices') },
  });
  const stages = new Map<BareStageName, Child>();
  const ready = bareStageNames.map((name) => {
    const { script, source, target, view } = sources[name];
    const child = children.start({
      name: `bare-${name}`,
      script: `test/bench/bare/pipeline-${script}.ts`,
      env: {
        KAFKA_BROKERS,
        MONGO_URL: engines.mongo.address,
        DATABASE: prefix,
        SOURCE: topicOf(source),
        GROUP: topicOf(name),
        ...(target && { TARGET: topicOf(target) }),
        ...(view && { VIEW: view }),
      },
    });
    stages.set(name, child);
    return child.ask(undefined);
  });
  await Promise.all([...ready, untilReady([{ name: 'bare-ingress', url: `http://127.0.0.1:${port}` }], 60_000)]);
  return { secret, port, database: prefix, topicOf, ingress, stages };
};
