import type { KeyObject } from 'node:crypto';
import {
  accountIds,
  BillAmendedNotice,
  BillClosedNotice,
  BillIssuedNotice,
  BillPaidNotice,
  BillPaidVoidedNotice,
  billIds,
} from '@scenefi/contracts';
import { type Heard, on, type Subscription, type Target } from '@scenefi/engine';
import { keyedHash, maskedName, toInstant } from '@scenefi/kernel';
import type { BillCommand } from './bill-state.ts';

/** Which notice it was and whose bill it is about. */
const fromNotice = (noticeType: string, { partnerId, data, event }: Heard<{ billNo: string }>) => ({
  noticeId: event.id,
  noticeType,
  partnerId,
  billNo: data.billNo,
});

/** The notices of schools, each mapped to a command for its bill. */
export const campusHandlers = (bills: Target<BillCommand>, idKey: KeyObject): Subscription[] => {
  const billOf = ({ partnerId, data }: Heard<{ billNo: string }>) => billIds.of(partnerId, data.billNo);
  return [
    on(BillIssuedNotice, bills, (heard) => {
      const { className, dueAt, ...data } = heard.data;
      const { partnerId } = heard;
      const terms = {
        ...data,
        partnerId,
        ...(className && { className }),
        accountId: accountIds.keyed(idKey, 'campus', partnerId, data.studentNo),
        holderHash: keyedHash(idKey, 'campus', partnerId, data.studentNo, data.holderName),
        holderMasked: maskedName(data.holderName),
        dueAt: toInstant(dueAt),
      };
      const command: BillCommand = { type: 'Issue', terms };
      return { id: billOf(heard), command };
    }),
    on(BillAmendedNotice, bills, (heard) => {
      const { revision, items, dueAt } = heard.data;
      const command: BillCommand = {
        type: 'Amend',
        ...fromNotice(BillAmendedNotice.type, heard),
        revision,
        items,
        dueAt: toInstant(dueAt),
      };
      return { id: billOf(heard), command };
    }),
    on(BillClosedNotice, bills, (heard) => {
      const command: BillCommand = { type: 'Close', ...fromNotice(BillClosedNotice.type, heard), reason: heard.data.reason };
      return { id: billOf(heard), command };
    }),
    on(BillPaidNotice, bills, (heard) => {
      const { paymentNo, amountFen, channel, paidAt, items } = heard.data;
      const payment = { paymentNo, amountFen, channel, paidAt: toInstant(paidAt), ...(items && { items }) };
      const command: BillCommand = { type: 'Pay', ...fromNotice(BillPaidNotice.type, heard), payment };
      return { id: billOf(heard), command };
    }),
    on(BillPaidVoidedNotice, bills, (heard) => {
      const { paymentNo, reason } = heard.data;
      const command: BillCommand = { type: 'VoidPayment', ...fromNotice(BillPaidVoidedNotice.type, heard), paymentNo, reason };
      return { id: billOf(heard), command };
    }),
  ];
};
