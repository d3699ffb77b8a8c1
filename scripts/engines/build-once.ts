import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitLock } from './pid-lock.mjs';

type Build = {
  cacheDir: string;
  name: string;
  what: string;
  say: (line: string) => void;
  signal: AbortSignal;
  /** Makes everything in `draft`; what is not finished there is thrown away by the next run. */
  make: (draft: string) => Promise<void>;
};

/**
 * The folder of something that is built once per machine. It appears whole or not at all, and two runs never build it at once:
 * the second waits for the first.
 */
export const buildOnce = async ({ cacheDir, name, what, say, signal, make }: Build): Promise<string> => {
  const folder = join(cacheDir, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheDir, { recursive: true });
  const lock = await waitLock(join(cacheDir, `${name}.lock`), {
    signal,
    onWait: (pid) => say(`Another run (pid ${pid}) is already getting ${what}; waiting for it.`),
  });
  try {
    if (existsSync(folder)) return folder;
    const draftsOf = `${name}.draft-`;
    for (const left of readdirSync(cacheDir).filter((entry) => entry.startsWith(draftsOf))) {
      rmSync(join(cacheDir, left), { recursive: true, force: true });
    }
    // A new name each time, because the tool of a run that was killed may still be writing to the old one.
    const draft = mkdtempSync(join(cacheDir, draftsOf));
    try {
      await make(draft);
      renameSync(draft, folder);
      return folder;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
};
