import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engines } from '../../scripts/engines/index.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { openRegistry } from '../../scripts/operator/registry.ts';
import { type ServiceName, type Surroundings, services, spawnedOf } from '../../scripts/start/environment.ts';
import { callbackOf } from '../../scripts/start/schools.ts';
import { demoProfile } from '../../scripts/start/settings.ts';
import { untilReady } from '../../scripts/start/watch.ts';
import type { Child, Children } from './children.ts';

export const partitions = 3;
export const partnerId = 'xinghe-primary';
const readyMs = 120_000;

/** The demo's durations are for eyes; a bench runs by the bank's own. Customers pay more a day than people do. */
const withoutDemo = (env: Record<string, string>): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !(name in demoProfile))),
  TOPIC_PARTITIONS: String(partitions),
  TOPIC_REPLICATION: '1',
  PER_DAY_MAX_FEN: '1000000000',
  REQUESTS_PER_SECOND: '1000',
});

export type OurServices = {
  namespace: string;
  secret: string;
  urlOf: (name: ServiceName) => string;
  portOf: (name: ServiceName) => number;
  databaseOf: (service: string) => string;
  children: Map<ServiceName, Child>;
  /** Starts one of them again, after it was ended. */
  start: (name: ServiceName) => Child;
  metricsOf: (name: ServiceName) => Promise<string>;
};

type Parts = { engines: Engines; children: Children; dataDir: string; nodeArgs: readonly string[] };

/** The school is brought on board by the operator's commands, as in production; the world gets its secret in a file. */
const onBoard = async (engines: Engines, namespace: string, credentialKey: Buffer, worldUrl: string) => {
  const brokers = engines.kafka.address.split(',');
  const registry = await openRegistry({ brokers, namespace, partitions, replication: 1, credentialKey });
  const name = '星河区实验小学';
  await registry.describe({ partnerId, name, scenes: ['campus'], callbackUrl: callbackOf(worldUrl, partnerId), onSilence: 'queue' });
  const key = await registry.issueKey(partnerId);
  await registry.close();
  return { partnerId, name, onSilence: 'queue', ...key };
};

/** Every service as `npm start` spawns it, with the simulated world around them, and nobody who sends traffic. */
export const startOurServices = async ({ engines, children, dataDir, nodeArgs }: Parts): Promise<OurServices> => {
  const namespace = `bench-${randomBytes(4).toString('hex')}.`;
  const folder = join(dataDir, namespace);
  mkdirSync(folder, { recursive: true });
  const hex = (): string => randomBytes(32).toString('hex');
  const secrets = { credentialKey: hex(), idKey: hex(), internalToken: hex(), bankToken: hex() };
  const ports = await freePorts(services.length);
  const portOf = (name: ServiceName): number => ports[services.indexOf(name)]!;
  const urlOf = (name: ServiceName): string => `http://127.0.0.1:${portOf(name)}`;
  const school = await onBoard(engines, namespace, Buffer.from(secrets.credentialKey, 'hex'), urlOf('sandbox-world'));
  const partnersFile = join(folder, 'schools.json');
  writeFileSync(partnersFile, JSON.stringify([school]), { mode: 0o600 });
  const around: Surroundings = {
    kafkaBrokers: engines.kafka.address,
    mongoUrl: engines.mongo.address,
    namespace,
    dataDir: folder,
    secrets,
    partnersFile,
    urlOf,
    ingressUrls: [urlOf('ingress')],
  };
  const started = new Map<ServiceName, Child>();
  const start = (name: ServiceName): Child => {
    const { service, entry = 'main', env } = spawnedOf(name, { name, url: urlOf(name) }, around);
    const child = children.start({ name, script: `services/${service}/src/${entry}.ts`, env: withoutDemo(env), nodeArgs });
    started.set(name, child);
    return child;
  };
  for (const name of services) start(name);
  await untilReady(
    services.map((name) => ({ name, url: urlOf(name) })),
    readyMs,
  );
  return {
    namespace,
    secret: school.secret,
    urlOf,
    portOf,
    databaseOf: (service) => `${namespace.replaceAll('.', '-')}${service}`,
    children: started,
    start,
    metricsOf: async (name) => (await fetch(`${urlOf(name)}/metrics`)).text(),
  };
};
