import { CampusBill, CampusBillNoticeRefused } from '@scenefi/contracts';
import { type Scene, sumFen } from '@scenefi/kernel';
import type { Bill, BillCommand, BillFact, Terms } from './bill-state.ts';
import { owedFen } from './items.ts';

type BillScene = Scene<Bill, BillCommand, BillFact>;

export const billContracts: BillScene['contracts'] = {
  'bill.billed': CampusBill.billed,
  'bill.changed': CampusBill.changed,
  'bill.withdrawn': CampusBill.withdrawn,
  'bill.paid-elsewhere': CampusBill.paidElsewhere,
  'bill.paid-elsewhere-voided': CampusBill.paidElsewhereVoided,
  'bill.notice-kept': 'private',
  'bill.notice-taken': 'private',
  'bill.notice-refused': CampusBillNoticeRefused,
};

/** The public picture of a bill: no clear name, no student number, no class. */
export const pictureOf = (payableId: string, bill: Bill, terms: Terms) => ({
  payableId,
  scene: 'campus',
  partnerId: terms.partnerId,
  reference: terms.billNo,
  accountId: terms.accountId,
  holderHash: terms.holderHash,
  holderMasked: terms.holderMasked,
  title: terms.title,
  status: bill.status,
  amountFen: owedFen(bill.items, terms.selection),
  paidFen: sumFen(bill.payments.map(({ amountFen }) => amountFen)),
  dueAt: bill.dueAt ?? terms.dueAt,
  payableAfterDue: terms.payableAfterDue,
  detail: { schoolName: terms.schoolName, selection: terms.selection, revision: bill.revision, items: bill.items },
});

/** The data of a public fact; what a kind of fact adds stands beside the whole picture. */
export const publishBill: BillScene['publish'] = (fact, bill, payableId) => {
  if (fact.type === 'bill.notice-refused') {
    const { noticeId, noticeType, partnerId, billNo } = fact.kept.command;
    return { payableId, scene: 'campus', partnerId, reference: billNo, status: bill.status, noticeId, noticeType, code: fact.code };
  }
  if (!bill.terms) throw new Error(`${fact.type} of a bill that was never issued`);
  const picture = pictureOf(payableId, bill, bill.terms);
  switch (fact.type) {
    case 'bill.withdrawn':
      return { ...picture, reason: fact.reason };
    case 'bill.paid-elsewhere':
      return { ...picture, payment: fact.payment };
    case 'bill.paid-elsewhere-voided':
      return { ...picture, payment: fact.payment, reason: fact.reason };
    default:
      return picture;
  }
};
