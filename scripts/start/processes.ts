import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');
const stopGraceMs = 15_000;
const complaintsMax = 5;

/** A process of a service; several replicas have names of their own. */
export type Spawned = { name: string; service: string; entry?: string; env: Record<string, string> };

/** Names the first busy port; undefined where all are free. */
export const busyPort = async (ports: readonly number[]): Promise<number | undefined> => {
  for (const port of ports) {
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (!free) return port;
  }
  return undefined;
};

const spawnService = ({ name, service, entry = 'main', env }: Spawned, logFolder: string): ChildProcess => {
  const log = createWriteStream(join(logFolder, `${name}.log`), { flags: 'a' });
  const path = join(root, 'services', service, 'src', `${entry}.ts`);
  // A group of its own keeps a terminal's Ctrl-C away: the services are stopped in order, by us.
  const child = spawn(process.execPath, [path], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
};

/** Waits for its end; answers what was wrong: nothing where it ended with 0, else how it ended and its last warnings. */
const endOf = (child: ChildProcess): Promise<string[]> => {
  const complaints: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (/"level":"(warn|error)"/.test(line)) complaints.push(line);
    if (complaints.length > complaintsMax) complaints.shift();
  });
  return new Promise((resolve) =>
    child.once('close', (code, signal) => resolve(code === 0 ? [] : [`ended with ${signal ?? code}`, ...complaints])),
  );
};

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** One that was stopped hears nothing before it goes on. */
const askToEnd = (child: ChildProcess): void => {
  child.kill('SIGTERM');
  child.kill('SIGCONT');
};

/** Ends a process of ours and waits until it is gone: asked first, killed after the grace. */
export const endChild = async (child: ChildProcess, graceMs: number): Promise<void> => {
  if (ended(child)) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  askToEnd(child);
  const late = new AbortController();
  await Promise.race([gone, sleep(graceMs, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
  if (!ended(child)) child.kill('SIGKILL');
  await gone;
};

/**
 * Runs processes, which end with this one, and starts again whatever dies; a process that dies within five seconds of its start,
 * five times in a row, is given up.
 */
export const superviseProcesses = (dataDir: string, say: (line: string) => void) => {
  const logFolder = join(dataDir, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const children = new Map<string, ChildProcess>();
  let stopping = false;
  let failed: (error: Error) => void = () => undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    failed = reject;
  });
  failure.catch(() => undefined);
  const endWithUs = (): void => {
    for (const child of children.values()) askToEnd(child);
  };
  process.once('exit', endWithUs);

  const start = (spawned: Spawned, quickDeaths = 0): void => {
    const startedAt = Date.now();
    const child = spawnService(spawned, logFolder);
    children.set(spawned.name, child);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      const deaths = Date.now() - startedAt < 5_000 ? quickDeaths + 1 : 0;
      if (deaths === 5) {
        failed(new Error(`${spawned.name} does not stay up; see ${join(logFolder, `${spawned.name}.log`)}`));
        return;
      }
      say(`${spawned.name} ended (${signal ?? code}) and is started again`);
      setTimeout(() => !stopping && start(spawned, deaths), 250 * (deaths + 1));
    });
  };

  return {
    start,
    /** Rejects when a process does not stay up. */
    failure,
    /** Runs a process to its end; answers what was wrong, nothing where it ended well. */
    run: (spawned: Spawned): Promise<string[]> => {
      const child = spawnService(spawned, logFolder);
      children.set(spawned.name, child);
      return endOf(child);
    },
    /** Sends a signal to a process by its name; answers whether it was alive. */
    signal: (name: string, signal: NodeJS.Signals): boolean => children.get(name)?.kill(signal) ?? false,
    stop: async (): Promise<void> => {
      stopping = true;
      // Whoever sends traffic was started last and goes first, while somebody still answers it.
      const [last, ...others] = [...children.values()].reverse();
      if (last) await endChild(last, stopGraceMs);
      await Promise.all(others.map((child) => endChild(child, stopGraceMs)));
      process.off('exit', endWithUs);
    },
  };
};
