import { audit } from '../../test/audit/audit.ts';
import type { Engines } from '../engines/index.ts';
import { databases } from './environment.ts';
import { demoProfile, dueSoonMs, type StartOptions } from './settings.ts';
import { type Address, untilQuiet } from './watch.ts';

export type OnceParts = {
  addresses: readonly Address[];
  token: string;
  engines: Engines;
  options: StartOptions;
  journalFile: string;
  /** The books of the simulated world. */
  books: { bankFile: string; schoolsFile: string };
  /** Sends the planned traffic; answers what was wrong with it. */
  sandbox: () => Promise<string[]>;
  say: (line: string) => void;
};

const table = (title: string, counts: Record<string, number>): string[] => [
  `${title}:`,
  ...Object.entries(counts)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([state, count]) => `  ${state.padEnd(16)} ${count}`),
];

/** The planned set: traffic, quiet, audit, summary. Answers the exit code. */
export const runOnce = async ({ addresses, token, engines, options, journalFile, books, sandbox, say }: OnceParts): Promise<number> => {
  const startedAt = Date.now();
  say(`schools send ${options.bills} bills, and their families pay (seed ${options.seed})`);
  const complaints = await sandbox();
  const log = `${options.dataDir}/logs/sandbox.log`;
  say('waiting until all is quiet');
  const horizonMs = Math.max(Number(demoProfile.KEEP_EARLY_MS), Number(demoProfile.WRITE_OFF_DEADLINE_MS)) + dueSoonMs;
  const timeoutMs = 120_000 + options.bills * 20;
  const quiet = await untilQuiet({ addresses, token, mongoUrl: engines.mongo.address, databases, horizonMs, timeoutMs });
  say('checking the books');
  const report = await audit({ brokers: engines.kafka.address, mongoUrl: engines.mongo.address, namespace: '', journalFile, ...books });
  const problems = [
    ...(complaints.length === 0 ? [] : [`the schools could not send everything: ${complaints.join('; ')}; see ${log}`]),
    ...(quiet ? [] : [`it was not quiet after ${timeoutMs / 1000} s`]),
    ...report.problems,
  ];
  const ok = report.ok && problems.length === 0;
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  const { notices, bills, payments, app, refunds, deliveries, queue, deadLetters, parked, ledger, lost, doubled } = report;
  const summary = [
    `engines: ${engines.kafka.about}; ${engines.mongo.about}`,
    `notices: ${notices.sent} sent, ${notices.accepted} accepted, ${notices.rejected} rejected`,
    ...table('bills', bills),
    ...table('payments from elsewhere', payments),
    ...table('payments of the app', app),
    ...table('refunds', refunds),
    ...table('deliveries to schools', deliveries),
    ...table('for people to decide', queue),
    `dead letters ${deadLetters}, parked ${parked}`,
    `ledger: ${ledger.entries} entries, sum ${ledger.sumFen} fen, ${ledger.balanced ? 'balanced' : 'NOT BALANCED'}`,
    `lost ${lost}, doubled ${doubled}`,
    ...problems.slice(0, 50).map((problem) => `WRONG: ${problem}`),
    ok ? `all as planned, in ${seconds} s` : `${problems.length} things are wrong`,
  ];
  if (options.json) {
    for (const line of summary) say(line);
    const taken = { kafka: engines.kafka.about, mongo: engines.mongo.about };
    const counted = { notices, bills, payments, app, refunds, deliveries, queue, deadLetters, parked, ledger, lost, doubled };
    process.stdout.write(`${JSON.stringify({ ok, seconds, engines: taken, ...counted })}\n`);
  } else process.stdout.write(`${summary.join('\n')}\n`);
  return ok ? 0 : 1;
};
