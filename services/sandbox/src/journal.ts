import { open } from 'node:fs/promises';
import type { Expected } from './told-bill.ts';

/** What one webhook is in the journal: a planned one, a repeat of it, or one that must be refused. */
export type Role = 'plan' | 'repeat' | 'bad';

export type JournalLine =
  | { kind: 'started'; run: string; seed: number; mode: string }
  | {
      kind: 'plan';
      ending: string;
      partnerId: string;
      billNo: string;
      notices: { noticeId: string; bodySha256: string }[];
      expected: Expected;
    }
  | {
      kind: 'intent';
      noticeId: string;
      partnerId: string;
      webhookId: string;
      billNo: string;
      type: string;
      role: Role;
      expect: 'accepted' | 'rejected';
      bodySha256: string;
      /** Counts the webhooks of this run; tries of one webhook share it. */
      send: number;
    }
  /** One try; 0 where no answer came. */
  | { kind: 'answer'; noticeId: string; send: number; status: number }
  | { kind: 'finished' };

/** Where lines go: a file, or a list in a test. */
export type JournalSink = { append(text: string): Promise<void>; close(): Promise<void> };

export type Journal = {
  /** Resolves once the lines are on the disk; lines of many callers share one fsync. */
  record(...lines: JournalLine[]): Promise<void>;
  /** Written with whatever comes next. */
  note(line: JournalLine): void;
  close(): Promise<void>;
};

/** Appends to the file and forces it to the disk before it says so. */
export const journalFile = async (file: string): Promise<JournalSink> => {
  const handle = await open(file, 'a', 0o600);
  return {
    append: async (text) => {
      await handle.appendFile(text);
      await handle.datasync();
    },
    close: () => handle.close(),
  };
};

export const createJournal = (sink: JournalSink): Journal => {
  let waiting: string[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const flush = (): Promise<void> => {
    // Everybody who comes before the write begins shares it; who comes later waits for the one after.
    next ??= writing.then(async () => {
      next = undefined;
      const text = waiting.join('');
      waiting = [];
      writing = text === '' ? writing : sink.append(text);
      await writing;
    });
    return next;
  };
  const note = (line: JournalLine): void => void waiting.push(`${JSON.stringify(line)}\n`);

  return {
    record: (...lines) => {
      for (const line of lines) note(line);
      return flush();
    },
    note,
    close: async () => {
      await flush();
      await sink.close();
    },
  };
};
