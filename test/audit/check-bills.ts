import type { Evidence, Expected, ExpectedPayment, Plan, RawBill, RawPayment } from './evidence.ts';
import { type Fact, firstAppearances, jsonOf, verbOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';

const took = ({ paymentNo, amountFen, channel, fit, allocation }: RawPayment): string =>
  `payment ${paymentNo} of ${amountFen} fen by ${channel} (${fit}, ${allocation})`;

/** What a bill says of payments of the app and of refunds is held against them by checks of its own. */
const ofPayments = new Set([
  'leased',
  'lease-refused',
  'lease-questioned',
  'lease-ended',
  'write-off-awaited',
  'write-off-overdue',
  'written-off',
  'write-off-rejected',
  'reversal-requested',
  'reversal-begun',
  'reversed',
  'disputed',
  'refund-requested',
  'refund-refused',
  'refunded',
]);

/** What a fact of a bill is, in words that show a repeat. Whether a bill expired first is a matter of timing, so expiry is left out. */
const effectOf = ({ type, data }: Fact): string | undefined => {
  switch (type) {
    case 'campus.bill.billed':
      return 'the issue';
    case 'campus.bill.changed':
      return `revision ${(data.detail as { revision: number }).revision}`;
    case 'campus.bill.withdrawn':
      return data.reason === 'expired' ? undefined : 'the closing';
    case 'campus.bill.paid-elsewhere':
      return took(data.payment as RawPayment);
    case 'campus.bill.paid-elsewhere-voided':
      return `the void of ${(data.payment as RawPayment).paymentNo}`;
    case 'campus.bill.notice-refused':
      return `the refusal of kept ${data.noticeId} with ${data.code}`;
    default:
      return `the fact ${type}`;
  }
};

const isBilled = ({ bill }: Expected): boolean => bill !== 'lapsed' && bill !== 'none';

const expectedEffects = (expected: Expected): string[] => [
  ...(isBilled(expected) ? ['the issue'] : []),
  ...Array.from({ length: expected.revision }, (_, index) => `revision ${index + 1}`),
  ...(expected.closed ? ['the closing'] : []),
  ...expected.payments.map(took),
  ...expected.payments.filter(({ status }) => status === 'reversed').map(({ paymentNo }) => `the void of ${paymentNo}`),
  ...expected.refusedKept.map(({ noticeId, code }) => `the refusal of kept ${noticeId} with ${code}`),
];

const listed = (payments: readonly string[]): string => [...payments].sort().join(' + ') || 'none';

/** What the document itself says, beside the facts. */
const checkDocument = (name: string, bill: RawBill, expected: Expected): Finding[] => {
  const { status, revision, payments, voided, kept, terms } = bill.state;
  const problems: string[] = [];
  if (status !== expected.bill) problems.push(`should be ${expected.bill} and is ${status}`);
  if (terms && revision !== expected.revision) problems.push(`should be at revision ${expected.revision} and is at ${revision}`);
  if (kept.length > 0) problems.push(`still keeps ${kept.map(({ command }) => command.noticeId).join(', ')}`);
  const standing = expected.payments.filter((payment) => payment.status === 'recorded').map(took);
  if (listed(standing) !== listed(payments.map(took)))
    problems.push(`should hold ${listed(standing)} and holds ${listed(payments.map(took))}`);
  const back = expected.payments.filter((payment: ExpectedPayment) => payment.status === 'reversed').map(({ paymentNo }) => paymentNo);
  if (listed(back) !== listed(voided)) problems.push(`should have voided ${listed(back)} and has voided ${listed(voided)}`);
  return problems.map((problem) => ({ problem: `${name} ${problem}` }));
};

/** A refused first notice leaves a document that remembers the refusal, and no bill. */
const isNoBill = ({ version, state }: RawBill): boolean => version === 0 && !state.terms && state.kept.length === 0;

const schoolKey = (partnerId: string, billNo: string): string => `${partnerId}|${billNo}`;

/** Which id each bill of a school has, by the keys of the notices themselves. */
const idsByNumber = ({ topics }: Evidence): { ids: Map<string, string>; findings: Finding[] } => {
  const ids = new Map<string, string>();
  const findings: Finding[] = [];
  for (const record of topics.notices) {
    const billNo = (jsonOf(record)?.data as { billNo?: string } | undefined)?.billNo;
    const partnerId = record.headers.ce_partnerid;
    if (!billNo || !partnerId) continue;
    const number = schoolKey(partnerId, billNo);
    if ((ids.get(number) ?? record.key) !== record.key)
      findings.push({ problem: `notices about bill ${billNo} of ${partnerId} have several keys` });
    if (!ids.has(number)) ids.set(number, record.key);
  }
  return { ids, findings };
};

/** A planned bill, and the id that the notices about it have; none where no notice of it stands in the log. */
export type PlannedBill = { plan: Plan; billId: string | undefined };

export const findBills = (evidence: Evidence, plans: readonly Plan[]): { planned: PlannedBill[]; findings: Finding[] } => {
  const { ids, findings } = idsByNumber(evidence);
  return { planned: plans.map((plan) => ({ plan, billId: ids.get(schoolKey(plan.partnerId, plan.billNo)) })), findings };
};

/** Every planned bill ended as planned, by exactly the facts that lead there. */
export const checkBills = ({ bills, topics }: Evidence, planned: readonly PlannedBill[]): Finding[] => {
  const byId = new Map(bills.map((bill) => [bill._id, bill]));
  const facts = Map.groupBy(firstAppearances(topics.bills), ({ key }) => key);
  return planned.flatMap(({ plan, billId = '' }): Finding[] => {
    const { expected, partnerId, billNo, ending } = plan;
    const name = `bill ${billNo} of ${partnerId} (${ending})`;
    const bill = byId.get(billId);
    const own = (facts.get(billId) ?? []).filter((fact) => !ofPayments.has(verbOf(fact)));
    const effects = own.flatMap((fact) => effectOf(fact) ?? []);
    const findings = compareEffects(name, expectedEffects(expected), effects);
    if (expected.bill === 'none') {
      if (bill && !isNoBill(bill)) findings.push({ problem: `${name} should not exist and is ${bill.state.status}` });
      return findings;
    }
    if (!bill) return [...findings, { problem: `${name} should be ${expected.bill} and does not exist` }];
    const { terms } = bill.state;
    if (terms && (terms.partnerId !== partnerId || terms.billNo !== billNo))
      findings.push({ problem: `${name} stands under the id of bill ${terms.billNo} of ${terms.partnerId}` });
    return [...findings, ...checkDocument(name, bill, expected)];
  });
};
