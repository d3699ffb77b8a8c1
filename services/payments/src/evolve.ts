import type { Queue } from '@scenefi/contracts';
import type { Instant } from '@scenefi/kernel';
import {
  type Call,
  type Payment,
  type PaymentFact,
  paymentLifecycle,
  type QueueItem,
  type Refund,
  type Resolution,
  type Status,
} from './payment-state.ts';
import { refundedFen } from './picture.ts';

const refusedRefundsMax = 50;
const resolutionsMax = 50;

const withCall = (calls: readonly Call[], call: Call): Call[] => [...calls.filter(({ key }) => key !== call.key), call];
const withoutCall = (payment: Payment, key: string): Payment => ({ ...payment, calls: payment.calls.filter((call) => call.key !== key) });

const isOfLimit = ({ kind }: Call): boolean => kind === 'reserve' || kind === 'commit' || kind === 'release';

/** A payment that nobody has to look at has no queue at all, so that the index holds only the others. */
const withQueue = (payment: Payment, items: readonly QueueItem[]): Payment => {
  const { queue: _before, ...rest } = payment;
  return items.length > 0 ? { ...rest, queue: items } : rest;
};

const queueWithout = (payment: Payment, name: Queue, refundNo?: string): QueueItem[] =>
  (payment.queue ?? []).filter((item) => item.name !== name || item.refundNo !== refundNo);

const leave = (payment: Payment, name: Queue, refundNo?: string): Payment => withQueue(payment, queueWithout(payment, name, refundNo));

const join = (payment: Payment, item: QueueItem): Payment => withQueue(payment, [...queueWithout(payment, item.name, item.refundNo), item]);

const ofRefund = (refundNo: string | undefined) => (refundNo === undefined ? {} : { refundNo });

const changeRefund = (payment: Payment, refundNo: string, change: Partial<Refund>): Payment => ({
  ...payment,
  refunds: payment.refunds.map((refund) => (refund.refundNo === refundNo ? { ...refund, ...change } : refund)),
});

/** Once all of it was given back, nothing is left that people could decide about; what its channel refused has a queue of its own. */
const leaveSuspense = (payment: Payment): Payment =>
  payment.received && refundedFen(payment) >= payment.received.amountFen ? leave(payment, 'in-suspense') : payment;

/** A refund whose credit has an end: its call is over, and so is the wait for people that the call brought about. */
const endRefund = (payment: Payment, refundNo: string, status: Refund['status']): Payment => {
  const key = payment.refunds.find((refund) => refund.refundNo === refundNo)?.key ?? '';
  return leaveSuspense(leave(withoutCall(changeRefund(payment, refundNo, { status }), key), 'refund-unknown', refundNo));
};

/** A refusal is remembered, so that the same refund asked for again is not refused twice. */
const refuseRefund = (payment: Payment, refund: Pick<Refund, 'refundNo' | 'amountFen' | 'reason'>): Payment => {
  if (payment.refunds.some(({ refundNo }) => refundNo === refund.refundNo)) return payment;
  const refused = payment.refunds.filter(({ status }) => status === 'refused');
  const forgotten = refused.length < refusedRefundsMax ? undefined : refused[0];
  const kept = payment.refunds.filter((other) => other !== forgotten);
  return { ...payment, refunds: [...kept, { ...refund, status: 'refused', key: '', credits: 0 }] };
};

const debited = (payment: Payment, status: Status, debitedAt: Instant): Payment =>
  leave(withoutCall({ ...payment, status, debitedAt }, 'debit'), 'debit-unknown');

const reversed = (payment: Payment, status: Status, end: 'credited' | 'returned'): Payment => {
  const reversal = payment.reversal && { ...payment.reversal, end };
  const ended = leave(withoutCall({ ...payment, status, ...(reversal && { reversal }) }, 'reversal'), 'credit-unknown');
  return leave(ended, 'in-suspense');
};

const allocated = (payment: Payment): Payment => {
  const { received } = payment;
  return leave({ ...payment, ...(received && { received: { ...received, allocation: 'payable' } }) }, 'in-suspense');
};

/** A decision that was carried out is no proposal any more, also where its item waits for what comes of it. */
const resolved = (payment: Payment, { queue, refundNo, outcome }: Resolution): Payment => {
  const item = payment.queue?.find((one) => one.name === queue && one.refundNo === refundNo);
  if (item?.proposal?.outcome !== outcome) return payment;
  const { proposal: _done, ...rest } = item;
  return join(payment, rest);
};

