import { readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second (USER_HZ is 100 on every supported platform). */
const microsecondsPerTick = 10_000;

/** CPU time that a process has used so far, user and system, in microseconds. */
export const cpuMicroseconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
};

/** Resident memory of a process in MB. */
export const residentMb = (pid: number): number => {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
};

const sorted = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right);

/** The value below which the given share of the values lies. */
export const quantile = (values: readonly number[], share: number): number => {
  const order = sorted(values);
  return order[Math.min(order.length - 1, Math.floor(order.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => {
  const order = sorted(values);
  const middle = order.length / 2;
  return order.length % 2 === 0 ? (order[middle - 1]! + order[middle]!) / 2 : order[Math.floor(middle)]!;
};

const digits = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2));

/** Median and spread in one cell: `4,102 (3,870–4,300)`. */
export const spread = (values: readonly number[]): string =>
  `${digits(median(values))} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`;

/** A table as lines, columns as wide as their widest cell. */
export const tableOf = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('   '),
  );
};

/** The ratio of two servers, taken round by round, so that what disturbs a whole round disturbs both. */
export const ratioLine = (name: string, ours: readonly number[], theirs: readonly number[], goal?: number): string => {
  const ratios = ours.map((value, round) => value / theirs[round]!);
  if (goal === undefined) return `${name}: ${spread(ratios)}`;
  return `${name}: ${spread(ratios)}, goal ≥ ${goal}: ${median(ratios) >= goal ? 'met' : 'MISSED'}`;
};

/** How fast one side of a bench got through a round, and what it took. */
export type Speed = { perSecond: number; cpuPerMessage: number; rssMb: number };

type Compared = { kind: string; unit: 'message' | 'event'; sides: Readonly<Record<string, readonly Speed[]>>; goal: number };

/** Two sides as a table, and their ratios. */
export const speedLines = ({ kind, unit, sides, goal }: Compared): string[] => {
  const column = (speeds: readonly Speed[], field: keyof Speed): number[] => speeds.map((speed) => speed[field]);
  const rows = Object.entries(sides).map(([name, speeds]) => [
    `  ${name}`,
    spread(column(speeds, 'perSecond')),
    spread(column(speeds, 'cpuPerMessage')),
    String(Math.round(median(column(speeds, 'rssMb')))),
  ]);
  const [first = [], second = []] = Object.values(sides);
  const names = Object.keys(sides);
  return [
    ...tableOf([[kind, `${unit}s/s`, `CPU µs/${unit}`, 'RSS MB'], ...rows]),
    ratioLine(`${kind}, ${names.join(' / ')}`, column(first, 'perSecond'), column(second, 'perSecond'), goal),
    ratioLine(`${kind}, ${names.toReversed().join(' / ')}, CPU`, column(second, 'cpuPerMessage'), column(first, 'cpuPerMessage')),
  ];
};
