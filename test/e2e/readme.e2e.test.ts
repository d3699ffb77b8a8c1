import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  await cluster.registry.describe('my-school', '我的学校', ['campus']);
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

test('the example with standardwebhooks pays that bill', async () => {
  const folder = join(root, '.data', 'readme-example');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, 'example.mjs'), example('// example: standardwebhooks'));
    const { stdout } = await run(process.execPath, [join(folder, 'example.mjs')], { env });
    expect(stdout.trim()).toBe('202 {"noticeId":"my-school:first-2"}');
  } finally {
    rmSync(folder, { recursive: true });
  }
  await cluster.untilQuiet();
  expect(await cluster.snapshot()).toMatchObject({
    bills: { 'paid-elsewhere': 1 },
    payments: { recorded: 1 },
    ledger: { entries: 1, balanced: true },
  });
});
