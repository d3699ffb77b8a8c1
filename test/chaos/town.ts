import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CredentialIssued } from '@scenefi/contracts';
import { rawBus } from '../../packages/testing/src/raw.ts';
import { openRegistry } from '../../scripts/operator/registry.ts';
import { type ServiceName, type Surroundings, services, spawnedOf } from '../../scripts/start/environment.ts';
import { type Spawned, superviseProcesses } from '../../scripts/start/processes.ts';
import { callbackOf } from '../../scripts/start/schools.ts';
import { secretsOf } from '../../scripts/start/settings.ts';
import { type Address, takeSnapshot, untilReady } from '../../scripts/start/watch.ts';
import type { Brokers } from './brokers.ts';
import type { Database } from './database.ts';
import { createFailPoints } from './fail-points.ts';
import { allOf, type Links, openLinks } from './links.ts';
import { steadyPorts } from './ports.ts';

export const namespace = 'chaos.';
const partitions = 3;
const readyTimeoutMs = 150_000;

/**
 * The demo's durations, but for those that plan how a bill ends: a lease, the wait of an early notice and the grace of a reversal
 * outlive every fault here, so that the end stays the planned one and the auditor can ask for exactly it.
 */
export const durations = {
  KEEP_EARLY_MS: '60000',
  LEASE_MS: '240000',
  WRITE_OFF_DEADLINE_MS: '30000',
  REVERSAL_GRACE_MS: '60000',
  CALLBACK_TIMEOUT_MS: '4000',
  DEBIT_STUCK_AFTER: '12',
  SESSION_TIMEOUT_MS: '6000',
} as const;

export type School = { partnerId: string; name: string; keyId: string; secret: string; onSilence: 'queue' | 'reverse' };

/** A school that also knows a key of its own which counts no more. */
export type Probed = School & { withdrawn: string };

type Parts = { folder: string; brokers: Brokers; database: Database; say: (line: string) => void };

/** A process: how it is started, where it answers, and its own ways to the engines. */
export type Citizen = { name: string; service: ServiceName; spawned: Spawned; url: string; links: Links };

/** Says once more that the key was issued, as an old repeat would: the revocation that stands before it must hold. */
const repeatIssue = async (brokers: readonly string[], keyId: string): Promise<void> => {
  const bus = await rawBus(namespace, brokers.join(','));
  const issued = (await bus.read(CredentialIssued.topic)).find(({ value }) => value?.includes(keyId));
  if (!issued) throw new Error(`the key ${keyId} was never issued`);
  await bus.send(CredentialIssued.topic, issued);
  await bus.close();
};

const boardSchools = async (
  { folder, brokers }: Parts,
  credentialKey: string,
  worldUrl: string,
): Promise<{ schools: School[]; probed: Probed }> => {
  const registry = await openRegistry({
    brokers: [...brokers.addresses],
    namespace,
    partitions,
    replication: brokers.addresses.length,
    credentialKey: Buffer.from(credentialKey, 'hex'),
  });
  const add = async (partnerId: string, name: string, onSilence: School['onSilence']): Promise<School> => {
    await registry.describe({ partnerId, name, scenes: ['campus'], callbackUrl: callbackOf(worldUrl, partnerId), onSilence });
    return { partnerId, name, onSilence, ...(await registry.issueKey(partnerId)) };
  };
  try {
    const schools = [await add('xinghe-primary', '星河区实验小学', 'queue'), await add('linjiang-middle', '临江第一中学', 'reverse')];
    writeFileSync(join(folder, 'schools.json'), JSON.stringify(schools), { mode: 0o600 });
    const probed = await add('beihu-vocational', '北湖职业技术学院', 'reverse');
    const { keyId, secret } = await registry.issueKey(probed.partnerId);
    await registry.revokeKey(probed.partnerId, keyId);
    await repeatIssue(brokers.addresses, keyId);
    return { schools, probed: { ...probed, withdrawn: secret } };
  } finally {
    await registry.close();
  }
};

/** Two of every service and one world around them, each process with its own ways to the engines. */
export const startTown = async (parts: Parts) => {
  const { folder, brokers, database, say } = parts;
  const secrets = secretsOf(folder);
  const failPoints = createFailPoints(folder);
  const processes = superviseProcesses(folder, say);
  const names = services.flatMap((service) => (service === 'sandbox-world' ? [service] : [service, `${service}-2`]));
  const ports = await steadyPorts(names.length);
  const addresses: Address[] = names.map((name, index) => ({ name, url: `http://127.0.0.1:${ports[index]!}` }));
  const urlOf = (name: string): string => addresses.find((address) => address.name === name)!.url;
  const partnersFile = join(folder, 'schools.json');
  const { probed } = await boardSchools(parts, secrets.credentialKey, urlOf('sandbox-world'));
  const ingressUrls = [urlOf('ingress'), urlOf('ingress-2')];

  const citizenOf = async (address: Address): Promise<Citizen> => {
    const service = services.find((known) => address.name === known || address.name === `${known}-2`)!;
    const links = await openLinks(brokers.addresses, database.address);
    const around: Surroundings = {
      kafkaBrokers: links.brokers.map((link) => link.address).join(','),
      mongoUrl: `mongodb://${links.database.address}/?directConnection=true`,
      namespace,
      dataDir: folder,
      secrets,
      partnersFile,
      urlOf,
      ingressUrls,
    };
    const spawned = spawnedOf(service, address, around);
    const env = { ...spawned.env, ...durations, ...failPoints.env, TOPIC_REPLICATION: String(brokers.addresses.length) };
    return { name: address.name, service, url: address.url, links, spawned: { ...spawned, env } };
  };
  const citizens: Citizen[] = [];
  for (const address of addresses) citizens.push(await citizenOf(address));
  const stop = async (): Promise<void> => {
    await processes.stop();
    for (const { links } of citizens) for (const link of allOf(links)) await link.close();
  };
  const allReady = (timeoutMs = readyTimeoutMs) => Promise.race([untilReady(addresses, timeoutMs), processes.failure]);
  try {
    for (const { spawned } of citizens) processes.start(spawned);
    await allReady();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    citizens,
    urlOf,
    ingressUrls,
    probed,
    partnersFile,
    failPoints,
    token: secrets.internalToken,
    addresses,
    signal: processes.signal,
    run: processes.run,
    failure: processes.failure,
    allReady,
    snapshot: () => takeSnapshot(addresses, secrets.internalToken),
    /** Every way as it was. */
    heal: (): void => {
      for (const { links } of citizens) for (const link of allOf(links)) link.heal();
    },
    stop,
  };
};
export type Town = Awaited<ReturnType<typeof startTown>>;
