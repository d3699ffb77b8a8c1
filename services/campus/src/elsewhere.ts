import { type Instant, sumFen } from '@scenefi/kernel';
import type { Bill, BillFact, Of, ReportedPayment, Terms } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { inOrder } from './evolve.ts';
import { checkAmount, paysExactly } from './items.ts';
import { type LeaseRules, needless } from './lease.ts';
import { isPaid, paymentIdOf, refundedFen } from './lifecycle.ts';

/** The first payment is measured against the bill; one on a closed, paid or disputed bill is too much, whatever its amount. */
const fitOf = (payment: ReportedPayment, bill: Bill, terms: Terms) => {
  if (bill.base === 'closed' || isPaid(bill) || bill.disputed.length > 0) return 'overpaid';
  return paysExactly(bill.items, terms.selection, payment) ? 'exact' : 'amount-differs';
};

export const pay = ({ payment, billNo }: Of<'Pay'>, bill: Bill, terms: Terms, at: Instant, rules: LeaseRules): BillFact[] => {
  const { paymentNo, channel, amountFen, paidAt } = payment;
  if (bill.voided.includes(paymentNo)) return [];
  const known = bill.payments.find((other) => other.paymentNo === paymentNo);
  if (known && known.amountFen === amountFen && known.channel === channel) return [];
  if (known) throw campusErrors.PAYMENT_NO_REUSED({ billNo, paymentNo });
  const ofApp = bill.writtenOff ?? bill.holding;
  checkAmount(billNo, sumFen([amountFen, ofApp?.amountFen ?? 0, ...bill.payments.map((other) => other.amountFen)]));
  const fit = fitOf(payment, bill, terms);
  const allocation = fit === 'exact' ? 'payable' : 'suspense';
  return inOrder(
    bill,
    () => [{ type: 'bill.paid-elsewhere', payment: { paymentNo, channel, amountFen, paidAt, fit, allocation } }],
    (paid) => needless(paid, at, rules),
  );
};

export const voidPayment = ({ paymentNo, reason }: Of<'VoidPayment'>, bill: Bill): BillFact[] | 'too-early' => {
  if (bill.voided.includes(paymentNo)) return [];
  const payment = bill.payments.find((known) => known.paymentNo === paymentNo);
  // Money that was given back in a refund cannot be taken back whole as well.
  if (refundedFen(bill, paymentIdOf(bill, paymentNo)) > 0) throw campusErrors.REFUNDED_ALREADY({ paymentNo });
  return payment ? [{ type: 'bill.paid-elsewhere-voided', payment, reason }] : 'too-early';
};
