import { beforeAll, expect, test } from 'vitest';
import type { Evidence, RawBooking } from '../evidence.ts';
import { judge } from '../judge.ts';
import { billOf, bookingOf, copyOf, entriesOf, expectCaught, paymentOf, planOf, playedOnce, remove, takeOut } from './doctored-books.ts';

let played: Evidence;
beforeAll(async () => {
  played = await playedOnce();
});

const evidence = (): Evidence => copyOf(played);
const problemsOf = (books: Evidence): string => judge(books).problems.join('\n');

const moved = (kind: RawBooking['kind'], key: string, order: RawBooking['order']): RawBooking => ({
  kind,
  key,
  status: 'applied',
  ...(order && { order }),
});

const tally = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, same]) => [word, same.length]));

test('the report counts payments of the app, refunds, what waits for people and deliveries', () => {
  const { app, refunds, queue, deliveries } = judge(evidence());
  const expected = played.journal.plans.map((plan) => plan.expected);
  const payments = expected.flatMap((one) => one.app ?? []);
  expect(Object.values(app).reduce((sum, count) => sum + count, 0)).toBe(payments.length);
  expect(app.settled).toBe(expected.filter(({ writtenOff }) => writtenOff).length);
  const elsewhere = expected.flatMap((one) => one.payments);
  expect(queue).toEqual(tally([...payments, ...elsewhere].flatMap((one) => one.queue ?? [])));
  expect(queue['in-suspense']).toBeGreaterThan(3);
  expect(refunds).toEqual(tally(expected.flatMap((one) => (one.refunds ?? []).map(({ end }) => end))));
  expect(deliveries).toMatchObject({ waiting: 0, givenUp: 0 });
  expect(deliveries.taken).toBeGreaterThan(100);
});

test('a debit that was told and that the core bank does not have is lost', () => {
  const books = evidence();
  takeOut(books.bank, bookingOf(books, 'app-paid', 'debit'));
  expectCaught(books, /is debited, and the core bank has no debit for it[\s\S]*the bank keeps 0 fen/, { lost: 1 });
});

test('a missing credit is lost', () => {
  const books = evidence();
  takeOut(books.bank, bookingOf(books, 'app-rejected', 'reversal'));
  expectCaught(books, /is reversed, and the core bank has no credit for it[\s\S]*clearing:customer stands at/, { lost: 1 });
});

test('a debit that was applied twice under one key is doubled', () => {
  const books = evidence();
  books.bank.push({ ...bookingOf(books, 'app-paid', 'debit') });
  expectCaught(books, /the core bank applied a debit of pay_\w+ twice under one key/, { doubled: 1 });
});

test('a debit of another amount, and one of another customer, are caught', () => {
  const books = evidence();
  bookingOf(books, 'app-paid', 'debit').order!.amountFen += 1;
  bookingOf(books, 'app-paid-choice', 'debit').order!.customerId = 'cus_stranger';
  expectCaught(books, /is debited over \d+ fen, and the bank moved \d+/);
  expect(problemsOf(books)).toMatch(/moved money of another customer under pay_\w+:debit/);
});

test('a debit that payments never told, and one of a payment that nobody knows, are caught', () => {
  const books = evidence();
  const { _id, state } = paymentOf(books, 'app-without-step-up');
  const { customerId, amountFen } = state.request!;
  books.bank.push(moved('debit', `${_id}:debit`, { customerId, amountFen }));
  books.bank.push(moved('debit', 'pay_nobody:debit', { customerId, amountFen }));
  expectCaught(books, /which payments never told[\s\S]*ended without money, and \d+ fen are gone[\s\S]*of a payment that nobody knows/, {
    lost: 1,
  });
});

test('a refund over the amount and a credit without a debit are caught', () => {
  const books = evidence();
  bookingOf(books, 'refunded-whole', 'refund').order!.amountFen += 1;
  bookingOf(books, 'refunded-by-qr', 'refund').order!.amountFen += 1;
  const { _id, state } = paymentOf(books, 'app-insufficient-funds');
  books.bank.push(moved('credit', `${_id}:reversal`, { customerId: state.request!.customerId, amountFen: 100 }));
  const problems = problemsOf(books);
  expect(problems.match(/gave \d+ fen of payment pay_\w+ back, which came to \d+/g)).toHaveLength(3);
  expect(problems).toMatch(/credited payment pay_\w+ and never debited it/);
});

