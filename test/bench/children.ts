import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { endChild } from '../../scripts/start/processes.ts';

const root = join(import.meta.dirname, '..', '..');
const stopGraceMs = 20_000;
const answerSeconds = 180;

export type Child = {
  name: string;
  pid: number;
  signal: (signal: NodeJS.Signals) => void;
  /** Sends an order and gives the answer to it. */
  ask: <Answer>(order: unknown) => Promise<Answer>;
  /** Ends it; resolves when it is gone. */
  end: () => Promise<void>;
};

type Spawning = { name: string; script: string; env: Record<string, string>; nodeArgs?: readonly string[] };

/** An answer of a child; an error once it ends without one, or takes too long. */
const answerOf = <Answer>(name: string, child: ChildProcess): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${name} ended (${code}) before it answered`));
    const late = setTimeout(() => reject(new Error(`${name} did not answer within ${answerSeconds} s`)), answerSeconds * 1000);
    child.once('exit', onExit);
    child.once('message', (answer) => {
      clearTimeout(late);
      child.off('exit', onExit);
      resolve(answer as Answer);
    });
  });

/** The processes of one bench: each ends with it. */
export const createChildren = (logFolder: string) => {
  mkdirSync(logFolder, { recursive: true });
  const children: ChildProcess[] = [];
  return {
    start: ({ name, script, env, nodeArgs = [] }: Spawning): Child => {
      const log = openSync(join(logFolder, `${name}.log`), 'w');
      const child = spawn(process.execPath, [...nodeArgs, join(root, script)], {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log, 'ipc'],
        // A group of its own keeps a terminal's Ctrl-C away: the bench stops its children in order.
        detached: true,
      });
      closeSync(log);
      children.push(child);
      return {
        name,
        pid: child.pid!,
        signal: (signal) => void child.kill(signal),
        ask: <Answer>(order: unknown) => {
          const answer = answerOf<Answer>(name, child);
          if (order !== undefined) child.send(order as object);
          return answer;
        },
        end: () => endChild(child, stopGraceMs),
      };
    },
    stop: async (): Promise<void> => {
      await Promise.all(children.map((child) => endChild(child, stopGraceMs)));
    },
  };
};

export type Children = ReturnType<typeof createChildren>;
