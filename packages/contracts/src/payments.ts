import { AmountFen, type DataOf, defineFact, Instant, SumFen, type Vocabulary } from '@scenefi/kernel';
import { z } from 'zod';
import { About, channels, PartnerRef, PaymentId } from './parties.ts';
import { allocations } from './payable.ts';

const payment = ({ word }: Vocabulary) =>
  z.object({
    paymentId: PaymentId,
    about: About,
    status: word('recorded', 'reversed'),
    channel: word(...channels),
    allocation: word(...allocations),
    amountFen: AmountFen,
    reversedFen: SumFen,
    reference: PartnerRef.describe("the partner's number of the payment"),
    paidAt: Instant,
  });

/** Money that a partner took reached the bank. Published once per payment, by payments only. */
export const PaymentRecorded = defineFact({
  type: 'payments.payment.recorded',
  topic: 'payments.payment.v1',
  title: 'Money that came from elsewhere lies with the bank',
  key: (data) => data.paymentId,
  data: payment,
});
export type PaymentRecorded = DataOf<typeof PaymentRecorded>;

/** The partner took the payment back; what the bank had booked is booked back. */
export const PaymentReversed = defineFact({
  type: 'payments.payment.reversed',
  topic: 'payments.payment.v1',
  title: 'A recorded payment was taken back',
  key: (data) => data.paymentId,
  data: payment,
});
export type PaymentReversed = DataOf<typeof PaymentReversed>;
