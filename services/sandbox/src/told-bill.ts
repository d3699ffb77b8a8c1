import type { BillItem, Channel, ChosenItem } from '@scenefi/contracts';
import { instantOf, shanghaiTime } from '@scenefi/kernel';
import type { Expected } from './expected.ts';
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
  /** How the school behaves about this bill, once the bank tells it of money. */
  word?: string;
  /** Where nobody else may have the same one, since customers link it. */
  studentNo?: string;
};

/** One webhook as it will be sent: a repeat has the same id and the same bytes. */
export type PlannedNotice = { noticeId: string; webhookId: string; type: string; body: string };

/** Notices that are sent one after the other, mixed, or all at once; none before `notBeforeMs`. */
export type Step = { manner: 'in order' | 'any order' | 'parallel'; notices: PlannedNotice[]; notBeforeMs?: number };

export type Payment = { paymentNo: string; channel: Channel; amountFen: number; items?: ChosenItem[] };

/** How one bill goes, and how it ends. */
export type Told<AnyStep = Step> = { steps: AnyStep[]; expected: Expected };

const dayMs = 24 * 60 * 60 * 1000;
/** What the sender waits beyond a due time, so that the expiry has most likely happened. */
const expirySlackMs = 2_000;

const channelsOftenFirst: readonly Channel[] = ['aggregated-qr', 'aggregated-qr', 'counter', 'cash', 'other'];

export const inOrder = (...notices: PlannedNotice[]): Step => ({ manner: 'in order', notices });
export const anyOrder = (...notices: PlannedNotice[]): Step => ({ manner: 'any order', notices });
export const parallel = (...notices: PlannedNotice[]): Step => ({ manner: 'parallel', notices });

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
  const { run, index, partnerId, schoolName, nowMs, dueSoonMs, word, studentNo } = numbers;
  const billNo = `${run}-${String(index).padStart(6, '0')}${word === undefined ? '' : `~${word}`}`;
  const dueSoonAtMs = nowMs + dueSoonMs;
  let told = 0;
  let paid = 0;
  let invented: InventedBill | undefined;

  const invent = (selection: 'fixed' | 'choice'): InventedBill => ({ ...inventBill(random, selection), ...(studentNo && { studentNo }) });
  const bill = (): InventedBill => {
    invented ??= invent(random.happens(0.25) ? 'choice' : 'fixed');
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
    partnerId,
    billNo,
    itemsOf,
    /** Whose bill it is, in clear, as who links the account has to know it. */
    holder: (): Pick<InventedBill, 'studentNo' | 'holderName'> => bill(),
    /** Settles what kind of bill it is, where an ending needs one kind. */
    asks: (selection: 'fixed' | 'choice'): void => {
      invented = invent(selection);
    },
    /** Makes it a bill over exactly so much. */
    costs: (amountFen: number): void => {
      const { items, ...rest } = invent('fixed');
      invented = { ...rest, items: [{ ...items[0]!, amountFen }] };
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
    paid: (payment: Payment & { leaseId?: string }): PlannedNotice =>
      notice('campus.bill.paid', { ...payment, paidAt: timeOf(nowMs - random.between(1, 3_600) * 1_000) }),
    voided: ({ paymentNo }: Payment): PlannedNotice => notice('campus.bill.paid-voided', { paymentNo, reason: '家长申请退款' }),
    refundAsked: ({ paymentNo }: Payment, amountFen: number): PlannedNotice => {
      const refundNo = `${billNo}-R${told + 1}`;
      return notice('campus.refund.requested', { paymentId: paymentNo, refundNo, amountFen, reason: '家长申请退款' });
    },
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
