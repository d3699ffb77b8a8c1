import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EngineError } from '../../scripts/engines/engine.ts';
import { alive, startOf } from '../../scripts/engines/pid-lock.mjs';
import { endProcess } from '../../scripts/engines/program.ts';
import { claimRun } from '../../scripts/engines/run-file.ts';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'run-file-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const quiet = (): void => undefined;

/** A process that stands for an engine: it does nothing and names a folder in its command. */
const standIn = (folder: string) => {
  const { pid } = spawn(process.execPath, ['-e', 'require("node:net").createServer().listen(0)', folder], {
    detached: true,
    stdio: 'ignore',
  });
  if (pid === undefined) throw new Error('The stand-in did not start');
  return { pid, started: startOf(pid) ?? '' };
};

test('a second run in the same folder is refused and told who has it', async () => {
  const folder = newFolder();
  const run = await claimRun(folder, quiet);
  await expect(claimRun(folder, quiet)).rejects.toThrow(EngineError);
  await expect(claimRun(folder, quiet)).rejects.toThrow(`already running as pid ${process.pid}`);
  run.release();
  (await claimRun(folder, quiet)).release();
});

test('the ports of the last run are remembered, its pids are not', async () => {
  const folder = newFolder();
  const run = await claimRun(folder, quiet);
  run.note('kafka', { rung: 'native', address: '127.0.0.1:4', ports: [4, 5], pid: 6, started: '7' });
  run.release();
  expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual({ kafka: { ports: [4, 5] }, mongo: { ports: [] } });
  const next = await claimRun(folder, quiet);
  expect(next.portsOf('kafka')).toEqual([4, 5]);
  expect(next.portsOf('mongo')).toEqual([]);
  next.release();
});

test('an engine that a killed run left behind is ended first', async () => {
  const folder = newFolder();
  const engine = standIn(folder);
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ kafka: { ...engine, ports: [4, 5] } }));
  const said: string[] = [];
  const run = await claimRun(folder, (line) => said.push(line));
  expect(alive(engine)).toBe(false);
  expect(said.join()).toContain(`pid ${engine.pid}`);
  expect(run.portsOf('kafka')).toEqual([4, 5]);
  run.release();
});

test('a process that is not ours is left alone, even when the note names it', async () => {
  const folder = newFolder();
  const stranger = standIn('elsewhere');
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ kafka: stranger }));
  (await claimRun(folder, quiet)).release();
  expect(alive(stranger)).toBe(true);
  await endProcess(stranger);
});

test('a broken note costs no more than new ports', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'run.json'), '{"kafka": 1');
  const run = await claimRun(folder, quiet);
  expect(run.portsOf('kafka')).toEqual([]);
  run.release();
  expect(existsSync(join(folder, 'run.lock'))).toBe(false);
});
