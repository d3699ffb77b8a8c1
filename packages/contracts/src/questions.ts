import { AmountFen, Instant } from '@scenefi/kernel';
import { z } from 'zod';
import { billStatuses, LeaseId } from './campus.ts';
import { Held, PartnerRef } from './parties.ts';

/** What a partner asks and gets answered at once: the `type` and `data` of a signed request, and the body of the 200. */
export type QuestionContract = {
  readonly type: string;
  readonly scene: string;
  readonly title: string;
  readonly schema: z.ZodType;
  readonly answer: z.ZodType;
};

const ofBill = z.object({ billNo: PartnerRef });

/** How a notice about a bill ended, for its sender. */
export const NoticeEnd = z.object({
  noticeId: z.string(),
  type: z.string(),
  at: Instant,
  end: z.enum(['done', 'kept', 'refused']),
  code: z.string().optional(),
});
export type NoticeEnd = z.output<typeof NoticeEnd>;

export const BillQuestion = {
  type: 'campus.bill.question',
  scene: 'campus',
  title: 'How a bill stands, who holds it, and what became of the last notices about it',
  schema: ofBill,
  answer: z.object({
    billNo: PartnerRef,
    status: z.enum(billStatuses),
    amountFen: AmountFen.optional(),
    held: Held.optional(),
    notices: z.array(NoticeEnd),
  }),
} as const satisfies QuestionContract;

export const BillLeaseQuestion = {
  type: 'campus.bill.lease',
  scene: 'campus',
  title: 'A cashier takes a bill, so that nobody else pays it meanwhile',
  schema: ofBill,
  answer: z.object({ billNo: PartnerRef, leaseId: LeaseId, until: Instant, amountFen: AmountFen }),
} as const satisfies QuestionContract;

export const BillReleaseQuestion = {
  type: 'campus.bill.release',
  scene: 'campus',
  title: 'A cashier gives a bill back without having taken money',
  schema: ofBill.extend({ leaseId: LeaseId }),
  answer: z.object({ billNo: PartnerRef, status: z.enum(billStatuses) }),
} as const satisfies QuestionContract;

/** Every question that a partner may ask. */
export const questions: readonly QuestionContract[] = [BillQuestion, BillLeaseQuestion, BillReleaseQuestion];
