import type { BillItem, BillStatus, Channel, ChosenItem, Held, Holder } from '@scenefi/contracts';
import type { Instant } from '@scenefi/kernel';

/** What the school asked for when it issued the bill. Clear names stay in this service. */
export type Terms = {
  partnerId: string;
  billNo: string;
  accountId: string;
  holderHash: string;
  holderMasked: string;
  holderName: string;
  studentNo: string;
  className?: string;
  schoolName: string;
  title: string;
  items: readonly BillItem[];
  selection: 'fixed' | 'choice';
  dueAt: Instant;
  payableAfterDue: boolean;
};

/** Money that the school reports to have taken. */
export type ReportedPayment = { paymentNo: string; channel: Channel; amountFen: number; paidAt: Instant; items?: readonly ChosenItem[] };

/** The same, judged: what it is for this bill, and where bank-held money of it goes. */
export type JudgedPayment = Omit<ReportedPayment, 'items'> & {
  fit: 'exact' | 'amount-differs' | 'overpaid';
  allocation: 'payable' | 'suspense';
};

/** A payment of the app that the school took for its own books (销账). */
export type WriteOff = { paymentId: string; amountFen: number; writtenOffAt: Instant; receiptNo?: string };

/** Who pays the bill at this moment, and how far that is: nobody else may meanwhile. */
export type Holding = {
  /** The payment, or the lease that a cashier was given. */
  leaseId: string;
  holder: Holder;
  amountFen: number;
  phase: 'leased' | 'debited' | 'reversing';
  /** Until when a debit may be sent, and after it until when the school may stay silent. */
  until: Instant;
  /** When payments is asked again about the lease, or the school about the write-off. A cashier is asked nothing. */
  askAt?: Instant;
  /** How often payments was asked about the lease, and once it is debited how often the school was reminded. */
  asked: number;
  /** What was said once and is not said again: people have to decide, or the money has to go back. */
  told?: 'overdue' | 'reversal';
  /** A write-off that came while the money was already on its way back: payments decides which of the two was first. */
  claimed?: WriteOff;
};

/** A payment that no longer holds the bill and did not pay it, so that what comes late of it is known. */
export type Past = {
  leaseId: string;
  /** `lost`: debited though it did not hold the bill. `reversed`: given back, or about to be. */
  end: 'unpaid' | 'lost' | 'reversed';
  amountFen?: number;
  until?: Instant;
};

/** A refund as the school numbers it. */
export type Refund = { refundNo: string; paymentId: string; amountFen: number };

/** Which notice a command came from, so that its end can be told by name. */
type FromNotice = { noticeId: string; noticeType: string; partnerId: string; billNo: string };

export type NoticeCommand =
  | (FromNotice & { type: 'Amend'; revision: number; items: readonly BillItem[]; dueAt: Instant })
  | (FromNotice & { type: 'Close'; reason: string })
  | (FromNotice & { type: 'Pay'; payment: ReportedPayment })
  | (FromNotice & { type: 'VoidPayment'; paymentNo: string; reason: string })
  | (FromNotice & { type: 'WriteOff'; writeOff: WriteOff })
  | (FromNotice & { type: 'RejectWriteOff'; paymentId: string; reason: string })
  | (FromNotice & { type: 'RequestRefund'; refundNo: string; payment: string; amountFen: number; reason: string });

/** What payments says about one payment of this bill. */
export type PaymentCommand =
  | { type: 'Lease'; paymentId: string; partnerId: string; holder: 'app' | 'mandate'; amountFen: number; items?: readonly ChosenItem[] }
  | { type: 'EndLease'; paymentId: string }
  | { type: 'Debited'; paymentId: string; amountFen: number }
  | { type: 'Reversing'; paymentId: string }
  | { type: 'Reversed'; paymentId: string }
  | { type: 'Settled'; paymentId: string }
  | { type: 'Disputed'; paymentId: string }
  | { type: 'Refunded'; paymentId: string; paymentFen: number; refundNo: string; refundFen: number };

export type CashierCommand = { type: 'LeaseByCashier'; leaseId: string; billNo: string } | { type: 'ReleaseByCashier'; leaseId: string };

