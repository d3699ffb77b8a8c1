import type { Climb } from '../../scripts/engines/engine.ts';
import { nativeMongo } from '../../scripts/engines/mongo-native.ts';
import type { Run } from '../../scripts/engines/run-file.ts';
import { steadyPorts } from './ports.ts';

type Noted = Parameters<Run['note']>[1];

/** The database as a process of ours, which may die and come back with the same data at the same address. */
export const startDatabase = async (climb: Omit<Climb, 'run'>) => {
  const ports = await steadyPorts(1);
  let noted: Noted | undefined;
  const run: Run = {
    portsOf: () => ports,
    note: (_name, engine) => {
      noted = engine;
    },
    release: () => undefined,
  };
  const start = () => nativeMongo({ ...climb, run });
  let held = await start();
  const send = (signal: NodeJS.Signals): void => {
    if (noted?.pid !== undefined) process.kill(noted.pid, signal);
  };
  return {
    about: held.about,
    url: held.address,
    /** `host:port`, for whoever leads there. */
    address: (): string => new URL(held.address).host,
    kill: (): void => send('SIGKILL'),
    hold: (): void => send('SIGSTOP'),
    goOn: (): void => send('SIGCONT'),
    restart: async (): Promise<void> => {
      held = await start();
    },
    stop: async (): Promise<void> => {
      await held.stop();
    },
  };
};
export type Database = Awaited<ReturnType<typeof startDatabase>>;
