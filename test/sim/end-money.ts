import type { Bill } from '../../services/campus/src/bill-state.ts';
import type { DayLimit } from '../../services/payments/src/day-limit.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import type { Booking } from './bank.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';

export const sumOf = (amounts: readonly { amountFen: number }[]): number => amounts.reduce((sum, { amountFen }) => sum + amountFen, 0);

/** What the bank booked for one payment. */
export const bookingsOf = ({ bank }: Pick<Evidence, 'bank'>, paymentId: string) => {
  const own = [...bank.books.values()].filter((one) => one.paymentId === paymentId);
  const of = (side: Booking['side'], key: (key: string) => boolean): Booking[] => own.filter((one) => one.side === side && key(one.key));
  const applied = (bookings: readonly Booking[]): Booking[] => bookings.filter(({ status }) => status === 'applied');
  const reversals = of('credit', (key) => key.endsWith(':reversal'));
  const refunds = of('credit', (key) => !key.endsWith(':reversal'));
  return { debits: applied(of('debit', () => true)), reversals, refunds, givenBack: applied(refunds), credited: applied(reversals) };
};

/** How often the bank debited, and whether a reversal reached it, for each way a payment of the app can end. */
const booksOf: Readonly<Record<string, { debits: number; reversals: number }>> = {
  refused: { debits: 0, reversals: 0 },
  failed: { debits: 0, reversals: 0 },
  settled: { debits: 1, reversals: 0 },
  reversed: { debits: 1, reversals: 1 },
  disputed: { debits: 1, reversals: 1 },
};

const judgePayment = (evidence: Evidence, paymentId: string, payment: Payment): void => {
  const { world } = evidence;
  const { debits, reversals, credited, givenBack } = bookingsOf(evidence, paymentId);
  const books = payment.request && booksOf[payment.status];
  if (books && (debits.length !== books.debits || reversals.length !== books.reversals))
    world.violate(
      'a payment ends as the bank booked it',
      `${paymentId} is ${payment.status}: ${debits.length} debits, ${reversals.length} reversals`,
    );
  const isRefused = evidence.bank.books.get(`${paymentId}:debit`)?.status === 'refused';
  if (payment.status === 'failed' && !isRefused && payment.resolutions.length === 0)
    world.violate('only the word of the bank makes a payment fail', paymentId);
  const isBack = payment.reversal?.end === 'credited';
  if (books?.reversals && isBack !== (credited.length === 1))
    world.violate(
      'a payment ends as the bank booked it',
      `${paymentId}: reversal ${payment.reversal?.end}, the bank credited ${credited.length}`,
    );
  const amountFen = payment.request?.amountFen ?? payment.received?.amountFen ?? 0;
  const accepted = payment.refunds.filter(({ status }) => status !== 'refused');
  if (sumOf(accepted) > amountFen) world.violate('refunds never exceed their payment', `${paymentId}: ${sumOf(accepted)} of ${amountFen}`);
  const byBank = accepted.filter(({ status }) => status === 'completed');
  if (sumOf(byBank) !== sumOf(givenBack))
    world.violate('a refund is done where the bank credited it', `${paymentId}: ${sumOf(byBank)}, the bank ${sumOf(givenBack)}`);
};

/** What the bill says of a payment, and what the payment says of itself. */
const judgePair = ({ world }: Evidence, paymentId: string, payment: Payment, bill: Bill | undefined): void => {
  const { status, request } = payment;
  if (!request) return;
  const isWrittenOff = bill?.writtenOff?.paymentId === paymentId;
  const isDisputed = bill?.disputed.includes(paymentId) === true;
  if (isWrittenOff !== (status === 'settled') && !(isWrittenOff && isDisputed && status === 'disputed'))
    world.violate('bill and payment agree', `${paymentId} is ${status}, its bill is ${isWrittenOff ? '' : 'not '}written off by it`);
  if (isDisputed !== (status === 'disputed'))
    world.violate('bill and payment agree', `${paymentId} is ${status}, its bill ${bill?.status}`);
  if (status === 'reversed' && !bill?.past.some(({ leaseId, end }) => leaseId === paymentId && end !== 'unpaid'))
    world.violate('bill and payment agree', `${paymentId} is reversed, its bill does not know`);
};

