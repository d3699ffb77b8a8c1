import { open } from 'node:fs/promises';
import type { z } from 'zod';
import { createJournal, type Journal, journalFile } from './journal.ts';

const newline = 0x0a;

/** What a file holds already, and the way to append to it. */
export type KeptLines<Line> = { lines: Line[]; journal: Journal<Line> };

/** The whole lines of a file, and how many bytes they are; what stands behind the last newline was cut off by a crash. */
const wholeLines = (bytes: Buffer): { texts: string[]; length: number } => {
  const texts: string[] = [];
  let from = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
    texts.push(bytes.toString('utf8', from, end));
    from = end + 1;
  }
  return { texts, length: from };
};

/**
 * Reads a file of JSON lines back and opens it for more. A torn last line is cut off, since nobody was ever answered from it
 * and the next line would stand behind it; any other line that cannot be read stops the start, with its number and without its content.
 */
export const openKeptLines = async <Schema extends z.ZodType>(file: string, schema: Schema): Promise<KeptLines<z.output<Schema>>> => {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { texts, length } = wholeLines(await handle.readFile());
    const lines = texts.map((text, index) => {
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        throw new Error(`line ${index + 1} of ${file} cannot be read`);
      }
    });
    await handle.truncate(length);
    await handle.datasync();
    return { lines, journal: createJournal<z.output<Schema>>(await journalFile(file)) };
  } finally {
    await handle.close();
  }
};
