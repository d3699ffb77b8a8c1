import type { PlannedBill } from './check-bills.ts';
import type { Evidence, ExpectedOfApp, Paying, RawMovement } from './evidence.ts';
import { verbOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';
import { acceptedPayments } from './journal.ts';
import { type PaymentCase, publicStatusOf } from './payment-cases.ts';

/** The facts that lead to an end, and those that may lie on the way there. */
type Path = { must: readonly string[]; may?: readonly string[] };

const paths: Readonly<Record<string, Path>> = {
  refused: { must: ['refused'], may: ['requested'] },
  failed: { must: ['requested', 'failed'] },
  stuck: { must: ['requested'] },
  debited: { must: ['requested', 'debited'] },
  settled: { must: ['requested', 'debited', 'settled'], may: ['reversing'] },
  reversed: { must: ['requested', 'debited', 'reversing', 'reversed'] },
  disputed: { must: ['requested', 'debited', 'reversing', 'disputed'], may: ['reversed'] },
};
/** When people are called, and what becomes of refunds, is told elsewhere. */
const beside = ['stuck', 'refunded', 'refund-returned', 'refund-recredited', 'refund-refused'];

const codesOf = ({ code }: ExpectedOfApp): string[] => [code ?? []].flat();

/** The end that a payment came to, where that is one of those that were planned for it. */
export const endOf = ({ status, oneOf }: ExpectedOfApp, document: RawMovement | undefined): string =>
  document && oneOf !== undefined && publicStatusOf(document) === oneOf ? oneOf : status;

const checkFacts = (name: string, end: string, { facts }: PaymentCase): Finding[] => {
  const { must, may = [] } = paths[end] ?? { must: [] };
  const found = facts.map(verbOf).filter((verb) => !beside.includes(verb) && !may.includes(verb));
  return compareEffects(name, must, found);
};

const checkDocument = (expected: ExpectedOfApp, paying: Paying, document: RawMovement, billId: string | undefined): string[] => {
  const { request, refusal, reversal, queue = [] } = document.state;
  const problems: string[] = [];
  const status = publicStatusOf(document);
  const end = endOf(expected, document);
  if (status !== end) problems.push(`should be ${end} and is ${status}`);
  const codes = codesOf(expected);
  if (codes.length > 0 && (status === 'refused' || status === 'failed') && !codes.includes(refusal?.code ?? ''))
    problems.push(`should be ${status} with ${codes.join(' or ')} and has ${refusal?.code ?? 'no code'}`);
  if ((reversal?.end === 'returned') !== (expected.returned ?? false))
    problems.push(expected.returned ? 'should have been returned by its account' : 'was returned by its account');
  const queued = queue.map(({ name }) => name).join(', ') || 'no queue';
  if (queued !== (expected.queue ?? 'no queue')) problems.push(`should stand in ${expected.queue ?? 'no queue'} and stands in ${queued}`);
  if (request?.amountFen !== paying.amountFen) problems.push(`is over ${request?.amountFen} fen instead of ${paying.amountFen}`);
  if (request?.customerId !== paying.customerId) problems.push('belongs to another customer');
  if (request?.about.payableId !== billId || request?.about.partnerId !== paying.partnerId) problems.push('is about another bill');
  return problems;
};

const checkExpected = (
  expected: ExpectedOfApp,
  { plan, billId }: PlannedBill,
  accepted: readonly string[],
  { journal }: Evidence,
  cases: ReadonlyMap<string, PaymentCase>,
): Finding[] => {
  const { key } = expected;
  const name = `payment ${key} of bill ${plan.billNo} of ${plan.partnerId} (${plan.ending})`;
  const several = accepted.length > 1 ? [{ problem: `${name} became ${accepted.join(', ')}`, doubled: accepted.length - 1 }] : [];
  const found = cases.get(accepted[0] ?? '');
  if (!found?.document) return [...several, { problem: `${name} was accepted and does not exist`, lost: 1 }];
  const paying = journal.payings.find((one) => one.key === key)!;
  const problems = checkDocument(expected, paying, found.document, billId);
  const planned = paying.amountFen === expected.amountFen ? [] : [`was asked for over ${paying.amountFen} fen instead of as planned`];
  return [
    ...several,
    ...[...problems, ...planned].map((problem) => ({ problem: `${name} ${problem}` })),
    ...checkFacts(name, endOf(expected, found.document), found),
  ];
};

/** Where several race for a bill, one of them wins. */
const checkOneOf = ({ plan }: PlannedBill, ends: readonly { expected: ExpectedOfApp; end: string }[]): Finding[] => {
  const racing = ends.filter(({ expected }) => expected.oneOf !== undefined);
  const won = racing.filter(({ expected, end }) => end === expected.oneOf).length;
  if (racing.length === 0 || won === 1) return [];
  const name = `bill ${plan.billNo} of ${plan.partnerId} (${plan.ending})`;
  const problem = `of ${racing.length} payments of ${name} ${won} were ${racing[0]!.expected.oneOf}`;
  return [{ problem, ...(won > 1 ? { doubled: won - 1 } : { lost: 1 }) }];
};

/** Each request to pay that was accepted became one payment, and ended as planned by exactly the facts that lead there. */
export const checkApp = (evidence: Evidence, planned: readonly PlannedBill[], cases: ReadonlyMap<string, PaymentCase>): Finding[] => {
  const accepted = acceptedPayments(evidence.journal);
  return planned.flatMap((bill): Finding[] => {
    const { app = [] } = bill.plan.expected;
    const idsOf = ({ key }: ExpectedOfApp): string[] => [...(accepted.get(key) ?? [])];
    const ends = app.map((expected) => ({ expected, end: endOf(expected, cases.get(idsOf(expected)[0] ?? '')?.document) }));
    const each = app.flatMap((expected) => checkExpected(expected, bill, idsOf(expected), evidence, cases));
    return [...each, ...checkOneOf(bill, ends)];
  });
};

const acceptedStatus = 202;

/** A request without an acceptance that may have been taken all the same. */
const isOpen = ({ statuses, paymentIds }: Paying): boolean => {
  const last = statuses.at(-1) ?? 0;
  return paymentIds.length === 0 && (last < 400 || last === 429 || last >= 500);
};

/** No payment of a bill of the journal that nobody asked for, and no request that was left without an answer. */
export const checkAsked = ({ journal }: Evidence, bills: readonly PlannedBill[], cases: ReadonlyMap<string, PaymentCase>): Finding[] => {
  const { payings, finished } = journal;
  const accepted = new Set(payings.flatMap(({ paymentIds }) => paymentIds));
  const plans = new Map(bills.flatMap(({ plan, billId }) => (billId ? [[billId, plan]] : [])));
  const open = payings.filter(isOpen);
  const strangers = [...cases.values()].filter(
    ({ paymentId, own, document }) => own && document?.state.request && !accepted.has(paymentId),
  );
  const unasked = strangers.flatMap(({ paymentId, document }): Finding[] => {
    const { about, customerId, amountFen } = document!.state.request!;
    const plan = plans.get(about.payableId);
    const index = open.findIndex(
      (one) =>
        one.billNo === plan?.billNo && one.partnerId === about.partnerId && one.customerId === customerId && one.amountFen === amountFen,
    );
    if (index < 0) return [{ problem: `payment ${paymentId} of bill ${plan?.billNo} was never asked for`, doubled: 1 }];
    open.splice(index, 1);
    return [];
  });
  const silent = payings.filter(
    (paying) => finished && isOpen(paying) && !payings.some(({ key, paymentIds }) => key === paying.key && paymentIds.length > 0),
  );
  const keys = [...new Set(silent.map(({ key }) => key))];
  const unanswered = keys.map((key) => ({ problem: `the request to pay ${key} was never answered` }));
  const nameless = payings.filter(({ statuses, paymentIds }) => statuses.includes(acceptedStatus) && paymentIds.length === 0);
  return [
    ...unasked,
    ...unanswered,
    ...nameless.map(({ key }) => ({ problem: `the request to pay ${key} was accepted without a payment` })),
  ];
};
