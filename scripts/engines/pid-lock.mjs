// Plain JavaScript, because bootstrap.mjs needs it before anything is installed and on a Node that cannot read TypeScript.
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const breakingStaleMs = 10_000;
let attempts = 0;

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** When a process began, as the system words it; undefined when there is no such process or only its zombie. */
export const startOf = (pid) => {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') {
    // The name in parentheses may hold spaces and parentheses itself, so fields are counted behind the last one.
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return !fields || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  }
  const found = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...started] = (found.stdout ?? '').trim().split(/\s+/);
  return !state || state.startsWith('Z') ? undefined : started.join(' ');
};

/** The command line of a process; empty when it is gone. */
export const commandOf = (pid) =>
  process.platform === 'linux'
    ? (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
    : (spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').trim();

/** A process is named by pid and start, since pids come round again after a crash or in a fresh container. */
export const alive = ({ pid, started }) => startOf(pid) === started && started !== undefined;

export const self = () => ({ pid: process.pid, started: startOf(process.pid) ?? '' });

const ownerIn = (text) => {
  try {
    const { pid, started } = JSON.parse(text);
    return { pid, started };
  } catch {
    return { pid: 0, started: '' };
  }
};

// A linked file appears with its content in one step, so no reader ever meets a lock without an owner.
const linkOnce = (path, text) => {
  const draft = `${path}.${process.pid}.${attempts++}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const olderThan = (path, ms) => {
  try {
    return Date.now() - statSync(path).mtimeMs > ms;
  } catch {
    return false;
  }
};

// Only one process at a time may break a lock: the second would otherwise remove the new lock of the first.
const breakStale = (path) => {
  const guard = `${path}.breaking`;
  if (olderThan(guard, breakingStaleMs)) rmSync(guard, { force: true });
  if (!linkOnce(guard, '')) return;
  try {
    const text = read(path);
    if (text !== undefined && !alive(ownerIn(text))) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
};

/** Takes the lock, or says whose it is. The lock of a dead process is broken. */
export const tryLock = (path) => {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({ ...self(), lock: attempts++ });
  let heldBy = 0;
  for (let round = 0; round < 50; round++) {
    if (linkOnce(path, mine)) {
      return { release: () => read(path) === mine && rmSync(path, { force: true }) };
    }
    const text = read(path);
    if (text === undefined) continue;
    const owner = ownerIn(text);
    heldBy = owner.pid;
    if (alive(owner)) break;
    breakStale(path);
  }
  return { heldBy };
};

/** Waits for the lock and tells `onWait` once who holds it; rejects when the signal aborts. */
export const waitLock = async (path, { onWait, signal } = {}) => {
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    const lock = tryLock(path);
    if (lock.release) return lock;
    if (!told) onWait?.(lock.heldBy);
    told = true;
    await sleep(250, undefined, { signal });
  }
};
