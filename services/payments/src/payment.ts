import { type About, type Channel, PaymentRecorded, PaymentReversed } from '@scenefi/contracts';
import { defineLifecycle, type Instant, type Scene } from '@scenefi/kernel';

type Status = 'none' | 'recorded' | 'reversed';

/** Money that a partner took and that lies with the bank. */
export type Received = {
  about: About;
  /** The partner's number of the payment. */
  reference: string;
  channel: Channel;
  allocation: 'payable' | 'suspense';
  amountFen: number;
  paidAt: Instant;
};

export type Payment = { status: Status; received?: Received };

export type PaymentCommand = { type: 'Record'; received: Received } | { type: 'Reverse'; received: Received };

export type PaymentFact = { type: 'payment.recorded'; received: Received } | { type: 'payment.reversed' };

export const paymentLifecycle = defineLifecycle('payment', {
  none: { 'payment.recorded': 'recorded' },
  recorded: { 'payment.reversed': 'reversed' },
  reversed: {},
});

/** The void of a payment carries the payment, so that one that overtakes it loses nothing. */
const decide = (command: PaymentCommand, { status }: Payment): PaymentFact[] => {
  const record: PaymentFact = { type: 'payment.recorded', received: command.received };
  switch (command.type) {
    case 'Record':
      return status === 'none' ? [record] : [];
    case 'Reverse':
      if (status === 'none') return [record, { type: 'payment.reversed' }];
      return status === 'recorded' ? [{ type: 'payment.reversed' }] : [];
    default:
      return command satisfies never;
  }
};

const evolve = (payment: Payment, fact: PaymentFact): Payment => ({
  ...payment,
  status: paymentLifecycle.next(payment.status, fact.type),
  ...(fact.type === 'payment.recorded' && { received: fact.received }),
});

/** What others see of a payment, in facts and in answers. */
export const viewOf = ({ status, received }: Payment, paymentId: string) => ({
  paymentId,
  ...received,
  status,
  reversedFen: status === 'reversed' ? received?.amountFen : 0,
});

export const paymentScene: Scene<Payment, PaymentCommand, PaymentFact> = {
  name: 'payment',
  initial: { status: 'none' },
  decide,
  evolve,
  contracts: { 'payment.recorded': PaymentRecorded, 'payment.reversed': PaymentReversed },
  publish: (_fact, payment, paymentId) => viewOf(payment, paymentId),
};
