import type { About, Channel, ChosenItem, Held, Queue } from '@scenefi/contracts';
import { defineLifecycle, type Instant } from '@scenefi/kernel';

export type Status =
  | 'none'
  | 'recorded'
  | 'requested'
  | 'leased'
  | 'debiting'
  | 'debited'
  | 'settled'
  | 'refused'
  | 'failed'
  | 'reversing'
  | 'reversed'
  | 'disputed';

/** Money that a partner took and that lies with the bank. */
export type Received = {
  about: About;
  /** The partner's number of the payment. */
  reference: string;
  channel: Channel;
  /** As its bill said, until people decide that the partner is owed what lay in suspense. */
  allocation: 'payable' | 'suspense';
  amountFen: number;
  paidAt: Instant;
};

/** What a customer wants to pay in the app. The account's number never leaves this service but for the core bank. */
export type Request = {
  customerId: string;
  about: About;
  amountFen: number;
  items?: readonly ChosenItem[];
  payFrom: string;
  stepUp: boolean;
};

/** What the payment takes of the customer's limit of the day. */
export type LimitStatus = 'none' | 'reserving' | 'reserved' | 'committing' | 'committed' | 'releasing' | 'released';

/** A call whose end is not known: it may begin until a moment, and is made again after another one under the same key. */
export type Call = {
  /** `cancel` and `look` follow a decision of people: they move no money any more. */
  kind: 'reserve' | 'commit' | 'release' | 'debit' | 'cancel' | 'credit' | 'look';
  /** Behind the payment's id it is the idempotency key of every try. */
  key: string;
  attempt: number;
  since: Instant;
  until: Instant;
  againAt: Instant;
  /** The refund that a credit is for; without it the credit reverses the payment. */
  about?: string;
};

export type Refund = {
  refundNo: string;
  amountFen: number;
  reason: string;
  /** `returned`: the account refused it and it lies under the customer, until it is credited to another account. */
  status: 'crediting' | 'completed' | 'returned' | 'recrediting' | 'recredited' | 'refused';
  /** Of the last credit; each account has its own. */
  key: string;
  credits: number;
  accountNo?: string;
};

export type Proposal = { outcome: string; by: string; reason: string; at: Instant; accountNo?: string };

/** What waits for people, since when, and what one of them proposed. */
export type QueueItem = { name: Queue; since: Instant; refundNo?: string; proposal?: Proposal };

export type Resolution = { queue: Queue; refundNo?: string; outcome: string; by: readonly string[]; reason: string; at: Instant };

export type Reversal = { reason: string; creditAt: Instant; sent: boolean; end?: 'credited' | 'returned' };

export type Payment = {
  status: Status;
  /** Of money from elsewhere. */
  received?: Received;
  /** Of a payment of the app. */
  request?: Request & { requestedAt: Instant };
  leasedUntil?: Instant;
  limit: LimitStatus;
  refusal?: { code: string; held?: Held };
  debitedAt?: Instant;
  /** A reversal that was asked for before the end of the debit was known. */
  reversalWanted?: string;
  reversal?: Reversal;
  refunds: readonly Refund[];
  calls: readonly Call[];
  queue?: readonly QueueItem[];
  resolutions: readonly Resolution[];
};

export const noPayment: Payment = { status: 'none', limit: 'none', refunds: [], calls: [], resolutions: [] };

export type PaymentCommand =
  | { type: 'Record'; received: Received }
  | { type: 'Reverse'; received: Received }
  | { type: 'Request'; request: Request }
  | { type: 'LimitReserved' | 'LimitExceeded' | 'LimitCommitted' | 'LimitReleased' }
  | { type: 'Leased'; until: Instant }
  | { type: 'LeaseRefused'; code: string; held?: Held }
  | { type: 'QuestionLease'; about: About; reason: 'expired' | 'closed' | 'paid-elsewhere' }
  | { type: 'DebitApplied'; debitedAt: Instant }
  | { type: 'DebitRefused'; code: string }
  | { type: 'RequestReversal'; reason: string }
  | { type: 'WriteOff' | 'Overdue' | 'Dispute' }
  | { type: 'CreditApplied' | 'CreditRefused' }
  | { type: 'Refund'; refundNo: string; amountFen: number; reason: string }
  | { type: 'RefundApplied'; refundNo: string; key: string }
  | { type: 'RefundDenied'; refundNo: string; key: string }
  | { type: 'Resolve'; refundNo?: string; outcome: string; by: string; reason: string; accountNo?: string }
  | { type: 'Wake' };

