import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSecret, signWebhook } from '@scenefi/http';
import { engineAddresses, namespace } from '@scenefi/testing/engines';
import { freePorts } from '../../scripts/engines/ports.ts';
import { openRegistry } from '../../scripts/operator/registry.ts';
import { superviseProcesses } from '../../scripts/start/processes.ts';
import { demoProfile } from '../../scripts/start/settings.ts';
import { type Address, takeSnapshot, untilQuiet, untilReady } from '../../scripts/start/watch.ts';

export const credentialKey = Buffer.alloc(32, 7);
export const internalToken = 'a-token-for-tests-only';
const databases = ['campus', 'payments', 'ledger'];

export type School = { partnerId: string; name: string; keyId: string; secret: string };

/** Settings of one test's cluster that differ from the demo's: how many replicas, and which environment. */
export type ClusterOptions = {
  what: string;
  replicas?: Partial<Record<string, number>>;
  env?: Record<string, string>;
  /** How long early notices wait: longer than any fault of the test keeps a school from sending. */
  keepEarlyMs?: number;
  /** Engines of its own, for a test that takes them away. */
  engines?: { kafkaBrokers: string; mongoUrl: string };
};

/** Real processes of every service on the shared engines, in a namespace and a folder of their own. */
export const startCluster = async ({ what, replicas = {}, env = {}, keepEarlyMs = 8_000, engines = engineAddresses() }: ClusterOptions) => {
  const { kafkaBrokers, mongoUrl } = engines;
  const prefix = namespace(what);
  const folder = mkdtempSync(join(tmpdir(), `scenefi-${what}-`));
  const said: string[] = [];
  const processes = superviseProcesses(folder, (line) => said.push(line));
  const registry = await openRegistry({
    brokers: kafkaBrokers.split(','),
    namespace: prefix,
    partitions: 3,
    replication: 1,
    credentialKey,
  });

  const addSchool = async (partnerId: string, name: string): Promise<School> => {
    await registry.describe(partnerId, name, ['campus']);
    return { partnerId, name, ...(await registry.issueKey(partnerId)) };
  };
  const schools = [await addSchool('xinghe-primary', '星河区实验小学'), await addSchool('linjiang-middle', '临江第一中学')];
  const partnersFile = join(folder, 'schools.json');
  writeFileSync(partnersFile, JSON.stringify(schools));

  const common = {
    ...demoProfile,
    KAFKA_BROKERS: kafkaBrokers,
    MONGO_URL: mongoUrl,
    NAMESPACE: prefix,
    INTERNAL_TOKEN: internalToken,
    CREDENTIAL_KEY: credentialKey.toString('hex'),
    ID_KEY: Buffer.alloc(32, 9).toString('hex'),
    KEEP_EARLY_MS: String(keepEarlyMs),
    ...env,
  };
  const addresses: Address[] = [];
  for (const service of ['ingress', ...databases]) {
    for (let replica = 1; replica <= (replicas[service] ?? 1); replica += 1) {
      const name = replica === 1 ? service : `${service}-${replica}`;
      const port = (await freePorts(1))[0]!;
      addresses.push({ name, url: `http://127.0.0.1:${port}` });
      processes.start({ name, service, env: { ...common, PORT: String(port) } });
    }
  }
  await Promise.race([untilReady(addresses, 60_000), processes.failure]);
  const urlOf = (name: string): string => addresses.find((address) => address.name === name)!.url;
  const main = addresses.filter(({ name }) => !name.includes('-'));

  return {
    prefix,
    folder,
    said,
    schools,
    registry,
    partnersFile,
    brokers: kafkaBrokers,
    mongoUrl,
    urlOf,
    ingressUrls: addresses.filter(({ name }) => name.startsWith('ingress')).map(({ url }) => url),
    signal: processes.signal,
    untilReady: () => untilReady(addresses, 60_000),
    snapshot: () => takeSnapshot(main, internalToken),
    untilQuiet: (timeoutMs = 120_000) =>
      untilQuiet({
        addresses: main,
        token: internalToken,
        mongoUrl,
        databases: databases.map((name) => prefix.replaceAll('.', '-') + name),
        horizonMs: keepEarlyMs + 7_000,
        timeoutMs,
      }),
    /** Runs the simulated schools to their end; answers their exit code. */
    runSchools: (settings: Record<string, string>) =>
      processes.run({ name: 'sandbox', service: 'sandbox', env: { ...settings, PARTNERS_FILE: partnersFile } }),
    stop: async (): Promise<void> => {
      await processes.stop();
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export type Posted = { status: number; body: unknown; headers: Headers };
type Post = { url: string; school: Pick<School, 'partnerId' | 'secret'>; id: string; type: string; data: object; atS?: number };

/** Posts one notice, signed as a school would. */
export const postNotice = async ({ url, school, id, type, data, atS }: Post): Promise<Posted> => {
  const timestampS = atS ?? Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ type, timestamp: new Date(timestampS * 1000).toISOString(), data });
  const response = await fetch(`${url}/v1/partners/${school.partnerId}/notices`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signWebhook({ secret: parseSecret(school.secret), id, timestampS, body }),
    },
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
};
