import { Instant } from '@scenefi/kernel';
import { z } from 'zod';
import type { ToldPayment } from './react.ts';
import { sayings } from './scripts.ts';

const Notice = z.object({
  webhookId: z.string(),
  type: z.enum(sayings),
  data: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** One line of the schools' file. A webhook and what the school does about it are one line, so that a crash never parts them. */
export const SchoolLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('taken'),
    partnerId: z.string(),
    webhookId: z.string(),
    type: z.string(),
    data: z.looseObject({ billNo: z.string(), paymentId: z.string(), amountFen: z.int(), refundNo: z.string() }).partial(),
    at: Instant,
    notices: z.array(Notice),
  }),
  z.object({ kind: z.literal('answered'), partnerId: z.string(), webhookId: z.string(), outcome: z.enum(['accepted', 'rejected']) }),
]);
export type SchoolLine = z.output<typeof SchoolLine>;
export type Taken = Extract<SchoolLine, { kind: 'taken' }>;

const Entry = z.object({ paymentId: z.string(), amountFen: z.int(), times: z.int().describe('notices that say so') });

/** What a school believes about one bill. */
export const BillBook = z.object({
  billNo: z.string(),
  told: z.record(z.string(), z.int()).describe('how often the bank told it what, repeats of a delivery not counted'),
  writtenOff: z.array(Entry),
  rejected: z.array(z.object({ paymentId: z.string(), times: z.int() })),
  refunded: z.array(
    Entry.extend({ refundNo: z.string(), completed: z.int().describe('how often the bank told it that it was given back') }),
  ),
  closed: z.boolean(),
});
export type BillBook = z.output<typeof BillBook>;

/** `times` counts by what was told and by the payment that it was about. */
type Bill = { book: BillBook; times: Map<string, number>; sent: number; payment?: ToldPayment };

const emptyBook = (billNo: string): BillBook => ({ billNo, told: {}, writtenOff: [], rejected: [], refunded: [], closed: false });

/** Counts one more of what is the same in all but `times`. */
const countIn = <Row extends { times: number }>(rows: Row[], same: (row: Row) => boolean, first: Row): void => {
  const row = rows.find(same);
  if (row) row.times += 1;
  else rows.push(first);
};

const enterNotice = (book: BillBook, { type, data }: Taken['notices'][number]): void => {
  if (type === 'campus.bill.closed') {
    book.closed = true;
    return;
  }
  const paymentId = String(data.paymentId);
  if (type === 'campus.bill.write-off-rejected') {
    countIn(book.rejected, (row) => row.paymentId === paymentId, { paymentId, times: 1 });
    return;
  }
  const amountFen = Number(data.amountFen);
  if (type === 'campus.bill.written-off') {
    countIn(book.writtenOff, (row) => row.paymentId === paymentId && row.amountFen === amountFen, { paymentId, amountFen, times: 1 });
    return;
  }
  const refundNo = String(data.refundNo);
  countIn(book.refunded, (row) => row.refundNo === refundNo, { paymentId, amountFen, refundNo, times: 1, completed: 0 });
};

/** The books of all schools, as their file tells them. */
export const createBooks = (lines: readonly SchoolLine[]) => {
  const bills = new Map<string, Map<string, Bill>>();
  const billNos = new Map<string, string>();
  const taken = new Set<string>();
  const open = new Map<string, Taken>();

  const billOf = (partnerId: string, billNo: string): Bill => {
    const ofSchool = bills.get(partnerId) ?? new Map<string, Bill>();
    bills.set(partnerId, ofSchool);
    const bill = ofSchool.get(billNo) ?? { book: emptyBook(billNo), times: new Map(), sent: 0 };
    ofSchool.set(billNo, bill);
    return bill;
  };
  const enterTaken = (line: Taken): void => {
    const { partnerId, webhookId, type, data, notices } = line;
    taken.add(`${partnerId}:${webhookId}`);
    for (const notice of notices) open.set(`${partnerId}:${notice.webhookId}`, line);
    if (data.billNo === undefined) return;
    const bill = billOf(partnerId, data.billNo);
    const { book } = bill;
    book.told[type] = (book.told[type] ?? 0) + 1;
    const { billNo, paymentId, amountFen } = data;
    if (paymentId !== undefined) {
      bill.times.set(`${type} ${paymentId}`, (bill.times.get(`${type} ${paymentId}`) ?? 0) + 1);
      billNos.set(`${partnerId}:${paymentId}`, billNo);
    }
    if (type === 'payment.debited' && paymentId !== undefined && amountFen !== undefined) bill.payment = { billNo, paymentId, amountFen };
    for (const notice of notices) enterNotice(book, notice);
    bill.sent += notices.length;
    const refund = type === 'refund.completed' && book.refunded.find(({ refundNo }) => refundNo === data.refundNo);
    if (refund) refund.completed += 1;
  };
  const take = (line: SchoolLine): void => {
    if (line.kind === 'taken') enterTaken(line);
    else open.delete(`${line.partnerId}:${line.webhookId}`);
  };
  for (const line of lines) take(line);

  return {
    take,
    knows: (partnerId: string, webhookId: string): boolean => taken.has(`${partnerId}:${webhookId}`),
    /** The bill that a payment was said to be for. */
    billNoOf: (partnerId: string, paymentId: string): string | undefined => billNos.get(`${partnerId}:${paymentId}`),
    /** How often a school was told this about this payment. */
    timesTold: (partnerId: string, billNo: string, type: string, paymentId: string): number =>
      bills.get(partnerId)?.get(billNo)?.times.get(`${type} ${paymentId}`) ?? 0,
    /** How many notices a school decided to send about a bill. */
    noticesSent: (partnerId: string, billNo: string): number => bills.get(partnerId)?.get(billNo)?.sent ?? 0,
    /** The payment of the app that the school heard of last. */
    lastPayment: (partnerId: string, billNo: string): ToldPayment | undefined => bills.get(partnerId)?.get(billNo)?.payment,
    /** Webhooks of which a notice was decided and not yet answered, oldest first. */
    unfinished: (): Taken[] => [...new Set(open.values())],
    awaits: (partnerId: string, webhookId: string): boolean => open.has(`${partnerId}:${webhookId}`),
    of: (partnerId: string): BillBook[] => [...(bills.get(partnerId)?.values() ?? [])].map(({ book }) => book),
    ofBill: (partnerId: string, billNo: string): BillBook[] => {
      const bill = bills.get(partnerId)?.get(billNo);
      return bill ? [bill.book] : [];
    },
  };
};
