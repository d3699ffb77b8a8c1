/** A record as it stands in the log, read with the bare driver. */
export type RawRecord = { partition: number; offset: string; key: string; value: Buffer | null; headers: Readonly<Record<string, string>> };

/** An aggregate's document; its state is judged by those who know it. */
export type RawAggregate<State> = { _id: string; version: number; state: State; at: string; wakeAt?: string; unsent?: number };

export type RawPayment = { paymentNo: string; channel: string; amountFen: number; fit: string; allocation: string };
export type RawKept = { command: { noticeId: string; partnerId: string; billNo: string } };
export type RawBill = RawAggregate<{
  status: string;
  terms?: { partnerId: string; billNo: string };
  revision: number;
  payments: RawPayment[];
  voided: string[];
  kept: RawKept[];
  /** The payment of the app that the school took for its own books. */
  writtenOff?: { paymentId: string; amountFen: number };
  refunds?: { refundNo: string; paymentId: string; amountFen: number; done: boolean }[];
}>;
export type RawAbout = { scene: string; partnerId: string; payableId: string };
/** Money from elsewhere was `received`, a payment of the app was a `request`. */
export type RawMovement = RawAggregate<{
  status: string;
  received?: { about: RawAbout; reference: string; channel: string; allocation: string; amountFen: number };
  request?: { about: RawAbout; customerId: string; amountFen: number };
  refusal?: { code: string };
  reversal?: { end?: string };
  refunds?: { refundNo: string; amountFen: number; status: string }[];
  queue?: { name: string; refundNo?: string }[];
  /** What people decided. */
  resolutions?: { outcome: string }[];
}>;
export type RawMailbox = RawAggregate<{
  partnerId: string;
  letters: { deliveryId: string; telling: string; data: Record<string, unknown>; status: string }[];
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

/** One line of the core bank's file about money: what stands under a key. A cancellation alone has no order. */
export type RawBooking = {
  kind: 'debit' | 'credit';
  key: string;
  status: string;
  code?: string;
  order?: { amountFen: number; customerId?: string; accountNo?: string; channel?: string; reference?: string };
};

export type RawToldData = { billNo?: string; paymentId?: string; amountFen?: number; refundNo?: string } & Record<string, unknown>;
/** One line of the schools' own file: a webhook that was taken with what the school says to it, or how one of its notices was answered. */
export type RawSchoolLine =
  | {
      kind: 'taken';
      partnerId: string;
      webhookId: string;
      type: string;
      data: RawToldData;
      notices: { webhookId: string; type: string; data: RawToldData }[];
    }
  | { kind: 'answered'; partnerId: string; webhookId: string; outcome: string };

/** What every service's database holds beside its own collections. */
export type RawBacklog = { service: string; letters: RawLetter[]; parked: { _id: string; code: string }[]; heads: { _id: string }[] };

export const topicNames = {
  notices: 'campus.notice.v1',
  bills: 'campus.bill.v1',
  refusals: 'campus.refusal.v1',
  payments: 'payments.payment.v1',
  entries: 'ledger.entry.v1',
  customers: 'profiles.customer.v1',
  deliveries: 'notifier.delivery.v1',
  deadNotices: 'campus.notice.v1.campus.dlq',
} as const;
export type TopicRole = keyof typeof topicNames;

/** Who reads what, to tell what was lost from what was not read yet. */
export const readers = [
  { group: 'campus', topic: topicNames.notices },
  { group: 'campus', topic: topicNames.payments },
  { group: 'payments', topic: topicNames.bills },
  { group: 'ledger', topic: topicNames.payments },
  { group: 'profiles', topic: topicNames.bills },
  { group: 'notifier', topic: topicNames.bills },
  { group: 'notifier', topic: topicNames.payments },
  { group: 'notifier', topic: topicNames.refusals },
] as const;

/** `queue`: the one queue of people that it stands in. */
export type ExpectedPayment = RawPayment & { status: 'recorded' | 'reversed'; atBank: boolean; queue?: string };
export type Refused = { noticeId: string; code: string };
/** A payment of the app by its Idempotency-Key. */
export type ExpectedOfApp = {
  key: string;
  amountFen: number;
  status: string;
  /** Any of several, where the order of things decides. */
  code?: string | string[];
  /** The reversal was refused by the account. */
  returned?: boolean;
  /** The one queue of people that it stands in. */
  queue?: string;
  /** Of the bill's payments that have this exactly one, whichever it is, ends so instead. */
  oneOf?: string;
};
/** `of` is the Idempotency-Key of a payment of the app, or the paymentNo of one from elsewhere. */
export type ExpectedRefund = { of: string; amountFen: number; end: 'completed' | 'returned' | 'refused'; code?: string };
export type Expected = {
  bill: string;
  revision: number;
  closed: boolean;
  payments: ExpectedPayment[];
  deadLetters: Refused[];
  refusedKept: Refused[];
  app?: ExpectedOfApp[];
  refunds?: ExpectedRefund[];
  /** The school wrote the payment of the app off, and it stands. */
  writtenOff?: boolean;
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

/** One request to pay with the statuses of all its tries, and the payments that the bank said it became. */
export type Paying = {
  key: string;
  billNo: string;
  partnerId: string;
  customerId: string;
  amountFen: number;
  statuses: number[];
  paymentIds: string[];
};

/** What schools and customers intended and were told. */
export type Journal = { finished: boolean; plans: Plan[]; sends: Sent[]; payings: Paying[] };

/** All that the auditor looks at. */
export type Evidence = {
  journal: Journal;
  topics: Record<TopicRole, RawRecord[]>;
  bills: RawBill[];
  payments: RawMovement[];
  mailboxes: RawMailbox[];
  customers: RawAggregate<unknown>[];
  entries: RawEntry[];
  balances: RawBalance[];
  backlogs: RawBacklog[];
  lags: { group: string; topic: string; behind: number }[];
  bank: RawBooking[];
  schools: RawSchoolLine[];
  /** When the databases began to be read. */
  nowMs: number;
};
