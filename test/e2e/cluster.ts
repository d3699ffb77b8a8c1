import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSecret, signWebhook } from '@scenefi/http';
import { engineAddresses, namespace } from '@scenefi/testing/engines';
import { freePorts } from '../../scripts/engines/ports.ts';
import { openRegistry } from '../../scripts/operator/registry.ts';
import { databases, type ServiceName, type Surroundings, services, spawnedOf } from '../../scripts/start/environment.ts';
import { superviseProcesses } from '../../scripts/start/processes.ts';
import { callbackOf } from '../../scripts/start/schools.ts';
import { type Address, takeSnapshot, untilDrained, untilQuiet, untilReady } from '../../scripts/start/watch.ts';
import { audit } from '../audit/audit.ts';

export const credentialKey = Buffer.alloc(32, 7);
export const internalToken = 'a-token-for-tests-only';
const secrets = {
  credentialKey: credentialKey.toString('hex'),
  idKey: Buffer.alloc(32, 9).toString('hex'),
  internalToken,
  bankToken: 'a-token-of-the-core-bank',
};

export type School = { partnerId: string; name: string; keyId: string; secret: string; onSilence: 'queue' | 'reverse' };

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

  const addresses: Address[] = [];
  const spawns: (() => void)[] = [];
  const urlOf = (name: string): string => addresses.find((address) => address.name === name)!.url;
  const partnersFile = join(folder, 'schools.json');
  for (const service of services) {
    for (let replica = 1; replica <= (replicas[service] ?? 1); replica += 1) {
      const name = replica === 1 ? service : `${service}-${replica}`;
      const address = { name, url: `http://127.0.0.1:${(await freePorts(1))[0]!}` };
      addresses.push(address);
      spawns.push(() => {
        const spawned = spawnedOf(service, address, around);
        processes.start({ ...spawned, env: { ...spawned.env, KEEP_EARLY_MS: String(keepEarlyMs), ...env } });
      });
    }
  }
  const ingressUrls = addresses.filter(({ name }) => /^ingress(-\d+)?$/.test(name)).map(({ url }) => url);
  const around: Surroundings = {
    kafkaBrokers,
    mongoUrl,
    namespace: prefix,
    dataDir: folder,
    secrets,
    partnersFile,
    urlOf: (name: ServiceName) => urlOf(name),
    ingressUrls,
  };
  const addSchool = async (partnerId: string, name: string, onSilence: 'queue' | 'reverse'): Promise<School> => {
    await registry.describe({ partnerId, name, scenes: ['campus'], callbackUrl: callbackOf(urlOf('sandbox-world'), partnerId), onSilence });
    return { partnerId, name, onSilence, ...(await registry.issueKey(partnerId)) };
  };
  const schools = [
    await addSchool('xinghe-primary', '星河区实验小学', 'queue'),
    await addSchool('linjiang-middle', '临江第一中学', 'reverse'),
  ];
  writeFileSync(partnersFile, JSON.stringify(schools));
  for (const spawn of spawns) spawn();
  await Promise.race([untilReady(addresses, 60_000), processes.failure]);
  const main = addresses.filter(({ name }) => services.some((service) => service === name));
  const snapshot = () => takeSnapshot(main, internalToken);

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
    ingressUrls,
    /** The core bank's own file. */
    bankFile: join(folder, 'bank.jsonl'),
    signal: processes.signal,
    untilReady: () => untilReady(addresses, 60_000),
    snapshot,
    /** Waits for a while until what has piled up is worked off, under traffic. */
    untilDrained: () => untilDrained(snapshot, { lagMax: 30, timeoutMs: 30_000 }),
    untilQuiet: (timeoutMs = 120_000) =>
      untilQuiet({
        addresses: main,
        token: internalToken,
        mongoUrl,
        databases: databases.map((name) => prefix.replaceAll('.', '-') + name),
        horizonMs: keepEarlyMs + 7_000,
        timeoutMs,
      }),
    /** Runs the simulated schools to their end; answers what was wrong. */
    runSchools: (settings: Record<string, string>) =>
      processes.run({
        name: 'sandbox',
        service: 'sandbox',
        env: {
          GATEWAY_URL: urlOf('gateway'),
          WORLD_URL: urlOf('sandbox-world'),
          STOP_TIMEOUT_MS: '60000',
          ...settings,
          PARTNERS_FILE: partnersFile,
        },
      }),
    /** Compares the journal of the traffic with log, databases, core bank and schools. */
    audit: (journalFile: string) =>
      audit({
        brokers: kafkaBrokers,
        mongoUrl,
        namespace: prefix,
        journalFile,
        bankFile: join(folder, 'bank.jsonl'),
        schoolsFile: join(folder, 'schools.jsonl'),
      }),
    stop: async (): Promise<void> => {
      await processes.stop();
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export type Posted = { status: number; body: unknown; headers: Headers };
type Post = {
  url: string;
  school: Pick<School, 'partnerId' | 'secret'>;
  id: string;
  type: string;
  data: object;
  atS?: number;
  to?: 'notices' | 'questions';
};

/** Posts one notice, or one question, signed as a school would. */
export const postNotice = async ({ url, school, id, type, data, atS, to = 'notices' }: Post): Promise<Posted> => {
  const timestampS = atS ?? Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ type, timestamp: new Date(timestampS * 1000).toISOString(), data });
  const response = await fetch(`${url}/v1/partners/${school.partnerId}/${to}`, {
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
