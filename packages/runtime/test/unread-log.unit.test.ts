import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a process whose log nobody reads any more ends all the same', { timeout: 30_000 }, async () => {
  const bounded = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'unread-log.ts')], { ...bounded, stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
});
