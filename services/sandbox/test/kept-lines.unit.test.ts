import { appendFile, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openKeptLines } from '../src/kept-lines.ts';

const Line = z.object({ count: z.int(), text: z.string().optional() });

const newFile = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'lines-')), 'lines.jsonl');

test('what was recorded is read back, whatever characters stand in it', async () => {
  const file = await newFile();
  const first = await openKeptLines(file, Line);
  expect(first.lines).toEqual([]);
  await first.journal.record({ count: 1, text: '学费\u2028\n' }, { count: 2 });
  await first.journal.close();
  const second = await openKeptLines(file, Line);
  expect(second.lines).toEqual([{ count: 1, text: '学费\u2028\n' }, { count: 2 }]);
  await second.journal.close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a line that a crash cut off is dropped, and the next one does not stand behind it', async () => {
  const file = await newFile();
  await writeFile(file, '{"count":1}\n{"count":2}');
  await appendFile(file, Buffer.from('学').subarray(0, 2));
  const torn = await openKeptLines(file, Line);
  expect(torn.lines).toEqual([{ count: 1 }]);
  await torn.journal.record({ count: 3 });
  await torn.journal.close();
  expect(await readFile(file, 'utf8')).toBe('{"count":1}\n{"count":3}\n');
});

test('any other line that cannot be read stops the start, without a word of what stands in it', async () => {
  const file = await newFile();
  await writeFile(file, '{"count":1}\n{"count":"secret"}\n{"count":3}\n');
  const refused = await openKeptLines(file, Line).catch((error: Error) => error.message);
  expect(refused).toMatch(/^line 2 of .*lines\.jsonl cannot be read$/);
});
