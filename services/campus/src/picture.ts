import { CampusBill, CampusBillNoticeRefused } from '@scenefi/contracts';
import { type Scene, sumFen } from '@scenefi/kernel';
import { type Bill, type BillCommand, type BillFact, type Refund, type Terms, whole } from './bill-state.ts';
import { owedFen } from './items.ts';
import { heldOf } from './lease.ts';
import { refundedFen } from './lifecycle.ts';

type BillScene = Scene<Bill, BillCommand, BillFact>;

export const billContracts: BillScene['contracts'] = {
  'bill.billed': CampusBill.billed,
  'bill.changed': CampusBill.changed,
  'bill.withdrawn': CampusBill.withdrawn,
  'bill.paid-elsewhere': CampusBill.paidElsewhere,
  'bill.paid-elsewhere-voided': CampusBill.paidElsewhereVoided,
  'bill.leased': CampusBill.leased,
  'bill.lease-refused': CampusBill.leaseRefused,
  'bill.lease-questioned': CampusBill.leaseQuestioned,
  'bill.lease-ended': CampusBill.leaseEnded,
  'bill.payment-passed': 'private',
  'bill.write-off-awaited': CampusBill.writeOffAwaited,
  'bill.write-off-overdue': CampusBill.writeOffOverdue,
  'bill.write-off-claimed': CampusBill.writtenOff,
  'bill.written-off': CampusBill.writtenOff,
  'bill.write-off-rejected': CampusBill.writeOffRejected,
  'bill.reversal-requested': CampusBill.reversalRequested,
  'bill.reversal-begun': CampusBill.reversalBegun,
  'bill.reversed': CampusBill.reversed,
  'bill.disputed': CampusBill.disputed,
  'bill.refund-requested': CampusBill.refundRequested,
  'bill.refund-refused': CampusBill.refundRefused,
  'bill.refunded': CampusBill.refunded,
  'bill.notice-kept': 'private',
  'bill.notice-taken': 'private',
  'bill.notice-heard': 'private',
  'bill.notice-refused': CampusBillNoticeRefused,
};

/** What was paid and stands: money that went back whole is left out, refunds are told beside it. */
const paidFen = ({ payments, writtenOff, disputed }: Bill): number => {
  const app = writtenOff && !disputed.includes(writtenOff.paymentId) ? writtenOff.amountFen : 0;
  return sumFen([app, ...payments.map(({ amountFen }) => amountFen)]);
};

/** The public picture of a bill: no clear name, no student number, no class. */
export const pictureOf = (payableId: string, saved: Bill, terms: Terms) => {
  const bill = whole(saved);
  const backFen = refundedFen(bill);
  return {
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
    paidFen: paidFen(bill),
    ...(backFen > 0 && { refundedFen: backFen }),
    ...(bill.holding && { held: heldOf(bill.holding) }),
    dueAt: bill.dueAt ?? terms.dueAt,
    payableAfterDue: terms.payableAfterDue,
    detail: { schoolName: terms.schoolName, selection: terms.selection, revision: bill.revision, items: bill.items },
  };
};

/** What only names the bill, beside one payment or notice. */
const asideOf = (payableId: string, { terms }: Bill) => ({
  payableId,
  scene: 'campus',
  partnerId: terms?.partnerId,
  reference: terms?.billNo,
});

/** A fact that changes nothing of the bill, or may be about one that was never issued; undefined for every other. */
const publishAside = (fact: BillFact, bill: Bill, payableId: string): unknown => {
  const aside = asideOf(payableId, bill);
  switch (fact.type) {
    case 'bill.notice-refused': {
      const { noticeId, noticeType, partnerId, billNo } = fact.kept.command;
      return { ...aside, partnerId, reference: billNo, status: bill.status, noticeId, noticeType, code: fact.code };
    }
    case 'bill.lease-refused': {
      const { paymentId, partnerId, code, held } = fact;
      return { ...aside, partnerId, reference: aside.reference ?? payableId, paymentId, code, ...(held && { held }) };
    }
    case 'bill.lease-questioned':
      return { ...aside, paymentId: fact.paymentId, reason: fact.reason };
    case 'bill.refund-requested':
      return { ...aside, ...refundOf(fact), channel: fact.channel };
    case 'bill.refund-refused':
      return { ...aside, ...refundOf(fact), code: fact.code };
    default:
      return undefined;
  }
};

const refundOf = ({ refund, reason }: Extract<BillFact, { refund: Refund }>) => ({
  paymentId: refund.paymentId,
  refundNo: refund.refundNo,
  refundFen: refund.amountFen,
  refundReason: reason,
});

/** What a kind of fact adds to the whole picture. */
const additionOf = (fact: BillFact): object => {
  switch (fact.type) {
    case 'bill.withdrawn':
      return { reason: fact.reason };
    case 'bill.paid-elsewhere':
      return { payment: fact.payment };
    case 'bill.paid-elsewhere-voided':
      return { payment: fact.payment, reason: fact.reason };
    case 'bill.leased':
      return { leaseId: fact.leaseId, holder: fact.holder, leasedFen: fact.amountFen, until: fact.until };
    case 'bill.lease-ended':
      return { leaseId: fact.leaseId };
    case 'bill.write-off-awaited':
      return { ...ofPayment(fact), asked: fact.asked };
    case 'bill.written-off':
    case 'bill.write-off-claimed': {
      const { writtenOffAt, receiptNo } = fact;
      return { ...ofPayment(fact), writtenOffAt, ...(receiptNo && { receiptNo }) };
    }
    case 'bill.write-off-rejected':
    case 'bill.reversal-requested':
      return { ...ofPayment(fact), reason: fact.reason };
    case 'bill.refunded':
      return { ...ofPayment(fact), refundNo: fact.refundNo, refundFen: fact.refundFen };
    default:
      return 'paymentId' in fact && 'amountFen' in fact ? ofPayment(fact) : {};
  }
};

const ofPayment = ({ paymentId, amountFen }: { paymentId: string; amountFen: number }) => ({ paymentId, paymentFen: amountFen });

/** The data of a public fact. */
export const publishBill: BillScene['publish'] = (fact, bill, payableId) => {
  const aside = publishAside(fact, bill, payableId);
  if (aside) return aside;
  if (!bill.terms) throw new Error(`${fact.type} of a bill that was never issued`);
  return { ...pictureOf(payableId, bill, bill.terms), ...additionOf(fact) };
};
