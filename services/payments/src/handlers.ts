import { CampusBill, heldByBank, paymentIds } from '@scenefi/contracts';
import { type Aim, on, type Subscription, type Target } from '@scenefi/engine';
import type { DataOf } from '@scenefi/kernel';
import type { PaymentCommand } from './payment.ts';

type Taken = DataOf<typeof CampusBill.paidElsewhere> | DataOf<typeof CampusBill.paidElsewhereVoided>;

/** Money that never reaches the bank is none of our business. */
const aim = (type: PaymentCommand['type'], { scene, partnerId, payableId, payment }: Taken): Aim<PaymentCommand> | undefined => {
  if (!heldByBank(payment.channel)) return undefined;
  const { paymentNo, channel, allocation, amountFen, paidAt } = payment;
  const received = { about: { scene, partnerId, payableId }, reference: paymentNo, channel, allocation, amountFen, paidAt };
  return { id: paymentIds.of(partnerId, payableId, paymentNo), command: { type, received } };
};

/** What scenes say about money that came from elsewhere. */
export const paymentHandlers = (payments: Target<PaymentCommand>): Subscription[] => [
  on(CampusBill.paidElsewhere, payments, ({ data }) => aim('Record', data)),
  on(CampusBill.paidElsewhereVoided, payments, ({ data }) => aim('Reverse', data)),
];
