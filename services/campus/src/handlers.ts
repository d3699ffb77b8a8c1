import type { KeyObject } from 'node:crypto';
import {
  accountIds,
  BillAmendedNotice,
  BillClosedNotice,
  BillIssuedNotice,
  BillPaidNotice,
  BillPaidVoidedNotice,
  BillWriteOffRejectedNotice,
  BillWrittenOffNotice,
  billIds,
  PaymentDebited,
  PaymentDisputed,
  PaymentFailed,
  PaymentLeaseReleased,
  PaymentRefunded,
  PaymentRefundReturned,
  PaymentRefused,
  PaymentRequested,
  PaymentReversed,
  PaymentReversing,
  PaymentSettled,
  RefundRequestedNotice,
} from '@scenefi/contracts';
import { type Aim, type Heard, on, type Subscription, type Target } from '@scenefi/engine';
import { keyedHash, maskedName, toInstant } from '@scenefi/kernel';
import type { BillCommand } from './bill-state.ts';

type OfBill = { billNo: string };

/** Which notice it was and whose bill it is about. */
const fromNotice = (noticeType: string, { partnerId, data, event }: Heard<OfBill>) => ({
  noticeId: event.id,
  noticeType,
  partnerId,
  billNo: data.billNo,
});

const toBill = <Data extends OfBill>({ partnerId, data }: Heard<Data>, command: BillCommand): Aim<BillCommand> => ({
  id: billIds.of(partnerId, data.billNo),
  command,
});

/** The notices of schools, each mapped to a command for its bill. */
const noticeHandlers = (bills: Target<BillCommand>, idKey: KeyObject): Subscription[] => [
  on(BillIssuedNotice, bills, (heard) => {
    const { className, dueAt, ...data } = heard.data;
    const { partnerId } = heard;
    const { noticeId, noticeType } = fromNotice(BillIssuedNotice.type, heard);
    const terms = {
      ...data,
      partnerId,
      ...(className && { className }),
      accountId: accountIds.keyed(idKey, 'campus', partnerId, data.studentNo),
      holderHash: keyedHash(idKey, 'campus', partnerId, data.studentNo, data.holderName),
      holderMasked: maskedName(data.holderName),
      dueAt: toInstant(dueAt),
    };
    return toBill(heard, { type: 'Issue', terms, noticeId, noticeType });
  }),
  on(BillAmendedNotice, bills, (heard) => {
    const { revision, items, dueAt } = heard.data;
    return toBill(heard, { type: 'Amend', ...fromNotice(BillAmendedNotice.type, heard), revision, items, dueAt: toInstant(dueAt) });
  }),
  on(BillClosedNotice, bills, (heard) =>
    toBill(heard, { type: 'Close', ...fromNotice(BillClosedNotice.type, heard), reason: heard.data.reason }),
  ),
  on(BillPaidNotice, bills, (heard) => {
    const { paymentNo, amountFen, channel, paidAt, items } = heard.data;
    const payment = { paymentNo, amountFen, channel, paidAt: toInstant(paidAt), ...(items && { items }) };
    return toBill(heard, { type: 'Pay', ...fromNotice(BillPaidNotice.type, heard), payment });
  }),
  on(BillPaidVoidedNotice, bills, (heard) => {
    const { paymentNo, reason } = heard.data;
    return toBill(heard, { type: 'VoidPayment', ...fromNotice(BillPaidVoidedNotice.type, heard), paymentNo, reason });
  }),
  on(BillWrittenOffNotice, bills, (heard) => {
    const { paymentId, amountFen, writtenOffAt, receiptNo } = heard.data;
    const writeOff = { paymentId, amountFen, writtenOffAt: toInstant(writtenOffAt), ...(receiptNo && { receiptNo }) };
    return toBill(heard, { type: 'WriteOff', ...fromNotice(BillWrittenOffNotice.type, heard), writeOff });
  }),
  on(BillWriteOffRejectedNotice, bills, (heard) => {
    const { paymentId, reason } = heard.data;
    return toBill(heard, { type: 'RejectWriteOff', ...fromNotice(BillWriteOffRejectedNotice.type, heard), paymentId, reason });
  }),
  on(RefundRequestedNotice, bills, (heard) => {
    const { refundNo, paymentId: payment, amountFen, reason } = heard.data;
    const from = fromNotice(RefundRequestedNotice.type, heard);
    return toBill(heard, { type: 'RequestRefund', ...from, refundNo, payment, amountFen, reason });
  }),
];

/** What every fact of a payment has that is of use here. */
type OfPayment = { paymentId: string; about: { scene: string; payableId: string } };

/** A payment of another scene is none of our business. */
const aim = ({ about }: OfPayment, command: BillCommand): Aim<BillCommand> | undefined =>
  about.scene === 'campus' ? { id: about.payableId, command } : undefined;

const isOfApp = (channel: string): channel is 'app' | 'mandate' => channel === 'app' || channel === 'mandate';

/** Facts that say no more than that something became of a payment of the app; money from elsewhere is told by the school. */
const moveHandlers = (bills: Target<BillCommand>): Subscription[] => {
  const endings = [PaymentRefused, PaymentFailed].map((fact) =>
    on(fact, bills, ({ data }) => aim(data, { type: 'EndLease', paymentId: data.paymentId })),
  );
  const moves = (
    [
      [PaymentReversing, 'Reversing'],
      [PaymentReversed, 'Reversed'],
      [PaymentSettled, 'Settled'],
      [PaymentDisputed, 'Disputed'],
    ] as const
  ).map(([fact, type]) =>
    on(fact, bills, ({ data }) => (isOfApp(data.channel) ? aim(data, { type, paymentId: data.paymentId }) : undefined)),
  );
  return [...endings, ...moves];
};

/** What payments says about payments of bills. */
const paymentHandlers = (bills: Target<BillCommand>): Subscription[] => [
  on(PaymentRequested, bills, ({ data }) => {
    const { paymentId, channel, amountFen, items, about } = data;
    if (!isOfApp(channel)) return undefined;
    return aim(data, { type: 'Lease', paymentId, partnerId: about.partnerId, holder: channel, amountFen, ...(items && { items }) });
  }),
  on(PaymentLeaseReleased, bills, ({ data }) => aim(data, { type: 'EndLease', paymentId: data.paymentId })),
  on(PaymentDebited, bills, ({ data }) => aim(data, { type: 'Debited', paymentId: data.paymentId, amountFen: data.amountFen })),
  ...moveHandlers(bills),
  ...[PaymentRefunded, PaymentRefundReturned].map((fact) =>
    on(fact, bills, ({ data }) => {
      const { paymentId, amountFen: paymentFen, refund } = data;
      return aim(data, { type: 'Refunded', paymentId, paymentFen, refundNo: refund.refundNo, refundFen: refund.amountFen });
    }),
  ),
];

/** What this scene hears: the notices of schools, and what becomes of payments of the app. */
export const campusHandlers = (bills: Target<BillCommand>, idKey: KeyObject): Subscription[] => [
  ...noticeHandlers(bills, idKey),
  ...paymentHandlers(bills),
];