export type BillCommand =
  | { type: 'Issue'; terms: Terms; noticeId: string; noticeType: string }
  | NoticeCommand
  | PaymentCommand
  | CashierCommand
  | { type: 'Wake' };

export type Of<Type extends BillCommand['type']> = Extract<BillCommand, { type: Type }>;

/** A notice that came before its time. */
export type Kept = { command: NoticeCommand; until: Instant };

/** How a notice ended that came to something. */
export type HeardNotice = { noticeId: string; type: string; at: Instant; end: 'done' | 'kept' | 'refused'; code?: string };

export type Bill = {
  status: BillStatus;
  /** What the bill is without payments: where the last void, reversal or ended lease leads back to. */
  base: 'issued' | 'closed' | 'expired';
  terms?: Terms;
  /** Items and due time as last amended. */
  items: readonly BillItem[];
  dueAt?: Instant;
  revision: number;
  payments: readonly JudgedPayment[];
  voided: readonly string[];
  holding?: Holding;
  writtenOff?: WriteOff & { holder: Holder };
  /** Payments that the school wrote off though their money went back: people have to decide. */
  disputed: readonly string[];
  /** Every refund the school asked for, and every one that was done. */
  refunds: readonly (Refund & { done: boolean })[];
  past: readonly Past[];
  kept: readonly Kept[];
  heard: readonly HeardNotice[];
};

export const noBill: Bill = {
  status: 'announced',
  base: 'issued',
  items: [],
  revision: 0,
  payments: [],
  voided: [],
  disputed: [],
  refunds: [],
  past: [],
  kept: [],
  heard: [],
};

/** A bill as an earlier release saved it lacks what came later. */
export const whole = (bill: Bill): Bill => ({ ...noBill, ...bill });

type OfPayment = { paymentId: string; amountFen: number };

/** Who may pay. */
export type LeaseFact =
  | { type: 'bill.leased'; leaseId: string; holder: Holder; amountFen: number; until: Instant }
  | { type: 'bill.lease-refused'; paymentId: string; partnerId: string; code: string; held?: Held }
  | { type: 'bill.lease-questioned'; paymentId: string; reason: 'expired' | 'closed' | 'paid-elsewhere'; askAt: Instant }
  | { type: 'bill.lease-ended'; leaseId: string }
  | { type: 'bill.payment-passed'; paymentId: string };

/** What becomes of the money of one payment of the app. */
export type MoneyFact =
  | (OfPayment & { type: 'bill.write-off-awaited'; asked: number; askAt: Instant; until: Instant })
  | (OfPayment & { type: 'bill.write-off-overdue'; askAt: Instant })
  | (WriteOff & { type: 'bill.written-off' | 'bill.write-off-claimed' })
  | (OfPayment & { type: 'bill.write-off-rejected'; reason: string })
  | (OfPayment & { type: 'bill.reversal-requested'; reason: 'write-off-silent' | 'closed' | 'paid-elsewhere' | 'lease-lost' })
  | (OfPayment & { type: 'bill.reversal-begun' | 'bill.reversed' | 'bill.disputed' });

export type BillFact =
  | { type: 'bill.billed'; terms: Terms }
  | { type: 'bill.changed'; revision: number; items: readonly BillItem[]; dueAt: Instant }
  | { type: 'bill.withdrawn'; reason: 'closed-by-partner' | 'expired' }
  | { type: 'bill.paid-elsewhere'; payment: JudgedPayment }
  | { type: 'bill.paid-elsewhere-voided'; payment: JudgedPayment; reason: string }
  | LeaseFact
  | MoneyFact
  | { type: 'bill.refund-requested'; refund: Refund; reason: string; channel: Channel | 'app' | 'mandate' }
  | { type: 'bill.refund-refused'; refund: Refund; reason: string; code: 'not-held-by-bank' | 'not-written-off' | 'reversed' | 'disputed' }
  | (OfPayment & { type: 'bill.refunded'; refundNo: string; refundFen: number })
  | { type: 'bill.notice-kept'; kept: Kept }
  | { type: 'bill.notice-taken'; noticeId: string }
  | { type: 'bill.notice-refused'; kept: Kept; code: string }
  | { type: 'bill.notice-heard'; notice: HeardNotice };
