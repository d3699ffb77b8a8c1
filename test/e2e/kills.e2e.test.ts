import { join } from 'node:path';
import { rawBus, rawDatabase } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from './cluster.ts';
import { killAtSeededMoments } from './killer.ts';

const seed = Number(process.env.SEED ?? 20_261_122);
const billsPerSecond = '80';
/** Some of the bills are paid in the app; each is many steps, where a school's payment is one. */
const appShare = '0.05';
/** What grows while a service works, by its database; ingress and the simulated world have none. */
const collections: Record<string, [database: string, collection: string]> = {
  campus: ['campus', 'bills'],
  payments: ['payments', 'payments'],
  ledger: ['ledger', 'entries'],
  profiles: ['profiles', 'customers'],
  notifier: ['notifier', 'mailboxes'],
  gateway: ['gateway-g1', 'bills'],
};
const names = ['ingress', ...Object.keys(collections), 'sandbox-world'];
let cluster: Cluster;
const databases = new Map<string, Awaited<ReturnType<typeof rawDatabase>>>();

beforeAll(async () => {
  // A lease, and the grace of a reversal, outlive every kill, so that how a bill ends stays planned: a letter whose sender
  // was killed goes out again after four times the patience with a callback, and others wait behind it.
  const env = { SESSION_TIMEOUT_MS: '6000', LEASE_MS: '60000', REVERSAL_GRACE_MS: '30000', CALLBACK_TIMEOUT_MS: '4000' };
  cluster = await startCluster({ what: 'kills', keepEarlyMs: 30_000, replicas: { ingress: 2 }, env });
  for (const [name, [database]] of Object.entries(collections)) databases.set(name, await rawDatabase(cluster.prefix, database));
});

afterAll(async () => {
  for (const { close } of databases.values()) await close();
  await cluster.stop();
});

/** The documents of a service; ingress has none. */
const progress = async (name: string): Promise<number | undefined> =>
  databases.get(name)?.db.collection(collections[name]![1]).countDocuments({});

const isReady = async (name: string): Promise<boolean> => {
  const answer = await fetch(`${cluster.urlOf(name)}/health/ready`).catch(() => undefined);
  return answer?.ok ?? false;
};

/** How often facts stand on their topics again: each repeat is a message that was delivered again, or a process that did not know. */
const repeatsOn = async (topic: string): Promise<number> => {
  const bus = await rawBus(cluster.prefix);
  const ids = (await bus.read(topic)).map(({ headers }) => headers.ce_id);
  await bus.close();
  return ids.length - new Set(ids).size;
};

test(`killing every service three times under load leaves the same books (seed ${seed})`, { timeout: 600_000 }, async () => {
  const journalFile = join(cluster.folder, 'journal.jsonl');
  const schools = cluster.runSchools({
    INGRESS_URLS: cluster.ingressUrls.join(','),
    JOURNAL_FILE: journalFile,
    SEED: String(seed),
    MODE: 'steady',
    DUE_SOON_MS: '5000',
    RATE_PER_SECOND: billsPerSecond,
    APP_SHARE: appShare,
  });
  const killed = await killAtSeededMoments({ seed, names, timesEach: 3, signal: cluster.signal, ready: isReady, progress });
  expect(killed).toBe(3 * names.length);
  await cluster.untilReady();
  await cluster.untilDrained();
  cluster.signal('sandbox', 'SIGTERM');
  expect(await schools, 'the schools sent until the end and got every answer').toEqual([]);
  await cluster.untilReady();
  expect(await cluster.untilQuiet(240_000)).toBe(true);
  const report = await cluster.audit(journalFile);
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ ok: true, lost: 0, doubled: 0, parked: 0, ledger: { balanced: true, sumFen: 0 } });
  const repeats = await Promise.all(['campus.bill.v1', 'payments.payment.v1', 'ledger.entry.v1'].map(repeatsOn));
  process.stdout.write(`facts that stand on a topic again: campus ${repeats[0]}, payments ${repeats[1]}, ledger ${repeats[2]}\n`);
  expect(repeats.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
});
