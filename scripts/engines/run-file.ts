import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { EngineError, type EngineName, type Rung } from './engine.ts';
import { alive, commandOf, self, tryLock } from './pid-lock.mjs';
import { endProcess } from './program.ts';

const Noted = z.object({
  rung: z.string().optional(),
  address: z.string().optional(),
  about: z.string().optional(),
  ports: z.array(z.number()).optional(),
  pid: z.number().optional(),
  started: z.string().optional(),
});
type Noted = z.infer<typeof Noted>;

const RunFile = z.object({
  owner: z.object({ pid: z.number(), started: z.string() }).optional(),
  kafka: Noted.optional(),
  mongo: Noted.optional(),
});
type RunFile = z.infer<typeof RunFile>;

/** One run in one data folder: its note of engines in `run.json`, and the lock that keeps a second run out. */
export type Run = {
  /** The ports an engine had in this folder before. */
  portsOf(name: EngineName): number[];
  note(name: EngineName, engine: { rung: Rung; address: string; about?: string; ports?: number[]; pid?: number; started?: string }): void;
  release(): void;
};

const names = ['kafka', 'mongo'] as const;

const readRun = (path: string): RunFile => {
  try {
    return RunFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // A missing or broken note costs no more than new ports.
    return {};
  }
};

const writeRun = (path: string, file: RunFile): void => {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`);
  renameSync(draft, path);
};

const endLeftover = async (name: EngineName, noted: Noted | undefined, dataDir: string, say: (line: string) => void): Promise<void> => {
  if (noted?.pid === undefined || noted.started === undefined) return;
  const engine = { pid: noted.pid, started: noted.started };
  // The pid may belong to somebody else by now: only a command that names this folder is one of ours.
  if (!alive(engine) || !commandOf(engine.pid).includes(dataDir)) return;
  say(`A run that was killed left its ${name} behind (pid ${engine.pid}); ending it first.`);
  await endProcess(engine);
};

/**
 * Takes a data folder (an absolute path) for this process and ends what a killed run left alive in it.
 * Raises EngineError while another run is alive in it.
 */
export const claimRun = async (dataDir: string, say: (line: string) => void): Promise<Run> => {
  mkdirSync(dataDir, { recursive: true });
  const lock = tryLock(join(dataDir, 'run.lock'));
  if (lock.release === undefined) {
    throw new EngineError(`${dataDir} is in use: already running as pid ${lock.heldBy}; stop it or choose another DATA_DIR.`);
  }
  const path = join(dataDir, 'run.json');
  const before = readRun(path);
  for (const name of names) await endLeftover(name, before[name], dataDir, say);
  const portsOf = (name: EngineName): number[] => before[name]?.ports ?? [];
  const kept = (name: EngineName): Noted => ({ ports: portsOf(name) });
  let file: RunFile = { owner: self(), kafka: kept('kafka'), mongo: kept('mongo') };
  writeRun(path, file);
  return {
    portsOf,
    note: (name, engine) => {
      file = { ...file, [name]: { ports: portsOf(name), ...engine } };
      writeRun(path, file);
    },
    release: () => {
      writeRun(path, { kafka: { ports: file.kafka?.ports ?? [] }, mongo: { ports: file.mongo?.ports ?? [] } });
      lock.release();
    },
  };
};
