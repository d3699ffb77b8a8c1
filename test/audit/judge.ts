import { checkBills, findBills } from './check-bills.ts';
import { checkDeadLetters, countDeadLetters } from './check-dead-letters.ts';
import { checkFacts } from './check-facts.ts';
import { checkLedger, ledgerSum } from './check-ledger.ts';
import { checkNotices } from './check-notices.ts';
import { checkOtherPayments, checkPayments } from './check-payments.ts';
import { checkRest, countParked } from './check-rest.ts';
import type { Evidence, Finding } from './evidence.ts';
import { answerOf, splitPlans } from './journal.ts';

export type Counts = Record<string, number>;

export type Report = {
  ok: boolean;
  /** Webhooks, repeats included: each send is accepted, rejected or was never answered. */
  notices: { sent: number; accepted: number; rejected: number };
  /** Of the journal's bills and their payments; the ledger is the whole one. */
  bills: Counts;
  payments: Counts;
  deadLetters: number;
  parked: number;
  ledger: { entries: number; sumFen: number; balanced: boolean };
  /** Acknowledged effects that are missing, and effects that are there too often. */
  lost: number;
  doubled: number;
  /** Bills of which not every notice was acknowledged, so that nothing can be said about them. */
  undetermined: number;
  /** Records of the log that repeat a fact: more than none shows that something was disturbed. */
  repeats: number;
  problems: string[];
};

const countBy = (statuses: readonly string[]): Counts => {
  const counts: Counts = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const total = (findings: readonly Finding[], what: 'lost' | 'doubled'): number =>
  findings.reduce((sum, finding) => sum + (finding[what] ?? 0), 0);

const countRepeats = ({ topics }: Evidence): number =>
  [topics.bills, topics.payments, topics.entries].reduce(
    (count, records) => count + records.length - new Set(records.map(({ headers }) => headers.ce_id)).size,
    0,
  );

/** Holds what the schools were told against what the log and the databases say. Pure: the same evidence, the same report. */
export const judge = (evidence: Evidence): Report => {
  const { journal, bills, payments, entries } = evidence;
  const { determined, undetermined } = splitPlans(journal);
  const { planned, findings: keyFindings } = findBills(evidence, determined);
  const ownBillIds = new Set(findBills(evidence, journal.plans).planned.flatMap(({ billId }) => billId ?? []));
  const findings = [
    ...keyFindings,
    ...checkNotices(evidence),
    ...checkFacts(evidence),
    ...checkBills(evidence, planned),
    ...checkPayments(evidence, planned),
    ...checkOtherPayments(evidence, ownBillIds),
    ...checkLedger(evidence, ownBillIds),
    ...checkDeadLetters(evidence, determined, undetermined),
    ...checkRest(evidence),
  ];
  const answers = journal.sends.map(answerOf);
  const sumFen = ledgerSum(evidence);
  const none = new Set(planned.filter(({ plan }) => plan.expected.bill === 'none').map(({ billId }) => billId));
  return {
    ok: findings.length === 0,
    notices: {
      sent: answers.length,
      accepted: answers.filter((answer) => answer === 'accepted').length,
      rejected: answers.filter((answer) => answer === 'rejected').length,
    },
    bills: countBy(
      bills.filter(({ _id, version }) => ownBillIds.has(_id) && !(none.has(_id) && version === 0)).map(({ state }) => state.status),
    ),
    payments: countBy(
      payments.filter(({ state }) => ownBillIds.has(state.received?.about.payableId ?? '')).map(({ state }) => state.status),
    ),
    deadLetters: countDeadLetters(evidence),
    parked: countParked(evidence),
    ledger: { entries: entries.length, sumFen, balanced: sumFen === 0 },
    lost: total(findings, 'lost'),
    doubled: total(findings, 'doubled'),
    undetermined: undetermined.length,
    repeats: countRepeats(evidence),
    problems: findings.map(({ problem }) => problem),
  };
};
