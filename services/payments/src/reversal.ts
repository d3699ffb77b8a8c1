import { addMs } from '@scenefi/kernel';
import { firstCall } from './calls.ts';
import type { Payment, PaymentFact, Standing } from './payment-state.ts';

/** A reversal is told before the money goes back, so that a write-off that is on its way still counts. */
export const beginReversal = (reason: string, { at, rules }: Pick<Standing, 'at' | 'rules'>): PaymentFact => ({
  type: 'payment.reversing',
  reason,
  creditAt: addMs(at, rules.reversalGraceMs),
});

/** Before the end of the debit is known nothing can be given back; the wish is remembered. */
export const requestReversal = (reason: string, standing: Standing): PaymentFact[] => {
  const { status, reversalWanted } = standing.payment;
  switch (status) {
    case 'requested':
    case 'leased':
    case 'debiting':
      return reversalWanted === undefined ? [{ type: 'payment.reversal-wanted', reason }] : [];
    case 'debited':
      return [beginReversal(reason, standing)];
    default:
      return [];
  }
};

/** Only a credit that is on its way, or there, can contradict the partner. */
const creditSent = ({ status, received, reversal }: Payment): boolean =>
  received === undefined && (status === 'reversed' || (status === 'reversing' && reversal?.sent === true));

/** The partner's word settles a payment as long as no money is on its way back; after that both have it, and people decide. */
export const writeOff = ({ payment }: Standing): PaymentFact[] => {
  if (creditSent(payment)) return [{ type: 'payment.disputed' }];
  return payment.status === 'debited' || payment.status === 'reversing' ? [{ type: 'payment.settled' }] : [];
};

/** A scene that no longer waits for the payment found that the partner wrote it off after the reversal. */
export const dispute = ({ payment }: Standing): PaymentFact[] => (creditSent(payment) ? [{ type: 'payment.disputed' }] : []);

export const sendCredit = (standing: Standing): PaymentFact[] => {
  const { status, reversal } = standing.payment;
  if (status !== 'reversing' || !reversal || reversal.sent || reversal.creditAt > standing.at) return [];
  return [{ type: 'payment.credit-sent', call: firstCall({ kind: 'credit', key: 'reversal' }, standing) }];
};

/** Whether the credit of a reversal has no end yet; a payment that is disputed meanwhile still learns of it. */
export const isCrediting = ({ status, reversal }: Payment): boolean =>
  (status === 'reversing' || status === 'disputed') && reversal?.sent === true && reversal.end === undefined;

/**
 * The money is back in the account. Where people had said that it was returned, it lies in both places: they are called again.
 */
export const hearCredit = ({ payment }: Standing): PaymentFact[] => {
  if (isCrediting(payment)) return [{ type: 'payment.reversed' }];
  if (payment.reversal?.end !== 'returned' || !payment.calls.some(({ key }) => key === 'reversal')) return [];
  return [
    { type: 'payment.call-ended', key: 'reversal' },
    { type: 'payment.stuck', queue: 'credit-unknown' },
  ];
};

/** An account that takes no money leaves it under the customer; the payment is given back all the same. */
export const hearCreditRefused = ({ payment }: Standing): PaymentFact[] => {
  if (isCrediting(payment)) return [{ type: 'payment.reversed', returned: true }];
  return payment.calls.some(({ key }) => key === 'reversal') ? [{ type: 'payment.call-ended', key: 'reversal' }] : [];
};
