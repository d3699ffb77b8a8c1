import type { Bill, BillCommand, BillFact, JudgedPayment, Kept, NoticeCommand, ReportedPayment, Terms } from '../src/bill-state.ts';

export const at = '2026-09-01T00:00:00.000Z';
export const dueAt = '2026-09-30T15:59:59.000Z';
export const afterDue = '2026-10-01T00:00:00.000Z';
export const aYearLater = '2027-09-01T00:00:00.000Z';
export const sevenDaysMs = 7 * 24 * 60 * 60 * 1000;
export const sevenDaysLater = '2026-09-08T00:00:00.000Z';

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

export const issue = (fields: Partial<Terms> = {}): BillCommand => ({ type: 'Issue', terms: { ...terms, ...fields } });
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
