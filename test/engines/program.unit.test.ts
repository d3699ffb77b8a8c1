import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOf } from '../../scripts/engines/pid-lock.mjs';
import { startProgram } from '../../scripts/engines/program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scenefi-program-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const patient = () => ({ file: 'sleep', args: ['60'], cwd: folder, env: process.env, logPath: join(folder, 'logs', 'patient.log') });

test('a program that was stopped hears that it shall end', async () => {
  const program = await startProgram(patient());
  process.kill(program.pid, 'SIGSTOP');
  await program.stop();
  await expect.poll(program.ended).toBe('ended by SIGTERM');
});

test('a program that was stopped ends with the process that started it', async () => {
  const module = join(import.meta.dirname, '..', '..', 'scripts', 'engines', 'program.ts');
  const code = `const { startProgram } = await import(${JSON.stringify(module)});
    const { pid } = await startProgram(${JSON.stringify(patient())});
    process.kill(pid, 'SIGSTOP');
    process.stdout.write(pid + '\\n');
    process.exit();`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string];
  const pid = Number(line);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => startOf(pid), { timeout: 30_000 }).toBe(undefined);
});
