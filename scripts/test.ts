import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => (name === process.execPath ? name : join(root, 'node_modules', '.bin', name));
const reportFolder = join(root, '.data', 'test');

type Count = { passed: number; failed: number };

let running: ChildProcess | undefined;
let stopped = false;

/** Runs a tool with its output passed on; answers its exit code. Its group is its own, so that one signal reaches all it started. */
const run = (command: string, args: string[], env = process.env): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], detached: true, env });
    running = child;
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** As a terminal's Ctrl-C does: whatever runs takes down its engines and services; asked again, it is killed. */
const stop = (): void => {
  const group = running?.pid;
  if (group !== undefined && running?.exitCode === null) process.kill(-group, stopped ? 'SIGKILL' : 'SIGINT');
  stopped = true;
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

const countOf = (code: number): Count => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

/** A tool that either agrees or does not counts as one test. */
const tool =
  (name: string, ...args: string[]) =>
  async (): Promise<Count> =>
    countOf(await run(bin(name), args));

/** Chaos kills its engines, and so never those that somebody gives to the other lanes. */
const chaos = async (): Promise<Count> => {
  const { KAFKA_BROKERS: _kafka, MONGO_URL: _mongo, ...env } = process.env;
  return countOf(await run(process.execPath, [join('scripts', 'chaos.ts'), '--minutes', '2', '--seed', '1'], env));
};

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  success: z.boolean(),
});

/** A lane of vitest; a file that cannot even be loaded counts as failed, and so does a lane that ran nothing. */
const lane = (project: string) => async (): Promise<Count> => {
  const report = join(reportFolder, `${project}.json`);
  mkdirSync(reportFolder, { recursive: true });
  rmSync(report, { force: true });
  const code = await run(process.execPath, [
    vitest,
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const { numPassedTests: passed, numFailedTests } = VitestReport.parse(JSON.parse(readFileSync(report, 'utf8')));
    const failed = code === 0 ? numFailedTests : Math.max(numFailedTests, 1);
    return passed + failed === 0 ? { passed: 0, failed: 1 } : { passed, failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
};

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

const lanes: Record<string, () => Promise<Count>> = {
  lint: tool('biome', 'ci', '.'),
  typecheck: tool('tsc', '-p', 'tsconfig.json'),
  arch: lane('arch'),
  unit: lane('unit'),
  docs: lane('docs'),
  sim: tool(process.execPath, join('scripts', 'sim.ts'), '--seeds', '2000'),
  int: lane('int'),
  e2e: lane('e2e'),
  fuzz: tool(process.execPath, join('scripts', 'fuzz.ts'), '--seed', '1', '--examples', '5'),
  chaos,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in lanes));
if (unknown !== undefined) {
  process.stderr.write(`there is no lane ${unknown}; the lanes are ${Object.keys(lanes).join(', ')}\n`);
  process.exit(2);
}

const total: Count = { passed: 0, failed: 0 };
for (const name of wanted.length > 0 ? wanted : Object.keys(lanes)) {
  const startedAt = Date.now();
  const { passed, failed } = await lanes[name]!();
  total.passed += passed;
  total.failed += failed;
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
  if (stopped) {
    process.stderr.write(`stopped in the lane ${name}\n`);
    process.exit(130);
  }
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
