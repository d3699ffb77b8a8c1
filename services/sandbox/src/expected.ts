import type { BillStatus, Channel, Queue } from '@scenefi/contracts';

export type ExpectedPayment = {
  paymentNo: string;
  channel: Channel;
  amountFen: number;
  fit: 'exact' | 'amount-differs' | 'overpaid';
  allocation: 'payable' | 'suspense';
  status: 'recorded' | 'reversed';
  /** Whether the money reached the bank, so that payments and ledger know of it. */
  atBank: boolean;
  /** The human queue that it stands in as long as it is recorded. */
  queue?: Queue;
};

/** How a payment of the app ends, by its Idempotency-Key. */
export type ExpectedAppPayment = {
  key: string;
  amountFen: number;
  status: 'settled' | 'debited' | 'refused' | 'failed' | 'reversed' | 'disputed' | 'stuck';
  /** Why it was refused or failed; any of several where that is a matter of timing. */
  code?: string | readonly string[];
  /** The account refused the reversal, so that the money lies under the customer. */
  returned?: true;
  /** The one human queue that it stands in. */
  queue?: Queue;
  /** Of the bill's payments that have this, exactly one, whichever it is, ends as said here and the others as said above. */
  oneOf?: 'settled';
};

/** A refund of a payment: by its Idempotency-Key in the app, by its paymentNo elsewhere. */
export type ExpectedRefund = { of: string; amountFen: number; end: 'completed' | 'returned' | 'refused'; code?: string };

export type Refused = { noticeId: string; code: string };

/** What must be true of a bill in the end, whatever the timing was. */
export type Expected = {
  /** `none` where no bill ever came to be. */
  bill: BillStatus | 'none';
  revision: number;
  /** Whether the school closed it, whatever came after. */
  closed: boolean;
  /** Money that the school reported. */
  payments: ExpectedPayment[];
  deadLetters: Refused[];
  /** Notices that were kept for their time and then refused. */
  refusedKept: Refused[];
  /** Absent, like the two below, where the app plays no part. */
  app?: ExpectedAppPayment[];
  refunds?: ExpectedRefund[];
  /** The school wrote the app's payment off, and that stands. */
  writtenOff?: true;
};

const held: readonly Channel[] = ['counter', 'aggregated-qr'];

/** A bill without anything but its status; the rest is said where an ending differs. */
export const endsAs = (bill: Expected['bill'], more: Partial<Expected> = {}): Expected => ({
  bill,
  revision: 0,
  closed: false,
  payments: [],
  deadLetters: [],
  refusedKept: [],
  ...more,
});

export const refusal = ({ noticeId }: Pick<Refused, 'noticeId'>, code: string): Refused => ({ noticeId, code });

type Reported = Pick<ExpectedPayment, 'paymentNo' | 'channel' | 'amountFen'>;

export const taken = ({ paymentNo, channel, amountFen }: Reported, fit: ExpectedPayment['fit'] = 'exact'): ExpectedPayment => ({
  paymentNo,
  channel,
  amountFen,
  fit,
  allocation: fit === 'exact' ? 'payable' : 'suspense',
  status: 'recorded',
  atBank: held.includes(channel),
  // Nobody knows yet whose it is; money that the bank does not hold is the school's own business.
  ...(fit !== 'exact' && held.includes(channel) && { queue: 'in-suspense' }),
});

const withoutQueue = ({ queue: _queue, ...payment }: ExpectedPayment): ExpectedPayment => payment;

export const reversed = (payment: ExpectedPayment): ExpectedPayment => ({ ...withoutQueue(payment), status: 'reversed' });

/** Given back whole by the school's wish: nothing is left for people to decide. */
export const refundedWhole = withoutQueue;