test('a returned reversal that the bank credited all the same is caught', () => {
  const books = evidence();
  const { _id, state } = paymentOf(books, 'app-rejected-account-closed');
  const { customerId, amountFen } = state.request!;
  books.bank.push(moved('credit', `${_id}:reversal`, { customerId, amountFen }));
  expectCaught(books, /applied the credit pay_\w+:reversal, which payments never told/, { lost: 1 });
});

test('a bill that was paid twice in the app is doubled', () => {
  const books = evidence();
  paymentOf(books, 'app-paid-choice').state.request!.about = { ...paymentOf(books, 'app-paid').state.request!.about };
  expect(problemsOf(books)).toMatch(/bill bill_\w+ was paid in the app by pay_\w+ and pay_\w+/);
  expect(judge(books).doubled).toBeGreaterThan(0);
});

test('a payment that was debited and then forgotten is caught', () => {
  const books = evidence();
  delete paymentOf(books, 'app-never-written-off').state.queue;
  expectCaught(books, /neither written off nor given back nor shown to people[\s\S]*and 0 fen are open/);
});

test('a dispute that nobody is asked to decide is caught', () => {
  const books = evidence();
  delete paymentOf(books, 'app-written-off-after-reversed').state.queue;
  expectCaught(books, /is disputed, and nobody is asked to decide/);
});

test('a bill that is reversed and written off without a dispute is caught', () => {
  const books = evidence();
  const { _id } = billOf(books, 'app-written-off-after-reversed');
  const disputed = books.topics.bills.find(({ key, headers }) => key === _id && headers.ce_type!.includes('.disputed.'))!;
  disputed.headers = { ...disputed.headers, ce_type: disputed.headers.ce_type!.replace('.disputed.', '.written-off.') };
  expect(problemsOf(books)).toMatch(/says that it was reversed and written off/);
});

test('a settled payment whose bill does not say so is caught', () => {
  const books = evidence();
  const { _id } = billOf(books, 'app-paid');
  remove(books, 'bills', ({ key, headers }) => key === _id && headers.ce_type!.includes('.written-off.'));
  expect(problemsOf(books)).toMatch(
    /is settled, and its bill says not written off[\s\S]*has come to nothing|has come to nothing[\s\S]*says not written off/,
  );
});

test('what a school wrote off and what the bank keeps must be the same', () => {
  const books = evidence();
  const { _id } = paymentOf(books, 'app-paid');
  for (const line of books.schools)
    if (line.kind === 'taken' && line.data.paymentId === _id)
      line.notices = line.notices.filter(({ type }) => type !== 'campus.bill.written-off');
  expectCaught(books, /the bank keeps (\d+) fen, its school holds 0 fen written off, and 0 fen are open/);
});

test('what the database says must be what was told last', () => {
  const books = evidence();
  paymentOf(books, 'app-paid').state.status = 'debited';
  expectCaught(books, /is debited in the database and was told to be settled/);
});

test('entries of the app are held against their facts, leg by leg', () => {
  const books = evidence();
  const account = (ending: string, reason: string) => entriesOf(books, ending).find((entry) => entry.reason === reason)!.legs;
  for (const leg of account('app-paid', 'settled')) leg.account = leg.account.replace('suspense', 'payable');
  account('app-rejected-account-closed', 'reversed')[1]!.account = 'clearing:customer';
  account('refund-returned', 'returned')[1]!.account = 'clearing:customer';
  account('refunded-by-qr', 'refunded')[1]!.account = 'clearing:customer';
  const wrong = problemsOf(books).match(/entry ent_\w+ for pay_\w+:\d+ has the legs .* instead of .*/g);
  expect(wrong).toHaveLength(4);
});

test('an entry for a fact that moves no money is caught', () => {
  const books = evidence();
  const [entry] = entriesOf(books, 'app-paid');
  const requested = books.topics.payments.find(({ key, headers }) => key === entry!.paymentId && headers.ce_type!.includes('.requested.'))!;
  entry!.postedFor = requested.headers.ce_id!;
  expectCaught(books, /was posted for pay_\w+:1, which moves no money/);
});

test('a refund that ended otherwise than planned is caught in facts and documents', () => {
  const books = evidence();
  paymentOf(books, 'refunded-whole').state.refunds![0]!.status = 'returned';
  expect(problemsOf(books)).toMatch(/\(refunded-whole\), in the database: the refund of \d+ fen of \S+ completed is missing/);
  const forgotten = evidence();
  planOf(forgotten, 'refunded-in-two-halves').expected.refunds!.pop();
  expect(problemsOf(forgotten)).toMatch(/refunds of bill \S+ of \S+ \(refunded-in-two-halves\): the refund of \d+ fen/);
});