/** What refunds, calls and people do beside the moves of the payment itself. */
const evolveAside = (payment: Payment, fact: PaymentFact, at: Instant): Payment => {
  switch (fact.type) {
    case 'payment.refund-begun':
      return { ...payment, refunds: [...payment.refunds, fact.refund], calls: withCall(payment.calls, fact.call) };
    case 'payment.refunded':
      return endRefund(payment, fact.refundNo, 'completed');
    case 'payment.refund-returned':
      return join(endRefund(payment, fact.refundNo, 'returned'), { name: 'refund-returned', since: at, refundNo: fact.refundNo });
    case 'payment.recredit-begun': {
      const { refundNo, accountNo, call } = fact;
      const credits = (payment.refunds.find((refund) => refund.refundNo === refundNo)?.credits ?? 0) + 1;
      const begun = changeRefund(payment, refundNo, { status: 'recrediting', key: call.key, credits, accountNo });
      return { ...begun, calls: withCall(payment.calls, call) };
    }
    case 'payment.refund-recredited':
      return leave(endRefund(payment, fact.refundNo, 'recredited'), 'refund-returned', fact.refundNo);
    case 'payment.recredit-denied':
      return endRefund(payment, fact.refundNo, 'returned');
    case 'payment.refund-refused':
      return refuseRefund(payment, fact.refund);
    case 'payment.called':
      return { ...payment, calls: withCall(payment.calls, fact.call) };
    case 'payment.call-ended':
      return withoutCall(payment, fact.key);
    case 'payment.limit-moved': {
      const calls = payment.calls.filter((call) => !isOfLimit(call));
      return { ...payment, limit: fact.limit, calls: fact.call ? [...calls, fact.call] : calls };
    }
    case 'payment.stuck':
      return join(payment, { name: fact.queue, since: at, ...ofRefund(fact.refundNo) });
    case 'payment.unstuck':
      return leave(payment, fact.queue, fact.refundNo);
    case 'payment.resolution-proposed': {
      const item = payment.queue?.find(({ name, refundNo }) => name === fact.queue && refundNo === fact.refundNo);
      return item ? join(payment, { ...item, proposal: fact.proposal }) : payment;
    }
    case 'payment.resolved': {
      const resolutions = [...payment.resolutions, fact.resolution].slice(-resolutionsMax);
      return { ...resolved(payment, fact.resolution), resolutions };
    }
    default:
      return payment;
  }
};

export const evolve = (payment: Payment, fact: PaymentFact, at: Instant): Payment => {
  const next = (): Status => paymentLifecycle.next(payment.status, fact.type);
  switch (fact.type) {
    case 'payment.recorded':
      return { ...payment, status: next(), received: fact.received };
    case 'payment.allocated':
      return allocated(payment);
    case 'payment.requested':
      return { ...payment, status: next(), request: { ...fact.request, requestedAt: at } };
    case 'payment.refused': {
      const { code, held, request } = fact;
      const refused = { ...payment, status: next(), refusal: { code, ...(held && { held }) } };
      return request ? { ...refused, request: { ...request, requestedAt: at } } : refused;
    }
    case 'payment.leased':
      return { ...payment, status: next(), leasedUntil: fact.until };
    case 'payment.debit-begun':
      return { ...payment, status: next(), calls: withCall(payment.calls, fact.call) };
    case 'payment.debited':
      return debited(payment, next(), fact.debitedAt);
    case 'payment.failed':
      return leave(withoutCall({ ...payment, status: next(), refusal: { code: fact.code } }, 'debit'), 'debit-unknown');
    case 'payment.settled': {
      const { reversal: _stopped, ...rest } = payment;
      return leave({ ...rest, status: next() }, 'write-off-overdue');
    }
    case 'payment.reversal-wanted':
      return { ...payment, reversalWanted: fact.reason };
    case 'payment.reversing': {
      const { reason, creditAt } = fact;
      return leave({ ...payment, status: next(), reversal: { reason, creditAt, sent: false } }, 'write-off-overdue');
    }
    case 'payment.credit-sent': {
      const reversal = payment.reversal && { ...payment.reversal, sent: true };
      return { ...payment, status: next(), ...(reversal && { reversal }), calls: withCall(payment.calls, fact.call) };
    }
    case 'payment.reversed':
      return reversed(payment, next(), fact.returned ? 'returned' : 'credited');
    case 'payment.disputed':
      return join({ ...payment, status: next() }, { name: 'disputed', since: at });
    default:
      return evolveAside(payment, fact, at);
  }
};
