import {
  type About,
  CampusBillNoticeRefused,
  deliveryIds,
  PartnerId,
  PaymentDebited,
  PaymentRefunded,
  PaymentRefundRefused,
  PaymentRefundReturned,
  payables,
  refusals,
  type Telling,
} from '@scenefi/contracts';
import { type Aim, type Heard, on, onEach, type Subscription, type Target } from '@scenefi/engine';
import { shanghaiTime } from '@scenefi/kernel';
import type { MailboxCommand, Told } from './mailbox-state.ts';

type Mailboxes = Target<MailboxCommand>;
type OfPayable = { payableId: string; partnerId: string; reference: string };
type Data = Told['data'];

/** One fact is told at most once, and under the same id however often it is heard. */
const told = ({ event }: Heard<unknown>, telling: Telling, data: Data): Told => ({
  deliveryId: deliveryIds.of(event.id),
  telling,
  timestamp: event.time,
  data,
});

const aim = (id: string, command: MailboxCommand): Aim<MailboxCommand> => ({ id, command });

const tell = ({ payableId, partnerId, reference }: OfPayable, letter: Told): Aim<MailboxCommand> =>
  aim(payableId, { type: 'Tell', partnerId, reference, told: letter });

/** Whoever begins a reversal, and however many say so, the partner is told once for each payment. */
const tellReversing = (heard: Heard<OfPayable & { paymentId: string; paymentFen: number }>, reason: string): Aim<MailboxCommand> => {
  const { paymentId, paymentFen } = heard.data;
  const letter = told(heard, 'payment.reversing', { paymentId, amountFen: paymentFen, reason });
  return tell(heard.data, { ...letter, deliveryId: deliveryIds.of('payment.reversing', paymentId) });
};

const everyScene = Object.values(payables);

/** What becomes of a payment at its bill, in whatever scene. */
const paymentsOfPayables = (mailboxes: Mailboxes): Subscription[] =>
  everyScene.flatMap((payable) => [
    on(payable.writeOffAwaited, mailboxes, (heard) => {
      const { paymentId, paymentFen, asked } = heard.data;
      return tell(heard.data, told(heard, 'payment.debited', { paymentId, amountFen: paymentFen, reminder: asked }));
    }),
    on(payable.reversalRequested, mailboxes, (heard) => tellReversing(heard, heard.data.reason)),
    on(payable.writeOffRejected, mailboxes, (heard) => tellReversing(heard, 'write-off-rejected')),
    on(payable.reversalBegun, mailboxes, (heard) => tellReversing(heard, 'by-the-bank')),
    on(payable.reversed, mailboxes, (heard) => {
      const { paymentId, paymentFen } = heard.data;
      return tell(heard.data, told(heard, 'payment.reversed', { paymentId, amountFen: paymentFen }));
    }),
    on(payable.disputed, mailboxes, (heard) => {
      const { paymentId, paymentFen, status } = heard.data;
      return tell(heard.data, told(heard, 'payment.disputed', { paymentId, amountFen: paymentFen, billStatus: status }));
    }),
  ]);

/** Money beside the app, and refunds as the scene sees them. */
const restOfPayables = (mailboxes: Mailboxes): Subscription[] =>
  everyScene.flatMap((payable) => [
    on(payable.paidElsewhere, mailboxes, (heard) => {
      const { paymentNo, channel, amountFen, paidAt, fit, allocation } = heard.data.payment;
      if (fit !== 'overpaid') return undefined;
      const data = { reason: 'overpaid', paymentNo, channel, amountFen, paidAt: shanghaiTime(paidAt), allocation };
      return tell(heard.data, told(heard, 'bill.disputed', data));
    }),
    on(payable.refundRefused, mailboxes, (heard) => {
      const { paymentId, refundNo, refundFen, code } = heard.data;
      return tell(heard.data, told(heard, 'refund.refused', { refundNo, paymentId, amountFen: refundFen, code }));
    }),
    // Payments answers a refund without the number of the bill; here it stands.
    on(payable.refundRequested, mailboxes, ({ data: { payableId, partnerId, reference } }) =>
      aim(payableId, { type: 'Learn', partnerId, reference }),
    ),
  ]);

type OfRefund = {
  about: About;
  paymentId: string;
  reference?: string;
  refund: { refundNo: string; amountFen: number };
};

const tellRefund = (heard: Heard<OfRefund>, telling: Telling, more: Data = {}): Aim<MailboxCommand> => {
  const { about, paymentId, reference, refund } = heard.data;
  const { refundNo, amountFen } = refund;
  const data = { refundNo, paymentId, ...(reference !== undefined && { paymentNo: reference }), amountFen, ...more };
  return aim(about.payableId, { type: 'Tell', partnerId: about.partnerId, told: told(heard, telling, data) });
};

const fromPayments = (mailboxes: Mailboxes): Subscription[] => [
  on(PaymentDebited, mailboxes, ({ data: { about, paymentId, debitedAt, items } }) => {
    const payment = { paymentId, debitedAt, ...(items && { items }) };
    return aim(about.payableId, { type: 'Learn', partnerId: about.partnerId, payment });
  }),
  on(PaymentRefunded, mailboxes, (heard) => tellRefund(heard, 'refund.completed')),
  on(PaymentRefundReturned, mailboxes, (heard) => tellRefund(heard, 'refund.failed', { reason: 'account-refused' })),
  on(PaymentRefundRefused, mailboxes, (heard) => tellRefund(heard, 'refund.refused', { code: heard.data.code })),
];

/** A notice that was refused after its 202; where nothing is known of what it was about, it has a mailbox of its own. */
const refusedNotices = (mailboxes: Mailboxes): Subscription[] => [
  ...onEach(Object.values(refusals), mailboxes, (heard) => {
    const { noticeId, partnerId, code } = heard.data;
    // Whoever wrote to the topic past ingress is nobody whom the bank could tell.
    if (!PartnerId.safeParse(partnerId).success) return undefined;
    return aim(`notice:${noticeId}`, { type: 'Tell', partnerId, told: told(heard, 'notice.refused', { noticeId, code }) });
  }),
  on(CampusBillNoticeRefused, mailboxes, (heard) => {
    const { noticeId, noticeType, code } = heard.data;
    return tell(heard.data, told(heard, 'notice.refused', { noticeId, noticeType, code }));
  }),
];

/** Every fact that a partner has to know, as a letter in the mailbox of what it is about. */
export const notifierHandlers = (mailboxes: Mailboxes): Subscription[] => [
  ...paymentsOfPayables(mailboxes),
  ...restOfPayables(mailboxes),
  ...fromPayments(mailboxes),
  ...refusedNotices(mailboxes),
];
