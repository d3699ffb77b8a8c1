import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMicroseconds, residentMb } from './measure.ts';

/** Processes by the name they have in a report. */
export type Pids = Record<string, number>;

/** The engines that run natively in this data folder; those that somebody else started cannot be measured. */
export const enginePids = (dataDir: string): Pids => {
  const run = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as Record<string, { pid?: number } | undefined>;
  return Object.fromEntries(['kafka', 'mongo'].flatMap((name) => (run[name]?.pid === undefined ? [] : [[name, run[name].pid]])));
};

export type Costs = Record<string, { cpuMicros: number; rssMb: number }>;

/** Measures what each process uses from now on until the answer is called. */
export const startCosts = (pids: Pids): (() => Costs) => {
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, micros: cpuMicroseconds(pid) }));
  return () =>
    Object.fromEntries(before.map(({ name, pid, micros }) => [name, { cpuMicros: cpuMicroseconds(pid) - micros, rssMb: residentMb(pid) }]));
};

/** How busy the machine is beside us, as it says itself: over one, five and fifteen minutes. */
export const loadAverage = (): string => readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
