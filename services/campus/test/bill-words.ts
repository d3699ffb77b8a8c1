import { type BillRules, billScene } from '../src/bill.ts';
import type {
  Bill,
  BillCommand,
  BillFact,
  JudgedPayment,
  Kept,
  MoneyFact,
  NoticeCommand,
  Of,
  ReportedPayment,
  Terms,
} from '../src/bill-state.ts';

export const at = '2026-09-01T00:00:00.000Z';
export const dueAt = '2026-09-30T15:59:59.000Z';
export const afterDue = '2026-10-01T00:00:00.000Z';
export const aYearLater = '2027-09-01T00:00:00.000Z';
export const sevenDaysMs = 7 * 24 * 60 * 60 * 1000;
export const sevenDaysLater = '2026-09-08T00:00:00.000Z';

export const minuteMs = 60_000;
export const threeMinutesLater = '2026-09-01T00:03:00.000Z';
export const tenMinutesLater = '2026-09-01T00:10:00.000Z';
export const aDayLater = '2026-09-02T00:00:00.000Z';

export const rules: BillRules = {
  keepEarlyMs: sevenDaysMs,
  leaseMs: 3 * minuteMs,
  leaseAskMs: minuteMs / 2,
  writeOffAskMs: 10 * minuteMs,
  writeOffDeadlineMs: 24 * 60 * minuteMs,
  onSilence: () => 'queue',
};

/** The scene without its notes of how notices ended, which have tests of their own. */
export const quiet = (scene: ReturnType<typeof billScene>): ReturnType<typeof billScene> => ({
  ...scene,
  decide: (command, bill, context) => scene.decide(command, bill, context).filter(({ type }) => type !== 'bill.notice-heard'),
});

export const scene = quiet(billScene(rules));

/** What must not leave this service; no other word of the tests contains one of these. */
export const canaries = { holderName: '端木赐香', studentNo: 'STU-77001', className: '三年二班' };

type Item = Terms['items'][number];

export const item = (itemNo: string, amountFen: number, fields: Partial<Item> = {}): Item => ({
  itemNo,
  name: `item ${itemNo}`,
  amountFen,
  mandatory: true,
  quantityMax: 1,
  ...fields,
});

export const terms: Terms = {
  partnerId: 'school-a',
  billNo: 'B-1',
  accountId: `acc_${'a'.repeat(26)}`,
  holderHash: 'hash',
  holderMasked: '端*香',
  ...canaries,
  schoolName: '第一小学',
  title: '学费',
  items: [item('tuition', 100), item('books', 50)],
  selection: 'fixed',
  dueAt,
  payableAfterDue: false,
};

export const issue = (fields: Partial<Terms> = {}): BillCommand => ({
  type: 'Issue',
  terms: { ...terms, ...fields },
  noticeId: 'issue',
  noticeType: 'campus.bill.issued',
});
export const wake: BillCommand = { type: 'Wake' };

const from = (noticeId: string, noticeType: string) => ({ noticeId, noticeType, partnerId: 'school-a', billNo: 'B-1' });

/** Revision n asks for 100 + n fen, so that every revision owes something else. */
export const revisionItems = (revision: number): Item[] => [item('tuition', 100 + revision)];

type Amend = Extract<NoticeCommand, { type: 'Amend' }>;

export const amend = (revision: number, fields: Partial<Pick<Amend, 'items' | 'dueAt'>> = {}): NoticeCommand => ({
  type: 'Amend',
  ...from(`amend-${revision}`, 'campus.bill.amended'),
  revision,
  items: revisionItems(revision),
  dueAt,
  ...fields,
});

export const close: NoticeCommand = { type: 'Close', ...from('close', 'campus.bill.closed'), reason: 'moved away' };

export const pay = (paymentNo: string, amountFen: number, fields: Partial<ReportedPayment> = {}): NoticeCommand => ({
  type: 'Pay',
  ...from(`pay-${paymentNo}-${amountFen}`, 'campus.bill.paid'),
  payment: { paymentNo, channel: 'counter', amountFen, paidAt: at, ...fields },
});

export const voidOf = (paymentNo: string): NoticeCommand => ({
  type: 'VoidPayment',
  ...from(`void-${paymentNo}`, 'campus.bill.paid-voided'),
  paymentNo,
  reason: 'typo',
});

export const judged = (paymentNo: string, amountFen: number, fit: JudgedPayment['fit']): JudgedPayment => ({
  paymentNo,
  channel: 'counter',
  amountFen,
  paidAt: at,
  fit,
  allocation: fit === 'exact' ? 'payable' : 'suspense',
});

export const billed = (fields: Partial<Terms> = {}): BillFact => ({ type: 'bill.billed', terms: { ...terms, ...fields } });
export const changed = (revision: number): BillFact => ({ type: 'bill.changed', revision, items: revisionItems(revision), dueAt });
export const closed: BillFact = { type: 'bill.withdrawn', reason: 'closed-by-partner' };
export const expired: BillFact = { type: 'bill.withdrawn', reason: 'expired' };
export const paid = (payment: JudgedPayment): BillFact => ({ type: 'bill.paid-elsewhere', payment });
export const voided = (payment: JudgedPayment): BillFact => ({ type: 'bill.paid-elsewhere-voided', payment, reason: 'typo' });

