import { AmountFen, type DataOf, defineFact, Instant, SumFen, type Vocabulary } from '@scenefi/kernel';
import { z } from 'zod';
import { About, ChosenItem, CustomerId, channels, Held, PartnerRef, PaymentId } from './parties.ts';
import { allocations } from './payable.ts';

/** What others see of a payment: money from elsewhere is `recorded` or `reversed`, a payment of the app is everything else. */
export const paymentStatuses = [
  'recorded',
  'requested',
  'debited',
  'settled',
  'refused',
  'failed',
  'reversing',
  'reversed',
  'stuck',
  'disputed',
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** What people have to decide about a payment: the human queues. */
export const queues = [
  'debit-unknown',
  'credit-unknown',
  'refund-unknown',
  'refund-returned',
  'write-off-overdue',
  'disputed',
  'in-suspense',
] as const;
export type Queue = (typeof queues)[number];

const payment = ({ word }: Vocabulary) =>
  z.object({
    paymentId: PaymentId,
    about: About,
    status: word(...paymentStatuses),
    channel: word('app', 'mandate', ...channels),
    amountFen: AmountFen,
    reversedFen: SumFen,
    refundedFen: SumFen.exactOptional().describe('what was given back in refunds, returned ones included'),
    allocation: word(...allocations)
      .exactOptional()
      .describe('of money from elsewhere: owed to the partner, or in suspense until people have decided'),
    reference: PartnerRef.exactOptional().describe("the partner's number of a payment from elsewhere"),
    paidAt: Instant.exactOptional().describe('when money from elsewhere was paid'),
    customerId: CustomerId.exactOptional().describe('who pays in the app'),
    payFromMasked: z.string().exactOptional().describe('**** and the last four digits of the account'),
    items: z.array(ChosenItem).exactOptional(),
    requestedAt: Instant.exactOptional(),
  });

const ofPayment = <Schema extends z.ZodType<{ paymentId: string }>>(
  verb: string,
  title: string,
  data: (vocabulary: Vocabulary) => Schema,
) => defineFact({ type: `payments.payment.${verb}`, topic: 'payments.payment.v1', title, data, key: ({ paymentId }) => paymentId });

const refund = z.object({ refundNo: PartnerRef, amountFen: AmountFen, reason: z.string() });
export type Refund = z.output<typeof refund>;

/** Money that a partner took reached the bank. Published once per payment, by payments only. */
export const PaymentRecorded = ofPayment('recorded', 'Money that came from elsewhere lies with the bank', payment);
export type PaymentRecorded = DataOf<typeof PaymentRecorded>;

/** What was given back before stays out of it: the amount less `refundedFen` is what changes its owner. */
export const PaymentAllocated = ofPayment('allocated', 'People decided that money in suspense is owed to the partner', payment);
export type PaymentAllocated = DataOf<typeof PaymentAllocated>;

export const PaymentRequested = ofPayment('requested', 'A customer wants to pay; the scene is asked for a lease', payment);
export type PaymentRequested = DataOf<typeof PaymentRequested>;

export const PaymentRefused = ofPayment('refused', 'A payment ended before any money was touched', (vocabulary) =>
  payment(vocabulary).extend({ code: z.string(), held: Held.exactOptional().describe('who else holds the payable') }),
);
export type PaymentRefused = DataOf<typeof PaymentRefused>;

export const PaymentFailed = ofPayment('failed', 'The bank did not debit the account, for certain', (vocabulary) =>
  payment(vocabulary).extend({ code: z.string() }),
);
export type PaymentFailed = DataOf<typeof PaymentFailed>;

export const PaymentDebited = ofPayment('debited', "The customer's account was debited; the money waits for the write-off", (vocabulary) =>
  payment(vocabulary).extend({ debitedAt: Instant }),
);
export type PaymentDebited = DataOf<typeof PaymentDebited>;

export const PaymentSettled = ofPayment('settled', 'The partner wrote the payment off; the money is owed to the partner', payment);
export type PaymentSettled = DataOf<typeof PaymentSettled>;

export const PaymentReversing = ofPayment('reversing', 'A debited payment is going to be given back whole', (vocabulary) =>
  payment(vocabulary).extend({ reason: z.string() }),
);
export type PaymentReversing = DataOf<typeof PaymentReversing>;

/** Of money from elsewhere: the partner took it back. Of the app: it was credited, or lies under the customer where that was refused. */
export const PaymentReversed = ofPayment('reversed', 'A payment was given back whole', (vocabulary) =>
  payment(vocabulary).extend({
    returned: z.boolean().exactOptional().describe('the account refused it; it lies in suspense under the customer'),
  }),
);
export type PaymentReversed = DataOf<typeof PaymentReversed>;

export const PaymentDisputed = ofPayment('disputed', 'A payment was written off after its credit was sent; people have to decide', payment);
export type PaymentDisputed = DataOf<typeof PaymentDisputed>;

export const PaymentStuck = ofPayment('stuck', 'A payment needs people, or needs them no longer', (vocabulary) =>
  payment(vocabulary).extend({ queue: vocabulary.word(...queues, 'none') }),
);
export type PaymentStuck = DataOf<typeof PaymentStuck>;

const withRefund = (vocabulary: Vocabulary) => payment(vocabulary).extend({ refund });

export const PaymentRefunded = ofPayment('refunded', 'A refund was credited to the account that paid, or through its channel', withRefund);
export type PaymentRefunded = DataOf<typeof PaymentRefunded>;

export const PaymentRefundReturned = ofPayment(
  'refund-returned',
  'The account refused a refund; the money lies in suspense under the customer',
  withRefund,
);
export type PaymentRefundReturned = DataOf<typeof PaymentRefundReturned>;

export const PaymentRefundRecredited = ofPayment(
  'refund-recredited',
  'A returned refund was credited to another account of the same customer',
  withRefund,
);
export type PaymentRefundRecredited = DataOf<typeof PaymentRefundRecredited>;

export const PaymentRefundRefused = ofPayment('refund-refused', 'A refund cannot be', (vocabulary) =>
  payment(vocabulary).extend({ refund, code: z.string() }),
);
export type PaymentRefundRefused = DataOf<typeof PaymentRefundRefused>;

const leaseAnswer = () => z.object({ paymentId: PaymentId, about: About });

export const PaymentLeaseHeld = ofPayment('lease-held', 'A questioned lease is still needed: the debit was sent', leaseAnswer);
export const PaymentLeaseReleased = ofPayment('lease-released', 'A questioned lease is needed no longer', leaseAnswer);
export type PaymentLeaseAnswer = DataOf<typeof PaymentLeaseHeld>;
