import type { BillItem, BillStatus, Channel, ChosenItem } from '@scenefi/contracts';
import { defineLifecycle, type Instant } from '@scenefi/kernel';

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

/** Which notice a command came from, so that one that was kept can be refused by name. */
type FromNotice = { noticeId: string; noticeType: string; partnerId: string; billNo: string };

export type NoticeCommand =
  | (FromNotice & { type: 'Amend'; revision: number; items: readonly BillItem[]; dueAt: Instant })
  | (FromNotice & { type: 'Close'; reason: string })
  | (FromNotice & { type: 'Pay'; payment: ReportedPayment })
  | (FromNotice & { type: 'VoidPayment'; paymentNo: string; reason: string });

export type BillCommand = { type: 'Issue'; terms: Terms } | NoticeCommand | { type: 'Wake' };

/** A notice that came before its time. */
export type Kept = { command: NoticeCommand; until: Instant };

export type Bill = {
  status: BillStatus;
  /** What the bill is without payments: where the last void leads back to. */
  base: 'issued' | 'closed' | 'expired';
  terms?: Terms;
  /** Items and due time as last amended. */
  items: readonly BillItem[];
  dueAt?: Instant;
  revision: number;
  payments: readonly JudgedPayment[];
  voided: readonly string[];
  kept: readonly Kept[];
};

export const noBill: Bill = { status: 'announced', base: 'issued', items: [], revision: 0, payments: [], voided: [], kept: [] };

export type BillFact =
  | { type: 'bill.billed'; terms: Terms }
  | { type: 'bill.changed'; revision: number; items: readonly BillItem[]; dueAt: Instant }
  | { type: 'bill.withdrawn'; reason: 'closed-by-partner' | 'expired' }
  | { type: 'bill.paid-elsewhere'; payment: JudgedPayment }
  | { type: 'bill.paid-elsewhere-voided'; payment: JudgedPayment; reason: string }
  | { type: 'bill.notice-kept'; kept: Kept }
  | { type: 'bill.notice-taken'; noticeId: string }
  | { type: 'bill.notice-refused'; kept: Kept; code: string };

const unpaid = ['issued', 'closed', 'expired'] as const;
const paid = ['paid-elsewhere', 'amount-differs', 'overpaid'] as const;

export const billLifecycle = defineLifecycle('bill', {
  announced: { 'bill.billed': 'issued', 'bill.notice-kept': 'announced', 'bill.notice-refused': ['announced', 'lapsed'] },
  lapsed: { 'bill.billed': 'issued', 'bill.notice-kept': 'announced' },
  issued: {
    'bill.changed': 'issued',
    'bill.withdrawn': ['closed', 'expired'],
    'bill.paid-elsewhere': ['paid-elsewhere', 'amount-differs'],
  },
  closed: { 'bill.paid-elsewhere': 'overpaid' },
  expired: { 'bill.changed': 'issued', 'bill.withdrawn': 'closed', 'bill.paid-elsewhere': ['paid-elsewhere', 'amount-differs'] },
  'paid-elsewhere': { 'bill.paid-elsewhere': 'overpaid', 'bill.paid-elsewhere-voided': unpaid },
  'amount-differs': { 'bill.paid-elsewhere': 'overpaid', 'bill.paid-elsewhere-voided': unpaid },
  overpaid: { 'bill.paid-elsewhere': 'overpaid', 'bill.paid-elsewhere-voided': [...unpaid, ...paid] },
});

const paidStatus = { exact: 'paid-elsewhere', 'amount-differs': 'amount-differs', overpaid: 'overpaid' } as const;

/** What the payments that stand make of the bill; several at once are too many. */
const statusOf = (payments: readonly JudgedPayment[], base: Bill['base']): BillStatus => {
  const [only, ...more] = payments;
  if (!only) return base;
  return more.length > 0 ? 'overpaid' : paidStatus[only.fit];
};

const without = (kept: readonly Kept[], noticeId: string): Kept[] => kept.filter(({ command }) => command.noticeId !== noticeId);

export const evolve = (bill: Bill, fact: BillFact): Bill => {
  const next = (wanted?: BillStatus): BillStatus => billLifecycle.next(bill.status, fact.type, wanted);
  switch (fact.type) {
    case 'bill.billed':
      return { ...bill, status: next(), base: 'issued', terms: fact.terms, items: fact.terms.items, dueAt: fact.terms.dueAt };
    case 'bill.changed':
      return { ...bill, status: next(), base: 'issued', revision: fact.revision, items: fact.items, dueAt: fact.dueAt };
    case 'bill.withdrawn': {
      const base = fact.reason === 'expired' ? 'expired' : 'closed';
      return { ...bill, status: next(base), base };
    }
    case 'bill.paid-elsewhere': {
      const payments = [...bill.payments, fact.payment];
      return { ...bill, status: next(statusOf(payments, bill.base)), payments };
    }
    case 'bill.paid-elsewhere-voided': {
      const payments = bill.payments.filter(({ paymentNo }) => paymentNo !== fact.payment.paymentNo);
      const voided = [...bill.voided, fact.payment.paymentNo];
      return { ...bill, status: next(statusOf(payments, bill.base)), payments, voided };
    }
    case 'bill.notice-kept':
      return { ...bill, status: bill.terms ? bill.status : next(), kept: [...bill.kept, fact.kept] };
    case 'bill.notice-taken':
      return { ...bill, kept: without(bill.kept, fact.noticeId) };
    case 'bill.notice-refused': {
      const kept = without(bill.kept, fact.kept.command.noticeId);
      if (bill.terms) return { ...bill, kept };
      return { ...bill, status: next(kept.length === 0 ? 'lapsed' : 'announced'), kept };
    }
    default:
      return fact satisfies never;
  }
};
