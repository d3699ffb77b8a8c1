import { BillPaidNotice, billIds, customerIds, PaymentDebited, PaymentRecorded, PaymentSettled, paymentIds } from '@scenefi/contracts';
import type { Unit } from '@scenefi/engine';
import { type AnyFact, toInstant } from '@scenefi/kernel';
import { paidNotice } from './notices.ts';
import { partnerId } from './our-services.ts';
import { factUnit } from './units.ts';

const noticeOf = (run: string, index: number) => {
  const { billNo, paymentNo, amountFen, paidAt } = BillPaidNotice.read(paidNotice(run, index).data);
  const payableId = billIds.of(partnerId, billNo);
  const paymentId = paymentIds.of(partnerId, payableId, paymentNo);
  const picture = { paymentId, about: { scene: 'campus', partnerId, payableId }, amountFen, reversedFen: 0 };
  return { picture, reference: paymentNo, paidAt: toInstant(paidAt), cause: `${partnerId}:campus.bill.paid-${billNo}` };
};

/** Money that reached the bank beside the app. */
const fromElsewhere = (run: string, index: number): Unit => {
  const { picture, reference, paidAt, cause } = noticeOf(run, index);
  const channel = index % 4 === 0 ? 'aggregated-qr' : 'counter';
  const data = { ...picture, status: 'recorded', channel, allocation: 'payable', reference, paidAt };
  return factUnit({ fact: PaymentRecorded, service: 'payments', version: 1, cause, data });
};

/** One step of a payment of the app. */
const inApp = (fact: AnyFact, version: number, run: string, index: number): Unit => {
  const { picture, paidAt, cause } = noticeOf(run, index);
  const data = {
    ...picture,
    status: fact === PaymentDebited ? 'debited' : 'settled',
    channel: 'app',
    refundedFen: 0,
    customerId: customerIds.of(`customer-${index % 200}`),
    payFromMasked: '**** 0001',
    items: [{ itemNo: 'tuition', quantity: 1 }],
    requestedAt: paidAt,
    ...(fact === PaymentDebited && { debitedAt: paidAt }),
  };
  return factUnit({ fact, service: 'payments', version, cause, data });
};

/** Facts each of which becomes an entry: of four, two are payments from elsewhere, the others debit and settlement of one in the app. */
export const bookedPayments = (run: string, count: number): Unit[] =>
  Array.from({ length: count / 4 }, (_, group) => {
    const [first, app, second] = [4 * group, 4 * group + 1, 4 * group + 2] as const;
    return [fromElsewhere(run, first), inApp(PaymentDebited, 2, run, app), fromElsewhere(run, second), inApp(PaymentSettled, 3, run, app)];
  }).flat();
