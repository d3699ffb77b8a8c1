import { AmountFen, type DataOf, defineFact, defineId, defineNotice, OffsetTime, SumFen } from '@scenefi/kernel';
import { z } from 'zod';
import { billIds, ChosenItem, channels, PartnerId, PartnerRef, PaymentId } from './parties.ts';
import { definePayable } from './payable.ts';

const Name = z.string().trim().min(1).max(100);

export const BillItem = z.object({
  itemNo: PartnerRef,
  name: Name,
  amountFen: SumFen.describe('price of one, in fen'),
  mandatory: z.boolean(),
  quantityMax: z.int().min(1).max(9),
});
export type BillItem = z.output<typeof BillItem>;

const BillItems = z
  .array(BillItem)
  .min(1)
  .max(50)
  .refine((items) => new Set(items.map((item) => item.itemNo)).size === items.length, 'each itemNo may stand once');

/** A lease that a cashier was given. */
export const leaseIds = defineId('lea');
export const LeaseId = leaseIds.schema;

const aboutBill = (partnerId: string, data: { billNo: string }): string => billIds.of(partnerId, data.billNo);

export const BillIssuedNotice = defineNotice({
  type: 'campus.bill.issued',
  scene: 'campus',
  title: 'A school asks for money',
  about: aboutBill,
  data: z.object({
    billNo: PartnerRef,
    schoolName: Name,
    studentNo: PartnerRef,
    holderName: Name,
    className: Name.optional(),
    title: Name,
    items: BillItems,
    selection: z.enum(['fixed', 'choice']).describe('fixed: every item once; choice: the payer chooses among the items'),
    dueAt: OffsetTime,
    payableAfterDue: z.boolean(),
  }),
});

export const BillAmendedNotice = defineNotice({
  type: 'campus.bill.amended',
  scene: 'campus',
  title: 'A school changes the items or the due time of a bill; revisions count 1, 2, 3',
  about: aboutBill,
  data: z.object({ billNo: PartnerRef, revision: z.int().min(1).max(10_000), items: BillItems, dueAt: OffsetTime }),
});

export const BillClosedNotice = defineNotice({
  type: 'campus.bill.closed',
  scene: 'campus',
  title: 'A school no longer asks for the money',
  about: aboutBill,
  data: z.object({ billNo: PartnerRef, reason: Name }),
});

export const BillPaidNotice = defineNotice({
  type: 'campus.bill.paid',
  scene: 'campus',
  title: 'The school took the money itself: in cash, at a counter, by QR code',
  about: aboutBill,
  data: z.object({
    billNo: PartnerRef,
    paymentNo: PartnerRef,
    amountFen: AmountFen,
    channel: z.enum(channels),
    paidAt: OffsetTime,
    items: z.array(ChosenItem).min(1).max(50).optional(),
    leaseId: LeaseId.optional(),
  }),
});

export const BillPaidVoidedNotice = defineNotice({
  type: 'campus.bill.paid-voided',
  scene: 'campus',
  title: 'The school takes back a payment that it had reported',
  about: aboutBill,
  data: z.object({ billNo: PartnerRef, paymentNo: PartnerRef, reason: Name }),
});

export const BillWrittenOffNotice = defineNotice({
  type: 'campus.bill.written-off',
  scene: 'campus',
  title: 'A school took a payment of the app for its own books (销账)',
  about: aboutBill,
  data: z.object({
    billNo: PartnerRef,
    paymentId: PaymentId,
    amountFen: AmountFen,
    writtenOffAt: OffsetTime,
    receiptNo: PartnerRef.optional(),
  }),
});

export const BillWriteOffRejectedNotice = defineNotice({
  type: 'campus.bill.write-off-rejected',
  scene: 'campus',
  title: 'A school cannot take a payment of the app; the payer gets the money back',
  about: aboutBill,
  data: z.object({ billNo: PartnerRef, paymentId: PaymentId, reason: Name }),
});

export const RefundRequestedNotice = defineNotice({
  type: 'campus.refund.requested',
  scene: 'campus',
  title: 'A school gives back a payment in part or whole',
  about: aboutBill,
  data: z.object({
    billNo: PartnerRef,
    paymentId: PartnerRef.describe('the payment of the app, or the paymentNo of one that the school reported'),
    refundNo: PartnerRef,
    amountFen: AmountFen,
    items: z.array(ChosenItem).min(1).max(50).optional(),
    reason: Name,
  }),
});

export const billStatuses = [
  'announced',
  'lapsed',
  'issued',
  'closed',
  'expired',
  'paid-elsewhere',
  'amount-differs',
  'overpaid',
  'leased',
  'debited',
  'reversing',
  'written-off',
  'refunded',
  'disputed',
] as const;
export type BillStatus = (typeof billStatuses)[number];

export const CampusBill = definePayable({
  name: 'campus.bill',
  statuses: billStatuses,
  detail: ({ word }) =>
    z.object({
      schoolName: z.string(),
      selection: word('fixed', 'choice'),
      revision: z.int().min(0),
      items: z.array(BillItem),
    }),
});

/** A notice that was kept for a bill and could never be applied: the end of something that came too early. */
export const CampusBillNoticeRefused = defineFact({
  type: 'campus.bill.notice-refused',
  topic: 'campus.bill.v1',
  title: 'A notice that was kept until its time could not be applied',
  data: ({ word }) =>
    z.object({
      payableId: z.string(),
      scene: z.string(),
      partnerId: PartnerId,
      reference: PartnerRef,
      status: word(...billStatuses),
      noticeId: z.string(),
      noticeType: z.string(),
      code: z.string(),
    }),
  key: (data) => data.payableId,
});
export type CampusBillNoticeRefused = DataOf<typeof CampusBillNoticeRefused>;

/** A notice that ended as a dead letter after the 202; `ce_id` is `<noticeId>:refused`. */
export const CampusNoticeRefused = defineFact({
  type: 'campus.notice.refused',
  topic: 'campus.refusal.v1',
  title: 'A notice was refused after it had been accepted',
  key: (data) => data.noticeId,
  data: () => z.object({ noticeId: z.string(), partnerId: z.string(), code: z.string() }),
});