export type CommandOf<Type extends PaymentCommand['type']> = Extract<PaymentCommand, { type: Type }>;

export type PaymentFact =
  | { type: 'payment.recorded'; received: Received }
  | { type: 'payment.allocated' }
  | { type: 'payment.requested'; request: Request }
  | { type: 'payment.refused'; code: string; held?: Held; request?: Request }
  | { type: 'payment.leased'; until: Instant }
  | { type: 'payment.limit-moved'; limit: LimitStatus; call?: Call }
  | { type: 'payment.debit-begun'; call: Call }
  | { type: 'payment.debited'; debitedAt: Instant }
  | { type: 'payment.failed'; code: string }
  | { type: 'payment.lease-held' | 'payment.lease-released'; about: About }
  | { type: 'payment.settled' | 'payment.disputed' }
  | { type: 'payment.reversal-wanted'; reason: string }
  | { type: 'payment.reversing'; reason: string; creditAt: Instant }
  | { type: 'payment.credit-sent'; call: Call }
  | { type: 'payment.reversed'; returned?: true }
  | { type: 'payment.refund-begun'; refund: Refund; call: Call }
  | { type: 'payment.refunded' | 'payment.refund-returned' | 'payment.refund-recredited' | 'payment.recredit-denied'; refundNo: string }
  | { type: 'payment.refund-refused'; refund: { refundNo: string; amountFen: number; reason: string }; code: string }
  | { type: 'payment.recredit-begun'; refundNo: string; accountNo: string; call: Call }
  | { type: 'payment.called'; call: Call }
  | { type: 'payment.call-ended'; key: string }
  | { type: 'payment.stuck' | 'payment.unstuck'; queue: Queue; refundNo?: string }
  | { type: 'payment.resolution-proposed'; queue: Queue; refundNo?: string; proposal: Proposal }
  | { type: 'payment.resolved'; resolution: Resolution };

/** Limits, and how long what is waited for. */
export type PaymentRules = {
  paymentFenMax: number;
  stepUpFenMin: number;
  /** What must be left of a lease when the debit is sent. */
  leaseMarginMs: number;
  /** How long one call takes at most, with the look before it. */
  callMs: number;
  /** When an unknown call is made again; doubles up to 64 times of it. */
  askMs: number;
  /** After so many tries without an answer people are called. */
  stuckAfter: number;
  /** How often the core bank is asked about what people decided by hand, and how late a call can still take effect. */
  keepAskingMs: number;
  latestMs: number;
  /** How long a reversal is told before the money goes back. */
  reversalGraceMs: number;
};

/** What a decision stands on beside its command. */
export type Standing = { payment: Payment; at: Instant; rules: PaymentRules };

/** The moves of a payment. Facts that move nothing do not stand here; which of several it is, the decision says. */
export const paymentLifecycle = defineLifecycle('payment', {
  none: { 'payment.recorded': 'recorded', 'payment.requested': 'requested', 'payment.refused': 'refused' },
  recorded: { 'payment.reversed': 'reversed' },
  requested: { 'payment.leased': 'leased', 'payment.refused': 'refused' },
  leased: { 'payment.debit-begun': 'debiting', 'payment.refused': 'refused' },
  debiting: { 'payment.debited': 'debited', 'payment.failed': 'failed' },
  debited: { 'payment.settled': 'settled', 'payment.reversing': 'reversing' },
  settled: {},
  refused: {},
  failed: { 'payment.debited': 'debited' },
  reversing: {
    'payment.credit-sent': 'reversing',
    'payment.settled': 'settled',
    'payment.reversed': 'reversed',
    'payment.disputed': 'disputed',
  },
  reversed: { 'payment.disputed': 'disputed' },
  disputed: { 'payment.reversed': 'disputed' },
});
