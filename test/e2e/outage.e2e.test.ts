import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireEngines, type Engines } from '../../scripts/engines/index.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { holdProcess } from './killer.ts';

/** A minute is the promise; the lane of every run is shorter: OUTAGE_MS=60000 npm run e2e proves the whole. */
const outageMs = Number(process.env.OUTAGE_MS ?? 8_000);
const bills = '500';
let engines: Engines;
let cluster: Cluster;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scenefi-outage-engines-'));
  const { KAFKA_BROKERS: _brokers, MONGO_URL: _url, ...env } = process.env;
  engines = await acquireEngines({ dataDir: folder, say: () => undefined, env });
  const addresses = { kafkaBrokers: engines.kafka.address, mongoUrl: engines.mongo.address };
  // What plans how a bill ends outlives the outage.
  const durations = { LEASE_MS: String(outageMs + 15_000), REVERSAL_GRACE_MS: String(outageMs + 4_000) };
  cluster = await startCluster({ what: 'outage', keepEarlyMs: outageMs + 15_000, engines: addresses, env: durations });
});

afterAll(async () => {
  await cluster.stop();
  await engines.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pidOf = (engine: 'kafka' | 'mongo'): number => {
  const { pid } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))[engine];
  if (typeof pid !== 'number') throw new Error(`${engine} is no process of this test; it needs native engines`);
  return pid;
};

test.each(['kafka', 'mongo'] as const)(
  `${outageMs / 1000} s without %s under load: nothing is lost, nothing dead-lettered, and it goes on by itself`,
  { timeout: 240_000 + 2 * outageMs },
  async (engine) => {
    const journalFile = join(cluster.folder, `${engine}.jsonl`);
    const settings = { JOURNAL_FILE: journalFile, SEED: '7', BILLS: bills, MODE: 'once', DUE_SOON_MS: '5000', RATE_PER_SECOND: '1' };
    const before = await cluster.snapshot();
    const schools = cluster.runSchools({ ...settings, INGRESS_URLS: cluster.ingressUrls.join(',') });
    const entries = async () => (await cluster.snapshot().catch(() => before)).ledger.entries;
    await until('the traffic flows', async () => (await entries()) > before.ledger.entries + 10);
    await holdProcess(pidOf(engine), outageMs);
    expect(await schools).toEqual([]);
    await cluster.untilReady();
    expect(await cluster.untilQuiet(180_000)).toBe(true);
    const report = await cluster.audit(journalFile);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ ok: true, lost: 0, doubled: 0, parked: 0 });
    expect(cluster.said, 'no process died of the outage').toEqual([]);
  },
);
