import { checkApp, checkAsked } from './check-app.ts';
import { checkBank } from './check-bank.ts';
import { checkBills, findBills } from './check-bills.ts';
import { checkDeadLetters } from './check-dead-letters.ts';
import { checkDeliveries } from './check-deliveries.ts';
import { checkEnds } from './check-ends.ts';
import { checkFacts } from './check-facts.ts';
import { checkLedger } from './check-ledger.ts';
import { checkNotices } from './check-notices.ts';
import { checkOtherPayments, checkPayments } from './check-payments.ts';
import { checkRefunds } from './check-refunds.ts';
import { checkRest } from './check-rest.ts';
import { checkSchools, ownNotices, unplannedNotices } from './check-schools.ts';
import { checkSuspense } from './check-suspense.ts';
import { checkWriteOffs } from './check-write-offs.ts';
import type { Evidence } from './evidence.ts';
import { splitPlans } from './journal.ts';
import { layOutPayments } from './payment-cases.ts';
import { type Report, reportOf } from './report.ts';

/** Holds what schools and customers were told against what all the books say. Pure: the same evidence, the same report. */
export const judge = (evidence: Evidence): Report => {
  const { journal } = evidence;
  const { determined, undetermined } = splitPlans(journal);
  const { planned, findings: keyFindings } = findBills(evidence, determined);
  const everyBill = findBills(evidence, journal.plans).planned;
  const ownBillIds = new Set(everyBill.flatMap(({ billId }) => billId ?? []));
  const cases = layOutPayments(evidence, ownBillIds);
  const ownIds = new Set(ownNotices(evidence).map(({ noticeId }) => noticeId));
  const intended = { determined, undetermined, ownIds, unplanned: unplannedNotices(evidence, cases, determined) };
  const findings = [
    ...keyFindings,
    ...checkNotices(evidence),
    ...checkSchools(evidence),
    ...checkFacts(evidence),
    ...checkBills(evidence, planned),
    ...checkPayments(evidence, planned),
    ...checkOtherPayments(evidence, ownBillIds),
    ...checkSuspense(cases),
    ...checkApp(evidence, planned, cases),
    ...checkAsked(evidence, everyBill, cases),
    ...checkWriteOffs(evidence, planned, cases),
    ...checkRefunds(evidence, planned, cases),
    ...checkBank(evidence, cases),
    ...checkEnds(evidence, cases),
    ...checkLedger(evidence, ownBillIds),
    ...checkDeliveries(evidence, ownBillIds),
    ...checkDeadLetters(evidence, intended),
    ...checkRest(evidence),
  ];
  const noBills = new Set(planned.flatMap(({ plan, billId }) => (plan.expected.bill === 'none' && billId ? [billId] : [])));
  return reportOf(evidence, findings, { cases, ownBillIds, noBills, undetermined: undetermined.length });
};
