import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddresses } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const firstPort = '8960';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scenefi-start-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { code: number; stdout: string; stderr: string };

/** npm start as a user runs it, on the engines of this test run. */
const start = (...args: string[]): Promise<Ended> => {
  const { kafkaBrokers, mongoUrl } = engineAddresses();
  const env = { ...process.env, KAFKA_BROKERS: kafkaBrokers, MONGO_URL: mongoUrl, DATA_DIR: folder };
  const command = [join(root, 'scripts', 'bootstrap.mjs'), 'start', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root, env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
};

test('npm start -- --once ends well, and its last line is the summary', async () => {
  const { code, stdout, stderr } = await start('--once', '--json', '--bills', '240', '--seed', '3', '--port', firstPort);
  expect(stderr).toContain('all as planned');
  expect(code).toBe(0);
  const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  expect(summary).toMatchObject({ ok: true, lost: 0, doubled: 0, parked: 0, ledger: { sumFen: 0, balanced: true } });
  expect(Object.values<number>(summary.bills).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(200);
  expect(Object.keys(summary)).toEqual(
    expect.arrayContaining([
      'ok',
      'seconds',
      'engines',
      'notices',
      'bills',
      'payments',
      'deadLetters',
      'parked',
      'ledger',
      'lost',
      'doubled',
    ]),
  );
});

test.each([
  [['--bils', '3'], /--bils/],
  [['--bills', 'many'], /--bills wants a whole number from 200/],
  [['--seed', '-1'], /--seed/],
])('npm start -- %s is refused with one sentence', async (args, sentence) => {
  const { code, stderr } = await start(...args);
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(sentence);
});

test('a busy port is named in one sentence, before anything is started', async () => {
  const holder: Server = createServer();
  await new Promise<void>((resolve) => holder.listen(Number(firstPort) + 2, '127.0.0.1', resolve));
  try {
    const { code, stderr } = await start('--once', '--port', firstPort);
    expect(code).toBe(1);
    expect(stderr.trim()).toBe(`port ${Number(firstPort) + 2} is busy; end what holds it, or choose others with --port`);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});
