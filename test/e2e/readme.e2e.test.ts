import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appUser } from './app-user.ts';
import { type Cluster, startCluster } from './cluster.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The code block of the README that starts with this comment. */
const example = (comment: string): string => {
  const start = readme.indexOf(comment);
  expect(start, `the README has "${comment}"`).toBeGreaterThan(0);
  return readme.slice(start, readme.indexOf('```', start));
};

let cluster: Cluster;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  cluster = await startCluster({ what: 'readme' });
  await cluster.registry.describe({ partnerId: 'my-school', name: '我的学校', scenes: ['campus'] });
  const { secret } = await cluster.registry.issueKey('my-school');
  env = { ...process.env, SECRET: secret, URL: cluster.ingressUrls[0]! };
});

afterAll(() => cluster.stop());

test('the first webhook of the README is taken as it stands there', async () => {
  // A key that was issued a moment ago is known to every ingress within seconds.
  await expect
    .poll(async () => (await run('bash', ['-c', example('# example: curl')], { env })).stdout, { timeout: 20_000, interval: 500 })
    .toBe('{"noticeId":"my-school:first-1"}');
});

/** Runs a script of the README as a file of its own; answers what it printed. */
const runExample = async (comment: string, more: Record<string, string>): Promise<string> => {
  const folder = join(root, '.data', 'readme-example');
  mkdirSync(folder, { recursive: true });
  try {
    const file = join(folder, 'example.mjs');
    writeFileSync(file, example(comment));
    return (await run(process.execPath, [file], { env: { ...env, ...more } })).stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('the example of the app pays that bill, and the one with standardwebhooks writes it off', async () => {
  await until('everybody has heard of the bill', async () => {
    const { bills, lag } = await cluster.snapshot();
    return bills.issued === 1 && lag === 0;
  });
  const [WORLD, GATEWAY] = [cluster.urlOf('sandbox-world'), cluster.urlOf('gateway')];
  const [paymentId, status] = (await runExample('// example: app', { WORLD, GATEWAY })).split(' ');
  expect(status).toBe('debited');

  expect(await runExample('// example: standardwebhooks', { PAYMENT_ID: paymentId! })).toBe('202 {"noticeId":"my-school:first-2"}');
  const user = await appUser(cluster, 'parent-of-xiaoming');
  await user.payment(paymentId!, 'settled');
  await cluster.untilQuiet();
  expect(await cluster.snapshot()).toMatchObject({
    bills: { 'written-off': 1 },
    payments: { settled: 1 },
    ledger: { entries: 2, balanced: true },
  });
});