const keptOf = (command: NoticeCommand): Kept => ({ command, until: sevenDaysLater });
export const kept = (command: NoticeCommand): BillFact => ({ type: 'bill.notice-kept', kept: keptOf(command) });
export const taken = (command: NoticeCommand): BillFact => ({ type: 'bill.notice-taken', noticeId: command.noticeId });
export const refused = (command: NoticeCommand, code: string): BillFact => ({ type: 'bill.notice-refused', kept: keptOf(command), code });

export type Status = Bill['status'];

/** A payment of the app by its letter: `pay_aaa…`. */
export const app = (letter: string): string => `pay_${letter.repeat(26)}`;
export const cashier = (letter: string): string => `lea_${letter.repeat(26)}`;

export const leaseFor = (paymentId: string, fields: Partial<Of<'Lease'>> = {}): BillCommand => ({
  type: 'Lease',
  paymentId,
  partnerId: 'school-a',
  holder: 'app',
  amountFen: 150,
  ...fields,
});
export const endLease = (paymentId: string): BillCommand => ({ type: 'EndLease', paymentId });
export const leaseByCashier = (leaseId: string): BillCommand => ({ type: 'LeaseByCashier', leaseId, billNo: 'B-1' });
export const releaseByCashier = (leaseId: string): BillCommand => ({ type: 'ReleaseByCashier', leaseId });
export const debit = (paymentId: string, amountFen = 150): BillCommand => ({ type: 'Debited', paymentId, amountFen });
export const heardOf = (type: 'Reversing' | 'Reversed' | 'Settled' | 'Disputed', paymentId: string): BillCommand => ({ type, paymentId });
export const refundDone = (paymentId: string, refundFen: number, refundNo = 'R1'): BillCommand => ({
  type: 'Refunded',
  paymentId,
  paymentFen: 150,
  refundNo,
  refundFen,
});

export const writeOffOf = (paymentId: string, amountFen = 150): NoticeCommand => ({
  type: 'WriteOff',
  ...from(`off-${paymentId.slice(4, 6)}-${amountFen}`, 'campus.bill.written-off'),
  writeOff: { paymentId, amountFen, writtenOffAt: at, receiptNo: 'E-1' },
});
export const rejectionOf = (paymentId: string): NoticeCommand => ({
  type: 'RejectWriteOff',
  ...from(`reject-${paymentId.slice(4, 6)}`, 'campus.bill.write-off-rejected'),
  paymentId,
  reason: 'unknown student',
});
export const refundOf = (payment: string, amountFen = 150, refundNo = 'R1'): NoticeCommand => ({
  type: 'RequestRefund',
  ...from(`refund-${refundNo}-${payment.slice(0, 6)}-${amountFen}`, 'campus.refund.requested'),
  refundNo,
  payment,
  amountFen,
  reason: 'moved away',
});

type Leased = Extract<BillFact, { type: 'bill.leased' }>;

export const leased = (leaseId: string, fields: Partial<Leased> = {}): BillFact => ({
  type: 'bill.leased',
  leaseId,
  holder: leaseId.startsWith('lea_') ? 'cashier' : 'app',
  amountFen: 150,
  until: threeMinutesLater,
  ...fields,
});
export const leaseRefused = (paymentId: string, code: string, fields: object = {}): BillFact => ({
  type: 'bill.lease-refused',
  paymentId,
  partnerId: 'school-a',
  code,
  ...fields,
});
export const leaseEnded = (leaseId: string): BillFact => ({ type: 'bill.lease-ended', leaseId });
export const questioned = (paymentId: string, reason: 'expired' | 'closed' | 'paid-elsewhere', askAt: `${string}Z`): BillFact => ({
  type: 'bill.lease-questioned',
  paymentId,
  reason,
  askAt,
});

type Plain = 'bill.reversal-begun' | 'bill.reversed' | 'bill.disputed';
export const money = (type: Plain, paymentId: string): MoneyFact => ({ type, paymentId, amountFen: 150 });
export const awaited = (paymentId: string, asked = 0, askAt: `${string}Z` = tenMinutesLater): MoneyFact => ({
  type: 'bill.write-off-awaited',
  paymentId,
  amountFen: 150,
  asked,
  askAt,
  until: aDayLater,
});
export const writtenOff = (paymentId: string): MoneyFact => ({
  type: 'bill.written-off',
  paymentId,
  amountFen: 150,
  writtenOffAt: at,
  receiptNo: 'E-1',
});
export const claimed = (paymentId: string): MoneyFact => ({ ...writtenOff(paymentId), type: 'bill.write-off-claimed' }) as MoneyFact;
export const reversalRequested = (
  paymentId: string,
  reason: 'write-off-silent' | 'closed' | 'paid-elsewhere' | 'lease-lost',
): MoneyFact => ({
  type: 'bill.reversal-requested',
  paymentId,
  amountFen: 150,
  reason,
});
export const rejected = (paymentId: string): MoneyFact => ({
  type: 'bill.write-off-rejected',
  paymentId,
  amountFen: 150,
  reason: 'unknown student',
});
export const refunded = (paymentId: string, refundFen: number, refundNo = 'R1'): BillFact => ({
  type: 'bill.refunded',
  paymentId,
  amountFen: 150,
  refundNo,
  refundFen,
});
