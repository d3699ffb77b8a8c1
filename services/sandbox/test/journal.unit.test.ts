import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createJournal, journalFile } from '../src/journal.ts';

const finished = { kind: 'finished' } as const;
const answer = (send: number) => ({ kind: 'answer', noticeId: 'a:1', send, status: 202 }) as const;

test('lines of many callers share one write, and nobody is told before it is done', async () => {
  const writes: { text: string; done: () => void }[] = [];
  const journal = createJournal({
    append: (text) => new Promise((done) => void writes.push({ text, done })),
    close: async () => undefined,
  });
  const told: number[] = [];
  const record = (send: number) => journal.record(answer(send)).then(() => told.push(send));
  const first = record(1);
  const second = record(2);
  await Promise.resolve().then(() => Promise.resolve());
  expect(writes).toHaveLength(1);
  const third = record(3);
  expect(told).toEqual([]);
  writes[0]!.done();
  await Promise.all([first, second]);
  expect(told).toEqual([1, 2]);
  expect(writes).toHaveLength(2);
  writes[1]!.done();
  await third;
  expect(writes.map(({ text }) => text.split('\n').length - 1)).toEqual([2, 1]);
});

test('the file keeps every line in order and only its owner may read it', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'journal-')), 'journal.jsonl');
  const journal = createJournal(await journalFile(file));
  await journal.record(answer(1), answer(2));
  journal.note(answer(3));
  await journal.record(finished);
  await journal.close();
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([answer(1), answer(2), answer(3), finished]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
