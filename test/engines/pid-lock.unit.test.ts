import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { alive, commandOf, self, startOf, tryLock, waitLock } from '../../scripts/engines/pid-lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'pid-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('a process knows itself as alive and a dead one as gone', () => {
  expect(alive(self())).toBe(true);
  expect(startOf(deadPid())).toBeUndefined();
  expect(commandOf(process.pid)).toContain('node');
});

test('a pid that came round again is another process', () => {
  expect(alive({ pid: process.pid, started: 'long ago' })).toBe(false);
});

test('a second taker learns who holds the lock', () => {
  const path = join(folder, 'held');
  const first = tryLock(path);
  expect(tryLock(path)).toEqual({ heldBy: process.pid });
  first.release?.();
  expect(tryLock(path).release).toBeDefined();
});

test('the lock of a dead process is broken', () => {
  const path = join(folder, 'stale');
  writeFileSync(path, JSON.stringify({ pid: deadPid(), started: '1' }));
  expect(tryLock(path).release).toBeDefined();
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
});

test('a lock that cannot be read is broken', () => {
  const path = join(folder, 'garbled');
  writeFileSync(path, 'not json');
  expect(tryLock(path).release).toBeDefined();
});

test('releasing late does not take away the lock of the next owner', () => {
  const path = join(folder, 'late');
  const first = tryLock(path);
  rmSync(path);
  tryLock(path);
  first.release?.();
  expect(existsSync(path)).toBe(true);
});

test('a waiter is told once who holds the lock and gets it next', async () => {
  const path = join(folder, 'waited');
  const first = tryLock(path);
  const told: number[] = [];
  const second = waitLock(path, {
    onWait: (pid) => {
      told.push(pid);
      first.release?.();
    },
  });
  (await second).release();
  expect(told).toEqual([process.pid]);
});

test('waiting ends when the signal aborts', async () => {
  const path = join(folder, 'aborted');
  tryLock(path);
  const stop = new AbortController();
  await expect(waitLock(path, { signal: stop.signal, onWait: () => stop.abort() })).rejects.toThrow('aborted');
});
