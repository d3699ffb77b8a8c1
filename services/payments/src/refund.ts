import { sumFen } from '@scenefi/kernel';
import { firstCall } from './calls.ts';
import { codeOf, paymentErrors } from './errors.ts';
import type { CommandOf, Payment, PaymentFact, Refund, Standing } from './payment-state.ts';

const amountOf = ({ received, request }: Payment): number => received?.amountFen ?? request?.amountFen ?? 0;

/** Every refund that was accepted counts, whatever became of its credit: each is owed to the customer. */
const refundableFen = (payment: Payment): number =>
  amountOf(payment) - sumFen(payment.refunds.filter(({ status }) => status !== 'refused').map(({ amountFen }) => amountFen));

const refusalOf = (amountFen: number, payment: Payment): string | undefined => {
  if (payment.status !== 'settled' && payment.status !== 'recorded') return codeOf('NOT_REFUNDABLE');
  return amountFen > refundableFen(payment) ? codeOf('EXCEEDS_REFUNDABLE') : undefined;
};

const begin = (wanted: Pick<Refund, 'refundNo' | 'amountFen' | 'reason'>, standing: Standing): PaymentFact[] => {
  const { refundNo } = wanted;
  const key = `refund:${refundNo}`;
  const call = firstCall({ kind: 'credit', key, about: refundNo }, standing);
  return [{ type: 'payment.refund-begun', refund: { ...wanted, status: 'crediting', key, credits: 1 }, call }];
};

/** What is left is looked at and taken in the same decision, so that refunds that come together cannot exceed the payment. */
export const refund = (command: CommandOf<'Refund'>, standing: Standing): PaymentFact[] => {
  const { payment } = standing;
  const { refundNo, amountFen, reason } = command;
  if (payment.status === 'none') throw paymentErrors.PAYMENT_NOT_FOUND({ refundNo });
  const wanted = { refundNo, amountFen, reason };
  const known = payment.refunds.find((one) => one.refundNo === refundNo);
  if (known && known.amountFen === amountFen && known.reason === reason) return [];
  const code = known ? codeOf('REFUND_NO_REUSED') : refusalOf(amountFen, payment);
  return code ? [{ type: 'payment.refund-refused', refund: wanted, code }] : begin(wanted, standing);
};

/** What people may still decide about, which must be something: a refund that is under way goes on to its own end. */
const leftInSuspense = ({ payment }: Standing): number => {
  const leftFen = refundableFen(payment);
  if (leftFen <= 0) throw paymentErrors.NOTHING_TO_RESOLVE({ leftFen });
  return leftFen;
};

/** Partners choose the numbers of refunds freely, so that the bank's own may be taken. */
const numberOfTheBank = ({ refunds }: Payment): string => {
  const taken = new Set(refunds.map(({ refundNo }) => refundNo));
  const free = (count: number): string => {
    const refundNo = count === 1 ? 'by-the-bank' : `by-the-bank-${count}`;
    return taken.has(refundNo) ? free(count + 1) : refundNo;
  };
  return free(1);
};

/** People give the money in suspense back, all that is left of it, by the channel that it came through. */
export const giveBack = (standing: Standing): PaymentFact[] =>
  begin({ refundNo: numberOfTheBank(standing.payment), amountFen: leftInSuspense(standing), reason: 'in-suspense' }, standing);

/** People let the partner have what is left of the money in suspense; what is refunded later is taken from the partner. */
export const allocate = (standing: Standing): PaymentFact[] => {
  leftInSuspense(standing);
  return [{ type: 'payment.allocated' }];
};

/** An answer counts for the credit it was given to; those to an earlier account are settled already. */
const refundOf = ({ refundNo, key }: { refundNo: string; key: string }, payment: Payment): Refund | undefined =>
  payment.refunds.find((one) => one.refundNo === refundNo && one.key === key);

const isCalled = (payment: Payment, key: string): boolean => payment.calls.some((call) => call.key === key);

/** A credit that people had given up as returned, and that came through after all, takes the money out of suspense again. */
export const hearRefund = (answer: CommandOf<'RefundApplied'>, { payment }: Standing): PaymentFact[] => {
  const { refundNo, key } = answer;
  switch (refundOf(answer, payment)?.status) {
    case 'crediting':
      return [{ type: 'payment.refunded', refundNo }];
    case 'recrediting':
      return [{ type: 'payment.refund-recredited', refundNo }];
    case 'returned':
      return isCalled(payment, key) ? [{ type: 'payment.refund-recredited', refundNo }] : [];
    default:
      return [];
  }
};

/** Where the money lies under the customer already, a second refusal moves nothing. */
export const hearRefundDenied = (answer: CommandOf<'RefundDenied'>, { payment }: Standing): PaymentFact[] => {
  const { refundNo, key } = answer;
  switch (refundOf(answer, payment)?.status) {
    case 'crediting':
      return [{ type: 'payment.refund-returned', refundNo }];
    case 'recrediting':
      return [{ type: 'payment.recredit-denied', refundNo }];
    case 'returned':
      return isCalled(payment, key) ? [{ type: 'payment.call-ended', key }] : [];
    default:
      return [];
  }
};

/** A refund that lies in suspense and, for certain, nowhere else: the last credit may still be on its way. */
const lyingRefund = (refundNo: string, payment: Payment): Refund => {
  const known = payment.refunds.find((one) => one.refundNo === refundNo);
  if (known?.status !== 'returned') throw paymentErrors.NOTHING_TO_RESOLVE({ refundNo });
  if (isCalled(payment, known.key)) throw paymentErrors.STILL_ASKED({ refundNo });
  return known;
};

/** People gave the money back by another way, such as at a counter. */
export const payOut = (refundNo: string, { payment }: Standing): PaymentFact[] => [
  { type: 'payment.refund-recredited', refundNo: lyingRefund(refundNo, payment).refundNo },
];

/** Credits a returned refund to another account of who paid, under a key of its own. Money from elsewhere has no such account. */
export const recredit = (refundNo: string, accountNo: string | undefined, standing: Standing): PaymentFact[] => {
  const { credits } = lyingRefund(refundNo, standing.payment);
  if (!standing.payment.request) throw paymentErrors.NOT_OWN_ACCOUNT({ refundNo });
  if (accountNo === undefined) throw paymentErrors.ACCOUNT_NEEDED({ refundNo });
  const call = firstCall({ kind: 'credit', key: `recredit:${credits + 1}:${refundNo}`, about: refundNo }, standing);
  return [{ type: 'payment.recredit-begun', refundNo, accountNo, call }];
};
