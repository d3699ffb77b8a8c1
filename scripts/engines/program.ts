import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { alive, type ProcessName, startOf } from './pid-lock.mjs';

const graceMs = 10_000;

/** A program that runs beside us, in its own process group. */
export type Program = ProcessName & {
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined;
  stop(): Promise<void>;
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is all that was wanted.
  }
};

/** Asks a group to end. One that was stopped hears nothing before it goes on. */
const askToEnd = (pid: number): void => {
  signalGroup(pid, 'SIGTERM');
  signalGroup(pid, 'SIGCONT');
};

/** Ends a process and its group: SIGTERM, after ten seconds SIGKILL; resolves when it is gone. */
export const endProcess = async (name: ProcessName): Promise<void> => {
  if (!alive(name)) return;
  askToEnd(name.pid);
  const killAt = Date.now() + graceMs;
  let killed = false;
  while (alive(name)) {
    if (!killed && Date.now() > killAt) {
      signalGroup(name.pid, 'SIGKILL');
      killed = true;
    }
    await sleep(50);
  }
};

const spawned = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid!));
  });

/** The first executable of that name on PATH. */
export const findProgram = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** The last line of a log that says something: a stack frame does not. */
export const lastLine = (path: string): string => {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.findLast((line) => line.trim() && !/^\s*(at |\.\.\. )/.test(line))?.trim() ?? '';
  } catch {
    return '';
  }
};

type Start = { file: string; args: string[]; cwd: string; env: NodeJS.ProcessEnv; logPath: string };

/**
 * Starts a program in its own process group, out of reach of a terminal's Ctrl-C: engines have to outlive the services.
 * Should this process exit without stopping it, it is told to end.
 */
export const startProgram = async ({ file, args, cwd, env, logPath }: Start): Promise<Program> => {
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'w');
  try {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    const pid = await spawned(child);
    const name = { pid, started: startOf(pid) ?? '' };
    let ended: string | undefined;
    const endWithUs = () => askToEnd(pid);
    process.once('exit', endWithUs);
    child.once('exit', (code, signal) => {
      ended = signal ? `ended by ${signal}` : `ended with exit code ${code}`;
      process.off('exit', endWithUs);
    });
    return { ...name, ended: () => ended, stop: () => endProcess(name) };
  } finally {
    closeSync(log);
  }
};

type Tool = {
  file: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onLine?: (line: string) => void;
};

/** Runs a tool to its end and hands over each line it prints; when the signal aborts, the tool and its children are ended first. */
export const runTool = async ({ file, args, cwd, env, signal, onLine }: Tool): Promise<{ exitCode: number; output: string[] }> => {
  signal.throwIfAborted();
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = await spawned(child);
  const name = { pid, started: startOf(pid) ?? '' };
  const endWithUs = () => askToEnd(pid);
  const endNow = () => void endProcess(name);
  process.once('exit', endWithUs);
  signal.addEventListener('abort', endNow);
  const output: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      onLine?.(line);
    });
  }
  try {
    const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
    signal.throwIfAborted();
    return { exitCode, output };
  } finally {
    process.off('exit', endWithUs);
    signal.removeEventListener('abort', endNow);
  }
};
