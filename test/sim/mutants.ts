import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'test', 'mutants');
const copied = ['packages', 'services', 'scripts', 'test', 'package.json'];

/** Every mutant there is: a patch that breaks one rule of our own code. */
export const mutants = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .map((name) => basename(name, '.patch'))
    .sort();

/** What a mutant breaks: the words before its first hunk. */
export const aboutMutant = (name: string): string =>
  readFileSync(join(folder, `${name}.patch`), 'utf8')
    .split('\ndiff ')[0]!
    .trim();

/** A copy of the tree whose packages find each other in the copy, and everything else where it is installed. */
const copyTree = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'scenefi-mutant-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@scenefi'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@scenefi') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(copy, 'packages'))) {
    if (existsSync(join(copy, 'packages', name, 'package.json')))
      symlinkSync(join(copy, 'packages', name), join(modules, '@scenefi', name));
  }
  return copy;
};

const Report = z.object({
  seeds: z.number(),
  seconds: z.number(),
  failures: z.array(z.object({ seed: z.number(), invariant: z.string(), what: z.string() })),
});

/** `seconds` of a processor; `seeds` up to the one that failed. */
export type Caught = { name: string; seeds: number; seconds: number; seed?: number; invariant?: string; what?: string };

/** Applies one mutant to a copy of the tree and runs seeds there until one fails. */
export const runMutant = (name: string, { from, seeds }: { from: number; seeds: number }): Caught => {
  const copy = copyTree();
  try {
    const applied = spawnSync('git', ['apply', join(folder, `${name}.patch`)], { cwd: copy, encoding: 'utf8' });
    if (applied.status !== 0) throw new Error(`the mutant ${name} does not fit the code any more: ${applied.stderr.trim()}`);
    const args = ['scripts/sim.ts', '--from', String(from), '--seeds', String(seeds), '--json'];
    const run = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const report = Report.safeParse(JSON.parse(run.stdout.trim().split('\n').at(-1) || 'null'));
    if (!report.success) throw new Error(`the mutant ${name} did not run: ${run.stderr.slice(0, 500)}`);
    const [failure] = report.data.failures;
    const ran = failure ? failure.seed - from + 1 : report.data.seeds;
    return { name, seeds: ran, seconds: report.data.seconds, ...failure };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};
