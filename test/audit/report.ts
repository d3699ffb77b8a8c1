import { countDeadLetters } from './check-dead-letters.ts';
import { countDeliveries, type DeliveryCounts } from './check-deliveries.ts';
import { ledgerSum } from './check-ledger.ts';
import { countParked } from './check-rest.ts';
import { ownNotices } from './check-schools.ts';
import type { Evidence } from './evidence.ts';
import { firstAppearances, verbOf } from './facts.ts';
import type { Finding } from './findings.ts';
import { answerOf } from './journal.ts';
import { isOfApp, type PaymentCase, publicStatusOf } from './payment-cases.ts';

export type Counts = Record<string, number>;

export type Report = {
  ok: boolean;
  /** Webhooks, repeats included: each send is accepted, rejected or was never answered. */
  notices: { sent: number; accepted: number; rejected: number };
  /** Of the journal's bills, and of payments that came from elsewhere for them; the ledger is the whole one. */
  bills: Counts;
  payments: Counts;
  /** Payments of the app, by their public status, and what people are called for. */
  app: Counts;
  queue: Counts;
  /** Refunds, by their end. */
  refunds: Counts;
  /** What schools had to be told; waiting and given up ones are open items. */
  deliveries: DeliveryCounts;
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
  [topics.bills, topics.payments, topics.entries, topics.customers, topics.deliveries].reduce(
    (count, records) => count + records.length - new Set(records.map(({ headers }) => headers.ce_id)).size,
    0,
  );

const refundEnds: Readonly<Record<string, string>> = { refunded: 'completed', 'refund-returned': 'returned', 'refund-refused': 'refused' };

/** Payments of the app and refunds of the journal's bills. */
const countMoney = ({ topics }: Evidence, cases: ReadonlyMap<string, PaymentCase>, ownBillIds: ReadonlySet<string>) => {
  const own = [...cases.values()].filter((one) => one.own);
  const documents = own.flatMap((one) => (one.document && isOfApp(one) ? [one.document] : []));
  const ended = own.flatMap(({ facts }) => facts.flatMap((fact) => refundEnds[verbOf(fact)] ?? []));
  const refusedByScene = firstAppearances(topics.bills).filter((fact) => verbOf(fact) === 'refund-refused' && ownBillIds.has(fact.key));
  return {
    app: countBy(documents.map(publicStatusOf)),
    queue: countBy(own.flatMap(({ document }) => (document?.state.queue ?? []).map(({ name }) => name))),
    refunds: countBy([...ended, ...refusedByScene.map(() => 'refused')]),
  };
};

/** What the judge knows beside the evidence: payments by id, the bills of the journal, those that should not exist, and plans left open. */
type Known = {
  cases: ReadonlyMap<string, PaymentCase>;
  ownBillIds: ReadonlySet<string>;
  noBills: ReadonlySet<string>;
  undetermined: number;
};

export const reportOf = (evidence: Evidence, findings: readonly Finding[], known: Known): Report => {
  const { cases, ownBillIds, noBills, undetermined } = known;
  const { journal, bills, payments, entries } = evidence;
  const answers = journal.sends.map(answerOf);
  const sumFen = ledgerSum(evidence);
  const ofSchools = new Set(ownNotices(evidence).flatMap(({ own, noticeId }) => (own ? [noticeId] : [])));
  const noticeIds = new Set([...journal.sends.map(({ noticeId }) => noticeId), ...ofSchools]);
  const ownBills = bills.filter(({ _id, version }) => ownBillIds.has(_id) && !(noBills.has(_id) && version === 0));
  const elsewhere = payments.filter(({ state }) => ownBillIds.has(state.received?.about.payableId ?? ''));
  return {
    ok: findings.length === 0,
    notices: {
      sent: answers.length,
      accepted: answers.filter((answer) => answer === 'accepted').length,
      rejected: answers.filter((answer) => answer === 'rejected').length,
    },
    bills: countBy(ownBills.map(({ state }) => state.status)),
    payments: countBy(elsewhere.map(({ state }) => state.status)),
    ...countMoney(evidence, cases, ownBillIds),
    deliveries: countDeliveries(evidence, ownBillIds, noticeIds),
    deadLetters: countDeadLetters(evidence, ofSchools),
    parked: countParked(evidence),
    ledger: { entries: entries.length, sumFen, balanced: sumFen === 0 },
    lost: total(findings, 'lost'),
    doubled: total(findings, 'doubled'),
    undetermined,
    repeats: countRepeats(evidence),
    problems: findings.map(({ problem }) => problem),
  };
};
