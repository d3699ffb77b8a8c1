import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './build-once.ts';
import { type Climb, EngineError } from './engine.ts';
import { findProgram, runTool } from './program.ts';
import { spoken, withProgress } from './progress.ts';

export const secantusVersion = '0.5.3-beta.196';

const findCargo = (env: NodeJS.ProcessEnv): string => {
  const cargo = findProgram('cargo', env);
  const compiler = ['cc', 'gcc', 'clang'].some((name) => findProgram(name, env));
  const missing = [
    ...(cargo ? [] : ['Rust (cargo)']),
    ...(findProgram('cmake', env) ? [] : ['cmake']),
    ...(compiler ? [] : ['a C compiler']),
  ];
  if (cargo && missing.length === 0) return cargo;
  throw new EngineError(
    `There is no MongoDB to use: install Docker, or mongod, or ${missing.join(' and ')} to build a stand-in for it, or set MONGO_URL.`,
  );
};

const complaint = (output: string[]): string => output.find((line) => line.startsWith('error')) ?? output.at(-1) ?? 'it said nothing';

/** The program that speaks MongoDB's protocol where there is no mongod, built by cargo the first time. */
export const secantus = async ({ cacheDir, env, say, signal }: Climb): Promise<string> => {
  const name = `secantus-${secantusVersion}`;
  // The half-done work of an interrupted build stays here, so that the next one goes on from it.
  const target = join(cacheDir, `${name}.target`);
  const make = async (draft: string): Promise<void> => {
    const cargo = findCargo(env);
    mkdirSync(target, { recursive: true });
    say('Building the MongoDB engine with cargo; this happens once and takes about 4–12 min.');
    let compiled = 0;
    const fixed = ['--locked', '--ignore-rust-version', '--version', secantusVersion];
    const { exitCode, output } = await withProgress(
      20_000,
      say,
      (elapsedMs) => `Building the MongoDB engine: ${compiled} crates compiled, ${spoken(elapsedMs)} so far, about 4–12 min in all.`,
      () =>
        runTool({
          file: cargo,
          args: ['install', 'secantus-mdb', ...fixed, '--root', draft],
          cwd: draft,
          env: { ...env, CARGO_TARGET_DIR: target, CARGO_TERM_COLOR: 'never', CARGO_TERM_PROGRESS_WHEN: 'never' },
          signal,
          onLine: (line) => {
            if (/^\s*Compiling /.test(line)) compiled++;
          },
        }),
    );
    if (exitCode !== 0) {
      const logPath = join(cacheDir, `${name}.log`);
      writeFileSync(logPath, output.join('\n'));
      throw new EngineError(`The MongoDB engine could not be built: "${complaint(output)}" (log: ${logPath}).`);
    }
    rmSync(target, { recursive: true, force: true });
  };
  const folder = await buildOnce({ cacheDir, name, what: 'the MongoDB engine', say, signal, make });
  return join(folder, 'bin', 'secantusd-rs');
};
