import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildOnce } from '../../scripts/engines/build-once.ts';
import { findProgram, runTool } from '../../scripts/engines/program.ts';
import { spoken, withProgress } from '../../scripts/engines/progress.ts';

export const schemathesisVersion = '4.32.5';
const constraints = join(import.meta.dirname, 'constraints.txt');
const cacheOf = (env: NodeJS.ProcessEnv): string => join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'scenefi');

/** Something that whoever runs the command can mend; the message says how. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError';
}

export type Surroundings = { env: NodeJS.ProcessEnv; say: (line: string) => void; signal: AbortSignal };

const findPython = async ({ env, signal }: Surroundings): Promise<string> => {
  const python = findProgram('python3', env);
  if (!python) throw new FuzzError('There is no python3 on PATH: install Python 3.11 or later, then run the same command again.');
  const fits = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'];
  const { exitCode } = await runTool({ file: python, args: fits, env, signal });
  if (exitCode === 0) return python;
  throw new FuzzError(
    `${python} is older than 3.11 or has no venv: install Python 3.11 or later with venv, then run the same command again.`,
  );
};

/** The Python of schemathesis' own virtual environment, made once per machine. */
export const acquireSchemathesis = async (around: Surroundings): Promise<string> => {
  const { env, say, signal } = around;
  const cacheDir = cacheOf(env);
  const name = `schemathesis-${schemathesisVersion}`;
  const make = async (draft: string): Promise<void> => {
    const python = await findPython(around);
    say(`Installing schemathesis ${schemathesisVersion}; this happens once and takes about half a minute.`);
    const output: string[] = [];
    const step = async (file: string, args: string[]): Promise<void> => {
      const ran = await runTool({ file, args, env, signal });
      output.push(...ran.output);
      if (ran.exitCode === 0) return;
      const logPath = join(cacheDir, `${name}.log`);
      writeFileSync(logPath, output.join('\n'));
      throw new FuzzError(`schemathesis could not be installed: "${output.at(-1) ?? 'it said nothing'}" (log: ${logPath}).`);
    };
    const line = (elapsedMs: number): string => `Installing schemathesis: ${spoken(elapsedMs)} so far.`;
    await withProgress(10_000, say, line, async () => {
      await step(python, ['-m', 'venv', draft]);
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--constraint', constraints];
      await step(join(draft, 'bin', 'python'), [...install, `schemathesis==${schemathesisVersion}`]);
    });
    rmSync(join(cacheDir, `${name}.log`), { force: true });
  };
  const folder = await buildOnce({ cacheDir, name, what: 'schemathesis', say, signal, make });
  // Its scripts name the folder in which they were made; the interpreter finds its own.
  return join(folder, 'bin', 'python');
};
