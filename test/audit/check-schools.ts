import { isDeepStrictEqual } from 'node:util';
import { type Evidence, type Plan, type RawSchoolLine, type RawToldData, type Refused, topicNames } from './evidence.ts';
import { type Fact, firstAppearances, jsonOf, verbOf } from './facts.ts';
import type { Finding } from './findings.ts';
import { applied, type PaymentCase } from './payment-cases.ts';

/** A notice that a school decided to send when it was told something; `own` where its bill stands in the journal. */
export type OwnNotice = { noticeId: string; partnerId: string; type: string; data: RawToldData; answer: string | undefined; own: boolean };

type Taken = Extract<RawSchoolLine, { kind: 'taken' }>;

const idOf = (partnerId: string, webhookId: string): string => `${partnerId}:${webhookId}`;

const schoolKey = (partnerId: string, billNo: unknown): string => `${partnerId}|${billNo}`;
const keysOf = (plans: readonly Plan[]): Set<string> => new Set(plans.map(({ partnerId, billNo }) => schoolKey(partnerId, billNo)));

/** What the schools said by themselves, by their own books. */
export const ownNotices = ({ schools, journal }: Evidence): OwnNotice[] => {
  const plans = keysOf(journal.plans);
  const answers = new Map(
    schools.flatMap((line) => (line.kind === 'answered' ? [[idOf(line.partnerId, line.webhookId), line.outcome] as const] : [])),
  );
  const taken = schools.filter((line): line is Taken => line.kind === 'taken');
  return taken.flatMap(({ partnerId, notices }) =>
    notices.map(({ webhookId, type, data }) => {
      const noticeId = idOf(partnerId, webhookId);
      return { noticeId, partnerId, type, data, answer: answers.get(noticeId), own: plans.has(schoolKey(partnerId, data.billNo)) };
    }),
  );
};

const factsByBill = ({ topics }: Evidence): Map<string, Fact[]> =>
  Map.groupBy(firstAppearances(topics.bills), ({ data }) => schoolKey(String(data.partnerId), data.reference));

/** The code that a notice must have been refused with; undefined where it had to be taken. */
const refusalOf = ({ type, data }: OwnNotice, facts: readonly Fact[], cases: ReadonlyMap<string, PaymentCase>): string | undefined => {
  if (type === 'campus.bill.closed')
    return facts.some((fact) => verbOf(fact) === 'withdrawn' && fact.data.reason === 'closed-by-partner') ? undefined : 'CAMPUS_USE_REFUND';
  if (type !== 'campus.bill.written-off') return undefined;
  const one = cases.get(data.paymentId ?? '');
  const [debit] = one ? applied(one, 'debit') : [];
  return debit?.order?.amountFen === data.amountFen ? undefined : 'CAMPUS_AMOUNT_DIFFERS';
};

/** What schools said about bills of which no plan tells how it ends, and what of that had to end as a dead letter. */
export type Unplanned = { noticeIds: ReadonlySet<string>; refused: Refused[] };

/** Refused are write-offs of another amount, and closings of what was paid. */
export const unplannedNotices = (evidence: Evidence, cases: ReadonlyMap<string, PaymentCase>, planned: readonly Plan[]): Unplanned => {
  const facts = factsByBill(evidence);
  const plans = keysOf(planned);
  const notices = ownNotices(evidence).filter(({ partnerId, data }) => !plans.has(schoolKey(partnerId, data.billNo)));
  const refused = notices.flatMap((notice) => {
    const { noticeId, partnerId, data, answer } = notice;
    const code = refusalOf(notice, facts.get(schoolKey(partnerId, data.billNo)) ?? [], cases);
    return code && answer !== 'rejected' ? [{ noticeId, code }] : [];
  });
  return { noticeIds: new Set(notices.map(({ noticeId }) => noticeId)), refused };
};

/** What shows that a notice had its effect, where it had to have one. */
const hasEffect = ({ type, data }: OwnNotice, facts: readonly Fact[]): boolean => {
  const said = (...verbs: string[]): boolean =>
    facts.some((fact) => verbs.includes(verbOf(fact)) && fact.data.paymentId === data.paymentId);
  switch (type) {
    case 'campus.bill.written-off':
      return said('written-off', 'disputed');
    case 'campus.bill.write-off-rejected':
      return said('write-off-rejected', 'reversal-begun', 'reversal-requested', 'reversed');
    case 'campus.refund.requested':
      return facts.some((fact) => ['refund-requested', 'refund-refused'].includes(verbOf(fact)) && fact.data.refundNo === data.refundNo);
    default:
      return true;
  }
};

/** Everything that a school said when it was told of money was answered, stands in the log, and came to what it said. */
export const checkSchools = (evidence: Evidence): Finding[] => {
  const logged = new Map(evidence.topics.notices.map((record) => [record.headers.ce_id ?? '', record]));
  const facts = factsByBill(evidence);
  // Whether a refusal was right is judged with the dead letters.
  const refused = new Set(evidence.topics.refusals.map(({ key }) => key));
  return ownNotices(evidence).flatMap((notice): Finding[] => {
    const { noticeId, partnerId, type, data, answer, own } = notice;
    const lost = own ? { lost: 1 } : {};
    const record = logged.get(noticeId);
    // The school writes an answer down with whatever it writes next, so that the last ones may be missing.
    if (answer === undefined && !record) return [{ problem: `the school's notice ${noticeId} (${type}) was never answered` }];
    if (answer === 'rejected') return [{ problem: `the school's notice ${noticeId} (${type}) was rejected` }];
    if (!record)
      return [{ problem: `the school's notice ${noticeId} was answered 202 and does not stand on ${topicNames.notices}`, ...lost }];
    const body = jsonOf(record) ?? {};
    if (body.type !== type || !isDeepStrictEqual(body.data, data))
      return [{ problem: `the school's notice ${noticeId} stands on ${topicNames.notices} with other words` }];
    if (refused.has(noticeId) || hasEffect(notice, facts.get(schoolKey(partnerId, data.billNo)) ?? [])) return [];
    return [{ problem: `the school's notice ${noticeId} (${type}) has come to nothing`, ...lost }];
  });
};
