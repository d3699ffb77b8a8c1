/** A record as it stands in the log, read with the bare driver. */
export type RawRecord = { partition: number; offset: string; key: string; value: Buffer | null; headers: Readonly<Record<string, string>> };

/** An aggregate's document; its state is judged by those who know it. */
export type RawAggregate<State> = { _id: string; version: number; state: State; wakeAt?: string; unsent?: number };

export type RawPayment = { paymentNo: string; channel: string; amountFen: number; fit: string; allocation: string };
export type RawKept = { command: { noticeId: string; partnerId: string; billNo: string } };
export type RawBill = RawAggregate<{
  status: string;
  terms?: { partnerId: string; billNo: string };
  revision: number;
  payments: RawPayment[];
  voided: string[];
  kept: RawKept[];
}>;
export type RawAbout = { scene: string; partnerId: string; payableId: string };
export type RawReceived = RawAggregate<{
  status: string;
  received?: { about: RawAbout; reference: string; channel: string; allocation: string; amountFen: number };
}>;
export type RawEntry = {
  _id: string;
  paymentId: string;
  about: RawAbout;
  reason: string;
  businessDay: string;
  legs: { account: string; amountFen: number }[];
  postedFor: string;
};
export type RawBalance = { _id: string; account: string; debitFen: number; creditFen: number };
export type RawLetter = { _id: string; code: string; message: { topic: string; headers: Record<string, string> } };

/** What every service's database holds beside its own collections. */
export type RawBacklog = { service: string; letters: RawLetter[]; parked: { _id: string; code: string }[]; heads: { _id: string }[] };

export const topicNames = {
  notices: 'campus.notice.v1',
  bills: 'campus.bill.v1',
  refusals: 'campus.refusal.v1',
  payments: 'payments.payment.v1',
  entries: 'ledger.entry.v1',
  deadNotices: 'campus.notice.v1.campus.dlq',
} as const;
export type TopicRole = keyof typeof topicNames;

/** Who reads what, to tell what was lost from what was not read yet. */
export const readers = [
  { group: 'campus', topic: topicNames.notices },
  { group: 'payments', topic: topicNames.bills },
  { group: 'ledger', topic: topicNames.payments },
] as const;

export type ExpectedPayment = RawPayment & { status: 'recorded' | 'reversed'; atBank: boolean };
export type Refused = { noticeId: string; code: string };
export type Expected = {
  bill: string;
  revision: number;
  closed: boolean;
  payments: ExpectedPayment[];
  deadLetters: Refused[];
  refusedKept: Refused[];
};

/** How one bill was to go. */
export type Plan = {
  ending: string;
  partnerId: string;
  billNo: string;
  notices: { noticeId: string; bodySha256: string }[];
  expected: Expected;
};

/** One webhook with the statuses of all its tries; 0 where no answer came. */
export type Sent = { noticeId: string; billNo: string; expect: string; bodySha256: string; statuses: number[] };

/** What the schools intended and were told. */
export type Journal = { finished: boolean; plans: Plan[]; sends: Sent[] };

/** All that the auditor looks at. */
export type Evidence = {
  journal: Journal;
  topics: Record<TopicRole, RawRecord[]>;
  bills: RawBill[];
  payments: RawReceived[];
  entries: RawEntry[];
  balances: RawBalance[];
  backlogs: RawBacklog[];
  lags: { group: string; topic: string; behind: number }[];
  nowMs: number;
};

/** One discrepancy: a sentence for people, and how many effects it means are missing or there too often. */
export type Finding = { problem: string; lost?: number; doubled?: number };

const tally = (names: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/** Compares what must have happened with what did: each effect exactly as often, and no other. */
export const compareEffects = (subject: string, expected: readonly string[], actual: readonly string[]): Finding[] => {
  const wanted = tally(expected);
  const found = tally(actual);
  const findings: Finding[] = [];
  for (const [effect, count] of wanted) {
    const times = found.get(effect) ?? 0;
    if (times < count) findings.push({ problem: `${subject}: ${effect} is missing`, lost: count - times });
    if (times > count)
      findings.push({ problem: `${subject}: ${effect} stands there ${times} times instead of ${count}`, doubled: times - count });
  }
  for (const effect of found.keys()) if (!wanted.has(effect)) findings.push({ problem: `${subject}: ${effect} was not expected` });
  return findings;
};
