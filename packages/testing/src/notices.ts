import type { BillItem } from '@scenefi/contracts';

export const schoolFees: BillItem[] = [
  { itemNo: 'tuition', name: '学费', amountFen: 120_000, mandatory: true, quantityMax: 1 },
  { itemNo: 'books', name: '教材费', amountFen: 30_000, mandatory: true, quantityMax: 1 },
];

type Fields = Record<string, unknown>;

/** The data of valid notices about one bill; a test changes the field that it is about. */
export const noticeData = {
  issued: (billNo: string, fields: Fields = {}): Fields => ({
    billNo,
    schoolName: '星河区实验小学',
    studentNo: 'S20260001',
    holderName: '王小明',
    title: '2026年秋季学费',
    items: schoolFees,
    selection: 'fixed',
    dueAt: '2099-09-30T23:59:59+08:00',
    payableAfterDue: false,
    ...fields,
  }),
  amended: (billNo: string, revision: number, fields: Fields = {}): Fields => ({
    billNo,
    revision,
    items: schoolFees.slice(0, 1),
    dueAt: '2099-10-31T23:59:59+08:00',
    ...fields,
  }),
  closed: (billNo: string): Fields => ({ billNo, reason: '学生转学' }),
  paid: (billNo: string, paymentNo: string, fields: Fields = {}): Fields => ({
    billNo,
    paymentNo,
    amountFen: 150_000,
    channel: 'counter',
    paidAt: '2026-09-01T10:00:00+08:00',
    ...fields,
  }),
  voided: (billNo: string, paymentNo: string): Fields => ({ billNo, paymentNo, reason: '录入错误' }),
};
