import type { BillItem, BillStatus, Channel, ChosenItem } from '@scenefi/contracts';
import { instantOf, shanghaiTime } from '@scenefi/kernel';
import { type InventedBill, inventBill } from './invented-bill.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a plan depends on beside chance. */
export type PlanNumbers = {
  /** Stands in every number of this run, so that runs on one database never meet. */
  run: string;
  index: number;
  partnerId: string;
  schoolName: string;
  nowMs: number;
  /** How far ahead the due time of a bill lies that is to expire. */
  dueSoonMs: number;
};

/** One webhook as it will be sent: a repeat has the same id and the same bytes. */
export type PlannedNotice = { noticeId: string; webhookId: string; type: string; body: string };

/** Notices that are sent one after the other, mixed, or all at once; none before `notBeforeMs`. */
export type Step = { manner: 'in order' | 'any order' | 'parallel'; notices: PlannedNotice[]; notBeforeMs?: number };

export type Payment = { paymentNo: string; channel: Channel; amountFen: number; items?: ChosenItem[] };

export type ExpectedPayment = {
  paymentNo: string;
  channel: Channel;
  amountFen: number;
  fit: 'exact' | 'amount-differs' | 'overpaid';
  allocation: 'payable' | 'suspense';
  status: 'recorded' | 'reversed';
  /** Whether the money reached the bank, so that payments and ledger know of it. */
  atBank: boolean;
};

export type Refused = { noticeId: string; code: string };

/** What must be true of a bill in the end, whatever the timing was. */
export type Expected = {
  /** `none` where no bill ever came to be. */
  bill: BillStatus | 'none';
  revision: number;
  /** Whether the school closed it, whatever came after. */
  closed: boolean;
  payments: ExpectedPayment[];
  deadLetters: Refused[];
  /** Notices that were kept for their time and then refused. */
  refusedKept: Refused[];
};

/** How one bill goes, and how it ends. */
export type Told = { steps: Step[]; expected: Expected };

const dayMs = 24 * 60 * 60 * 1000;
/** What the sender waits beyond a due time, so that the expiry has most likely happened. */
const expirySlackMs = 2_000;

const held: readonly Channel[] = ['counter', 'aggregated-qr'];
const channelsOftenFirst: readonly Channel[] = ['aggregated-qr', 'aggregated-qr', 'counter', 'cash', 'other'];

export const inOrder = (...notices: PlannedNotice[]): Step => ({ manner: 'in order', notices });
export const anyOrder = (...notices: PlannedNotice[]): Step => ({ manner: 'any order', notices });
export const parallel = (...notices: PlannedNotice[]): Step => ({ manner: 'parallel', notices });

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

export const refusal = ({ noticeId }: PlannedNotice, code: string): Refused => ({ noticeId, code });

export const taken = ({ paymentNo, channel, amountFen }: Payment, fit: ExpectedPayment['fit'] = 'exact'): ExpectedPayment => ({
  paymentNo,
  channel,
  amountFen,
  fit,
  allocation: fit === 'exact' ? 'payable' : 'suspense',
  status: 'recorded',
  atBank: held.includes(channel),
});

export const reversed = (payment: ExpectedPayment): ExpectedPayment => ({ ...payment, status: 'reversed' });

const timeOf = (ms: number): string => shanghaiTime(instantOf(ms));

/** Mandatory items and some of the others; of a fixed bill nothing is chosen. */
const chooseItems = (random: SeededRandom, items: readonly BillItem[]): ChosenItem[] =>
  items
    .filter(({ mandatory }) => mandatory || random.happens(0.6))
    .map(({ itemNo, quantityMax }) => ({ itemNo, quantity: random.between(1, quantityMax) }));

export const priceOf = (items: readonly BillItem[], chosen: readonly ChosenItem[]): number =>
  chosen.reduce((sum, { itemNo, quantity }) => sum + quantity * items.find((item) => item.itemNo === itemNo)!.amountFen, 0);

