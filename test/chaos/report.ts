import type { Report } from '../audit/report.ts';
import type { Counts } from './counts.ts';
import type { Done } from './nemesis.ts';
import { type Kind, kinds } from './schedule.ts';

export type Outcome = {
  seed: number;
  minutes: number;
  brokers: number;
  done: readonly Done[];
  skipped: readonly Kind[];
  counts: Counts;
  audited: Report;
  probe: { longestOutageMs: number; taken: number; withdrawnTaken: number; refused: Record<string, number> };
  /** From the end of the last fault until nothing was unread or parked. */
  quietMs: number;
  replayEqual: boolean;
  problems: readonly string[];
};

const problemsMax = 40;

const sumOf = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
const row = (what: string, value: string | number): string => `  ${what.padEnd(34)} ${value}`;

/** Applied is what was acknowledged and neither refused by a rule nor lost: the auditor has looked for each. */
const appliedIn = ({ counts, audited }: Outcome): number => counts.acked - sumOf(counts.deadLettered) - audited.lost;

export const isRight = ({ problems }: Pick<Outcome, 'problems'>): boolean => problems.length === 0;

/** The one line for machines. */
export const summaryOf = (outcome: Outcome) => {
  const { seed, minutes, done, counts, audited, probe, quietMs, replayEqual } = outcome;
  return {
    ok: isRight(outcome),
    seed,
    minutes,
    faults: done.length,
    acked: counts.acked,
    lost: audited.lost,
    doubled: audited.doubled,
    unknown: counts.unknown,
    longestOutageMs: probe.longestOutageMs,
    quietMs,
    ledgerBalanced: audited.ledger.balanced,
    replayEqual,
  };
};

/** The table for people. */
export const tableOf = (outcome: Outcome): string[] => {
  const { done, skipped, counts, audited, probe, quietMs, replayEqual, problems } = outcome;
  const byKind = Map.groupBy(done, ({ kind }) => kind);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return [
    `faults, seed ${outcome.seed}, ${outcome.minutes} min, ${outcome.brokers} brokers:`,
    ...[...byKind].map(([kind, own]) => row(`${kind} (${kinds[kind].codes})`, own.length)),
    ...skipped.map((kind) => row(`${kind} (${kinds[kind].codes})`, 'left out')),
    'notices of schools, each counted once:',
    row('acknowledged', counts.acked),
    row('applied', appliedIn(outcome)),
    ...Object.entries(counts.deadLettered).map(([code, count]) => row(`dead-lettered ${code}`, count)),
    row('refused at the door', counts.refused),
    row('never answered', counts.unknown),
    row('parked', counts.parked),
    row('sent again', counts.repeatsSent),
    row('facts that stand on a topic again', audited.repeats),
    row('bills nothing can be said of', audited.undetermined),
    row('lost', audited.lost),
    row('doubled', audited.doubled),
    'money:',
    row('payments of the app', JSON.stringify(audited.app)),
    row('ledger', `${audited.ledger.entries} entries, sum ${audited.ledger.sumFen} fen`),
    row('replay gives the same', replayEqual ? 'yes' : 'NO'),
    'time:',
    row('longest without a 2xx', `${seconds(probe.longestOutageMs)} (${probe.taken} taken, others ${JSON.stringify(probe.refused)})`),
    row('quiet after the last fault', seconds(quietMs)),
    ...problems.slice(0, problemsMax).map((problem) => `WRONG: ${problem}`),
    isRight(outcome) ? 'nothing was lost, nothing doubled' : `${problems.length} things are wrong`,
  ];
};
