import { type Instant, shanghaiTime, shortHash } from '@scenefi/kernel';
import { type Act, scriptOf } from './scripts.ts';
import type { Webhook } from './webhook.ts';

/** A payment of the app that a school was told of. */
export type ToldPayment = { billNo: string; paymentId: string; amountFen: number };

/** A notice that a school decided to send; its bytes follow from it and from the moment, so that a repeat is the same. */
export type OwnNotice = { webhookId: string; type: Act['says']; data: Readonly<Record<string, string | number>> };

const hexOf = (...parts: string[]): string => shortHash(JSON.stringify(parts)).toString('hex');

const dataOf = (act: Act, { billNo, paymentId, amountFen }: ToldPayment, at: Instant, ordinal: number): OwnNotice['data'] => {
  switch (act.says) {
    case 'campus.bill.written-off': {
      const receiptNo = `R-${hexOf(billNo, paymentId)}`;
      return { billNo, paymentId, amountFen: act.fenOf(amountFen), writtenOffAt: shanghaiTime(at), receiptNo };
    }
    case 'campus.bill.write-off-rejected':
      return { billNo, paymentId, reason: '学生已退学，不能销账' };
    case 'campus.refund.requested':
      return {
        billNo,
        paymentId,
        refundNo: `RF${ordinal}-${hexOf(billNo, paymentId)}`,
        amountFen: act.fenOf(amountFen),
        reason: '家长申请退款',
      };
    case 'campus.bill.closed':
      return { billNo, reason: '学生已转学' };
    default:
      return act satisfies never;
  }
};

/** The webhook-id of the nth notice that a school sends about a bill of its own accord; known before, so that a plan can name it. */
export const ownWebhookId = (partnerId: string, billNo: string, nth: number): string => hexOf(partnerId, billNo, String(nth));

/** How often a school was told the same about this payment, counted from one, and how many notices it has sent about the bill. */
export type Before = { nth: number; sent: number };

/** What a school posts when it is told something about a payment. Half of one fen is no refund. */
export const reactionTo = ({ partnerId, type }: Webhook, told: ToldPayment, { nth, sent }: Before, at: Instant): OwnNotice[] => {
  const courses: Readonly<Partial<Record<string, readonly (readonly Act[])[]>>> = scriptOf(told.billNo).on;
  return (courses[type]?.[nth - 1] ?? [])
    .map((act, index) => ({ type: act.says, data: dataOf(act, told, at, index) }))
    .filter(({ data }) => data.amountFen !== 0)
    .map((notice, index) => ({ webhookId: ownWebhookId(partnerId, told.billNo, sent + index + 1), ...notice }));
};
