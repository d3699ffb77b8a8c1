import { expect } from 'vitest';
import { appEndings, endingNames } from '../../../services/sandbox/src/endings.ts';
import type { Evidence, RawRecord, TopicRole } from '../evidence.ts';
import { judge } from '../judge.ts';
import { playInMemory } from './in-memory-run.ts';

const names = [...endingNames, ...Object.keys(appEndings)];
let playing: Promise<Evidence> | undefined;

/** Every ending twice, played once for all who doctor it. */
export const playedOnce = (): Promise<Evidence> => {
  playing ??= playInMemory([...names, ...names], 5);
  return playing;
};

export const copyRecord = (record: RawRecord): RawRecord => ({ ...record, headers: { ...record.headers } });

/** A copy that may be doctored. */
export const copyOf = (played: Evidence): Evidence => {
  const { topics, ...rest } = played;
  const copied = Object.fromEntries(Object.entries(topics).map(([role, records]) => [role, records.map(copyRecord)]));
  return { ...structuredClone(rest), topics: copied as Evidence['topics'] };
};

/** Numbers the records of a topic anew, as if what was taken out had never been there. */
const renumber = (records: RawRecord[]): void => {
  for (const [offset, record] of records.entries()) record.offset = String(offset);
};

export const remove = (books: Evidence, role: TopicRole, test: (record: RawRecord) => boolean): number => {
  const kept = books.topics[role].filter((record) => !test(record));
  const removed = books.topics[role].length - kept.length;
  books.topics[role] = kept;
  renumber(kept);
  return removed;
};

export const textOf = ({ value }: RawRecord): string => (value ?? '').toString();
export const planOf = (books: Evidence, ending: string) => books.journal.plans.find((plan) => plan.ending === ending)!;
export const billOf = (books: Evidence, ending: string) =>
  books.bills.find(({ state }) => state.terms?.billNo === planOf(books, ending).billNo)!;
export const paymentsOf = (books: Evidence, ending: string) =>
  books.payments.filter(({ state }) => (state.request ?? state.received)?.about.payableId === billOf(books, ending)._id);
export const paymentOf = (books: Evidence, ending: string) => paymentsOf(books, ending)[0]!;
export const entriesOf = (books: Evidence, ending: string) =>
  books.entries.filter(({ about }) => about.payableId === billOf(books, ending)._id);

/** The line of the core bank's file about a payment, such as its `debit`. */
export const bookingOf = (books: Evidence, ending: string, purpose: string) =>
  books.bank.find(({ key }) => key.startsWith(`${paymentOf(books, ending)._id}:${purpose}`))!;

export const takeOut = <Item>(items: Item[], item: Item): void => void items.splice(items.indexOf(item), 1);

export const expectCaught = (books: Evidence, problem: RegExp, counts: { lost?: number; doubled?: number } = {}): void => {
  const report = judge(books);
  expect(report.ok).toBe(false);
  expect(report.problems.join('\n')).toMatch(problem);
  expect({ lost: report.lost, doubled: report.doubled }).toEqual({ lost: 0, doubled: 0, ...counts });
};