const judgeRefunds = ({ world }: Evidence, billId: string, bill: Bill, payments: ReadonlyMap<string, Payment>): void => {
  for (const { refundNo, paymentId, amountFen, done } of bill.refunds) {
    const known = payments.get(paymentId)?.refunds.find((one) => one.refundNo === refundNo && one.amountFen === amountFen);
    const isDone = known !== undefined && known.status !== 'refused' && known.status !== 'crediting';
    if (done !== isDone)
      world.violate('bill and payment agree', `${billId} refund ${refundNo} ${done}, the payment has it ${known?.status}`);
  }
};

/** The last word of each payment that was debited: it was settled or given back, once, or people have to decide. */
const judgeEnds = ({ world, watched, bank }: Evidence): void => {
  const ends = new Map<string, Set<string>>();
  for (const { topic, type, data, id } of watched.words()) {
    if (topic !== 'payments.payment.v1' || !/\.(settled|reversed)\.v1$/.test(type)) continue;
    const paymentId = String(data.paymentId);
    ends.set(paymentId, (ends.get(paymentId) ?? new Set()).add(id));
  }
  for (const { paymentId, side, status } of bank.books.values()) {
    const count = ends.get(paymentId)?.size ?? 0;
    if (side === 'debit' && status === 'applied' && count !== 1)
      world.violate('a debited payment ends once', `${paymentId} was settled or reversed ${count} times`);
  }
};

/** Money that finds no lease at its bill is a lease that ended too early, unless people had ended the payment by hand. */
const judgeLeases = ({ world, watched }: Evidence, payments: ReadonlyMap<string, Payment>): void => {
  for (const { type, data } of watched.words()) {
    if (!type.endsWith('.bill.reversal-requested.v1') || data.reason !== 'lease-lost') continue;
    if (payments.get(String(data.paymentId))?.resolutions.length === 0)
      world.violate('a lease lasts until its debit has ended', String(data.paymentId));
  }
};

const judgeLimits = (evidence: Evidence, payments: ReadonlyMap<string, Payment>): void => {
  for (const { _id, state } of documentsOf<DayLimit>(evidence, 'payments', 'day_limits')) {
    const committed = state.ended.filter((paymentId) => payments.get(paymentId)?.limit === 'committed');
    const fen = committed.reduce((sum, paymentId) => sum + (payments.get(paymentId)?.request?.amountFen ?? 0), 0);
    if (fen !== state.committedFen)
      evidence.world.violate('the limit of a day is what was debited', `${_id}: ${state.committedFen}, payments ${fen}`);
  }
};

export const judgeMoney = (evidence: Evidence): void => {
  const bills = new Map(documentsOf<Bill>(evidence, 'campus', 'bills').map(({ _id, state }) => [_id, state]));
  const payments = new Map(documentsOf<Payment>(evidence, 'payments', 'payments').map(({ _id, state }) => [_id, state]));
  for (const [paymentId, payment] of payments) {
    judgePayment(evidence, paymentId, payment);
    judgePair(evidence, paymentId, payment, bills.get(payment.request?.about.payableId ?? ''));
  }
  for (const [billId, bill] of bills) judgeRefunds(evidence, billId, bill, payments);
  judgeEnds(evidence);
  judgeLeases(evidence, payments);
  judgeLimits(evidence, payments);
  for (const { paymentId, key } of evidence.bank.books.values())
    if (paymentId !== '' && !payments.has(paymentId)) evidence.world.violate('a payment ends as the bank booked it', `nobody knows ${key}`);
};
