import { open } from 'node:fs/promises';
import type { Expected } from './expected.ts';

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
  /** What a user of the app asked for, before its first try; `send` counts these of a run by themselves. */
  | {
      kind: 'command';
      command: 'pay';
      key: string;
      billNo: string;
      partnerId: string;
      customerId: string;
      amountFen: number;
      payFrom: string;
      send: number;
    }
  /** One try of it; 0 where no answer came, and a payment where the answer names one. */
  | { kind: 'outcome'; key: string; send: number; status: number; paymentId?: string }
  | { kind: 'finished' };

/** Where lines go: a file, or a list in a test. */
export type JournalSink = { append(text: string): Promise<void>; close(): Promise<void> };

export type Journal<Line = JournalLine> = {
  /** Resolves once the lines, and all that came before, are on the disk; lines of many callers share one fsync. */
  record(...lines: Line[]): Promise<void>;
  /** Written with whatever comes next. */
  note(line: Line): void;
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

export const createJournal = <Line = JournalLine>(sink: JournalSink): Journal<Line> => {
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
  const note = (line: Line): void => void waiting.push(`${JSON.stringify(line)}\n`);

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
