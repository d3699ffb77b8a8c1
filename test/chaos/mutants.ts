import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** Those of the simulation can be tried here, too. */
const folders = [join(root, 'test', 'mutants', 'chaos'), join(root, 'test', 'mutants')];
const copied = ['packages', 'services', 'scripts', 'test', 'infra', 'package.json'];

const patchesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).flatMap((name) => (name.endsWith('.patch') ? [basename(name, '.patch')] : [])) : [];

export const mutants = (): string[] => [...new Set(folders.flatMap(patchesIn))].sort();

const patchOf = (name: string): string => folders.map((folder) => join(folder, `${name}.patch`)).find(existsSync)!;

/** What a mutant breaks: the words before its first hunk. */
export const aboutMutant = (name: string): string => readFileSync(patchOf(name), 'utf8').split('\ndiff ')[0]!.trim();

/** A copy of the tree whose packages find each other in the copy, and everything else where it is installed. */
const copyTree = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'scenefi-mutant-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@scenefi'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '@scenefi') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const name of readdirSync(join(copy, 'packages')))
    if (existsSync(join(copy, 'packages', name, 'package.json')))
      symlinkSync(join(copy, 'packages', name), join(modules, '@scenefi', name));
  return copy;
};

/** Runs chaos on a tree with one rule broken; answers its exit code, which is 1 where the mutant was caught. */
export const runMutant = async (name: string, args: readonly string[], signal: AbortSignal): Promise<number> => {
  const copy = copyTree();
  try {
    const applied = spawnSync('git', ['apply', patchOf(name)], { cwd: copy, encoding: 'utf8' });
    if (applied.status !== 0) throw new Error(`the mutant ${name} does not fit the code any more: ${applied.stderr.trim()}`);
    const child = spawn(process.execPath, ['scripts/chaos.ts', ...args], { cwd: copy, stdio: 'inherit', detached: true });
    const end = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', end);
    return await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 130)));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};
