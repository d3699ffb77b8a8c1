import { beforeAll, expect, test } from 'vitest';
import type { Evidence, RawEntry, RawMovement } from '../evidence.ts';
import { jsonOf } from '../facts.ts';
import { judge } from '../judge.ts';
import { copyOf, expectCaught, playedOnce, takeOut, textOf } from './doctored-books.ts';

let played: Evidence;
beforeAll(async () => {
  played = await playedOnce();
});

const evidence = (): Evidence => copyOf(played);

const waits = ({ state: { status, queue = [] } }: RawMovement): boolean =>
  status === 'recorded' && queue.some(({ name }) => name === 'in-suspense');
const inSuspense = (books: Evidence): RawMovement => books.payments.find(waits)!;

const recordOf = (books: Evidence, paymentId: string, verb: string) =>
  books.topics.payments.find(({ key, headers }) => key === paymentId && headers.ce_type!.includes(`.${verb}.`))!;

const change = (books: Evidence, account: string, amountFen: number): void => {
  const balance = books.balances.find((one) => one.account === account)!;
  if (amountFen > 0) balance.debitFen += amountFen;
  else balance.creditFen -= amountFen;
};

/** The books as they stand once people have let the partner have a payment in suspense of another run. */
const allocated = () => {
  const books = evidence();
  const payment = inSuspense(books);
  const { partnerId, payableId } = payment.state.received!.about;
  books.journal.plans = books.journal.plans.filter(({ billNo }) => !textOf(recordOf(books, payment._id, 'recorded')).includes(billNo));
  const { amountFen } = payment.state.received!;
  const stuck = recordOf(books, payment._id, 'stuck');
  payment.version += 1;
  payment.state.received!.allocation = 'payable';
  payment.state.queue = [];
  payment.state.resolutions = [{ outcome: 'owed-to-partner' }];
  const id = `${payment._id}:${payment.version}`;
  const { queue: _queue, ...picture } = jsonOf(stuck)!;
  books.topics.payments.push({
    ...stuck,
    offset: String(books.topics.payments.length),
    value: Buffer.from(JSON.stringify({ ...picture, allocation: 'payable' })),
    headers: {
      ...stuck.headers,
      ce_id: id,
      ce_sequence: String(payment.version).padStart(10, '0'),
      ce_type: stuck.headers.ce_type!.replace('.stuck.', '.allocated.'),
    },
  });
  const recorded = books.entries.find(({ paymentId }) => paymentId === payment._id)!;
  const legs = [
    { account: `suspense:${partnerId}`, amountFen },
    { account: `payable:${partnerId}`, amountFen: -amountFen },
  ];
  const entry: RawEntry = { ...structuredClone(recorded), _id: 'ent_allocated', reason: 'allocated', legs, postedFor: id };
  books.entries.push(entry);
  for (const { account, amountFen: fen } of legs) change(books, account, fen);
  const posted = books.topics.entries.find(({ key }) => key === recorded._id)!;
  const { _id: entryId, postedFor: _postedFor, ...told } = entry;
  books.topics.entries.push({
    ...posted,
    offset: String(books.topics.entries.length),
    key: entryId,
    value: Buffer.from(JSON.stringify({ entryId, ...told })),
    headers: { ...posted.headers, ce_id: `${entryId}:1`, ce_subject: entryId },
  });
  return { books, payment, entry, payableId };
};

/** What the judge says beside that the plan of this one bill does not know people. */
const othersThan = (books: Evidence, payment: RawMovement): string[] => {
  const { reference } = payment.state.received!;
  return judge(books).problems.filter((problem) => !problem.includes(reference));
};

test('money in suspense that nobody is called for is caught', () => {
  const books = evidence();
  delete inSuspense(books).state.queue;
  expectCaught(
    books,
    /in the database: payment \S+ of \d+ fen by \S+ \(suspense\) recorded in in-suspense is missing[\s\S]*nobody is asked to decide/,
  );
});

test('people who are called for money that went back are caught', () => {
  const books = evidence();
  books.payments.find(({ state }) => state.status === 'reversed' && state.received)!.state.queue = [{ name: 'in-suspense' }];
  expectCaught(books, /calls people for nothing/);
});

test('a decision of people moves what is left from suspense to the partner, and the ledger is held against that', () => {
  const { books, payment } = allocated();
  expect(othersThan(books, payment)).toEqual([]);
});

test('an allocation without its entry, with other legs or of another amount is caught', () => {
  const missing = allocated();
  takeOut(missing.books.entries, missing.entry);
  expect(othersThan(missing.books, missing.payment).join('\n')).toMatch(/the entry for pay_\w+ allocated is missing/);

  const wrong = allocated();
  wrong.entry.legs.reverse();
  for (const leg of wrong.entry.legs) leg.amountFen *= -1;
  wrong.entry.legs[0]!.account = 'clearing:counter';
  expect(othersThan(wrong.books, wrong.payment).join('\n')).toMatch(
    /entry ent_allocated for pay_\w+:\d+ has the legs .* instead of .*suspense/,
  );

  const short = allocated();
  for (const leg of short.entry.legs) leg.amountFen -= Math.sign(leg.amountFen);
  expect(othersThan(short.books, short.payment).join('\n')).toMatch(/entry ent_allocated for pay_\w+:\d+ has the legs/);
});

test('an allocation that people did not decide, or that the database does not know, is caught', () => {
  const unasked = allocated();
  unasked.payment.state.resolutions = [];
  expect(othersThan(unasked.books, unasked.payment).join('\n')).toMatch(/was told to be allocated, and people did not say so/);

  const unknown = allocated();
  unknown.payment.state.received!.allocation = 'suspense';
  expect(othersThan(unknown.books, unknown.payment).join('\n')).toMatch(/is suspense in the database and was told to be payable/);
});
