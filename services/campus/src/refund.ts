import { type Channel, heldByBank } from '@scenefi/contracts';
import type { Bill, BillFact, Of } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { paymentIdOf } from './lifecycle.ts';

type Refusal = Extract<BillFact, { type: 'bill.refund-refused' }>['code'];

/** What a refund of a payment comes to: payments is asked for it, it is refused, or its time has not come. */
type Refundable = { paymentId: string } & ({ channel: Channel | 'app' | 'mandate' } | { code: Refusal } | { wait: true });

const ofApp = (bill: Bill, paymentId: string): Refundable | undefined => {
  const { writtenOff, holding, past, disputed } = bill;
  if (disputed.includes(paymentId)) return { paymentId, code: 'disputed' };
  if (writtenOff?.paymentId === paymentId && writtenOff.holder !== 'cashier') return { paymentId, channel: writtenOff.holder };
  if (holding?.leaseId === paymentId && holding.holder !== 'cashier') {
    return holding.phase === 'debited' ? { paymentId, wait: true } : { paymentId, code: 'not-written-off' };
  }
  const isBack = past.some(({ leaseId, end }) => leaseId === paymentId && end !== 'unpaid');
  return isBack ? { paymentId, code: 'reversed' } : undefined;
};

/** Cash never reached the bank, so the school gives it back itself. */
const ofSchool = (bill: Bill, paymentNo: string): Refundable | undefined => {
  const paymentId = paymentIdOf(bill, paymentNo);
  if (bill.voided.includes(paymentNo)) return { paymentId, code: 'reversed' };
  const payment = bill.payments.find((known) => known.paymentNo === paymentNo);
  if (!payment) return undefined;
  return heldByBank(payment.channel) ? { paymentId, channel: payment.channel } : { paymentId, code: 'not-held-by-bank' };
};

/** Whether so much of the payment is left is for payments to say. */
export const requestRefund = (command: Of<'RequestRefund'>, bill: Bill): BillFact[] | 'too-early' => {
  const { refundNo, payment, amountFen, reason } = command;
  const refundable = ofApp(bill, payment) ?? ofSchool(bill, payment);
  if (!refundable) throw campusErrors.UNKNOWN_PAYMENT({ payment });
  const { paymentId } = refundable;
  const known = bill.refunds.find((refund) => refund.refundNo === refundNo);
  if (known && known.paymentId === paymentId && known.amountFen === amountFen) return [];
  if (known) throw campusErrors.REFUND_NO_REUSED({ refundNo });
  if ('wait' in refundable) return 'too-early';
  const refund = { refundNo, paymentId, amountFen };
  if ('code' in refundable) return [{ type: 'bill.refund-refused', refund, reason, code: refundable.code }];
  return [{ type: 'bill.refund-requested', refund, reason, channel: refundable.channel }];
};

/** A refund counts once, by its payment and number, whoever asked for it: the bank gives its own the same number for every payment. */
export const refunded = ({ paymentId, paymentFen, refundNo, refundFen }: Of<'Refunded'>, bill: Bill): BillFact[] => {
  const { writtenOff, payments, voided } = bill;
  const reported = [...payments.map(({ paymentNo }) => paymentNo), ...voided];
  const isOurs = writtenOff?.paymentId === paymentId || reported.some((paymentNo) => paymentIdOf(bill, paymentNo) === paymentId);
  const isDone = bill.refunds.some((refund) => refund.refundNo === refundNo && refund.paymentId === paymentId && refund.done);
  if (!isOurs || isDone) return [];
  return [{ type: 'bill.refunded', paymentId, amountFen: paymentFen, refundNo, refundFen }];
};