/** One bill of a school and everything the school can say about it; numbers and notices are counted up as they are used. */
export const tellBill = (random: SeededRandom, numbers: PlanNumbers) => {
  const { run, index, partnerId, schoolName, nowMs, dueSoonMs } = numbers;
  const billNo = `${run}-${String(index).padStart(6, '0')}`;
  const dueSoonAtMs = nowMs + dueSoonMs;
  let told = 0;
  let paid = 0;
  let invented: InventedBill | undefined;

  const bill = (): InventedBill => {
    invented ??= inventBill(random, random.happens(0.25) ? 'choice' : 'fixed');
    return invented;
  };
  const dueLater = (): string => timeOf(nowMs + random.between(20, 60) * dayMs);
  const notice = (type: string, data: object): PlannedNotice => {
    told += 1;
    const webhookId = `${billNo}-${told}`;
    const body = JSON.stringify({ type, timestamp: timeOf(nowMs), data: { billNo, ...data } });
    return { noticeId: `${partnerId}:${webhookId}`, webhookId, type, body };
  };
  /** The items of a revision: the same, the first a little dearer each time. */
  const itemsOf = (revision: number): BillItem[] =>
    bill().items.map((item, position) => (position === 0 ? { ...item, amountFen: item.amountFen + 1_000 * revision } : item));

  return {
    random,
    billNo,
    itemsOf,
    /** Settles what kind of bill it is, where an ending needs one kind. */
    asks: (selection: 'fixed' | 'choice'): void => {
      invented = inventBill(random, selection);
    },
    dueSoon: timeOf(dueSoonAtMs),
    /** The step runs once the bill has most likely expired. */
    afterDue: (step: Step): Step => ({ ...step, notBeforeMs: dueSoonAtMs + expirySlackMs }),
    issued: (data: { dueAt?: string; payableAfterDue?: boolean; title?: string; items?: BillItem[] } = {}): PlannedNotice =>
      notice('campus.bill.issued', { schoolName, ...bill(), dueAt: dueLater(), payableAfterDue: false, ...data }),
    amended: (revision: number, data: { items?: BillItem[] } = {}): PlannedNotice =>
      notice('campus.bill.amended', { revision, items: itemsOf(revision), dueAt: dueLater(), ...data }),
    closed: (reason = '学生已转学'): PlannedNotice => notice('campus.bill.closed', { reason }),
    /** Exactly what the bill asks for in its given revision, unless the ending says otherwise. */
    payment: (data: Partial<Payment> & { revision?: number } = {}): Payment => {
      const { revision = 0, ...rest } = data;
      const items = itemsOf(revision);
      const chosen = bill().selection === 'choice' ? chooseItems(random, items) : undefined;
      const amountFen = chosen ? priceOf(items, chosen) : items.reduce((sum, item) => sum + item.amountFen, 0);
      paid += 1;
      return {
        paymentNo: `${billNo}-P${paid}`,
        channel: random.pick(channelsOftenFirst),
        amountFen,
        ...(chosen && { items: chosen }),
        ...rest,
      };
    },
    paid: (payment: Payment): PlannedNotice =>
      notice('campus.bill.paid', { ...payment, paidAt: timeOf(nowMs - random.between(1, 3_600) * 1_000) }),
    voided: ({ paymentNo }: Payment): PlannedNotice => notice('campus.bill.paid-voided', { paymentNo, reason: '家长申请退款' }),
    /** The same words as a notice of its own. */
    toldAgain: ({ type, body }: PlannedNotice): PlannedNotice => ({ ...notice(type, {}), body }),
    /** Other words under a webhook-id that is used already. */
    inTheNameOf: ({ noticeId, webhookId }: PlannedNotice, { type, body }: PlannedNotice): PlannedNotice => ({
      noticeId,
      webhookId,
      type,
      body,
    }),
  };
};

export type ToldBill = ReturnType<typeof tellBill>;

/** How one bill goes: chance and numbers are behind `bill`. */
export type Ending = (bill: ToldBill) => Told;
