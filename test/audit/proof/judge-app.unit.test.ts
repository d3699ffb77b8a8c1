import { beforeAll, expect, test } from 'vitest';
import type { Evidence, RawSchoolLine } from '../evidence.ts';
import { digestJournal, splitPlans } from '../journal.ts';
import { judge } from '../judge.ts';
import { billOf, copyOf, copyRecord, expectCaught, paymentOf, planOf, playedOnce, remove, takeOut } from './doctored-books.ts';

let played: Evidence;
beforeAll(async () => {
  played = await playedOnce();
});

const evidence = (): Evidence => copyOf(played);
const problemsOf = (books: Evidence): string => judge(books).problems.join('\n');

type Taken = Extract<RawSchoolLine, { kind: 'taken' }>;
const toldOf = (books: Evidence, ending: string, type: string): Taken =>
  books.schools.find(
    (line): line is Taken => line.kind === 'taken' && line.type === type && line.data.paymentId === paymentOf(books, ending)._id,
  )!;
const mailboxOf = (books: Evidence, ending: string) => books.mailboxes.find(({ _id }) => _id === billOf(books, ending)._id)!;

test('an accepted request to pay without a payment is lost', () => {
  const books = evidence();
  const { _id } = paymentOf(books, 'app-without-step-up');
  books.payments = books.payments.filter((payment) => payment._id !== _id);
  remove(books, 'payments', ({ key }) => key === _id);
  expectCaught(books, /\(app-without-step-up\) was accepted and does not exist/, { lost: 1 });
});

test('one request to pay that became two payments is doubled', () => {
  const books = evidence();
  const { key } = planOf(books, 'app-posted-fifty-times').expected.app![0]!;
  books.journal.payings.find((paying) => paying.key === key)!.paymentIds.push('pay_twin');
  expectCaught(books, /became pay_\w+, pay_twin/, { doubled: 1 });
});

test('a payment that nobody asked for is caught', () => {
  const books = evidence();
  const payment = paymentOf(books, 'app-without-step-up');
  books.payments.push({ ...structuredClone(payment), _id: 'pay_nobody', version: 0 });
  expectCaught(books, /payment pay_nobody of bill \S+ was never asked for/, { doubled: 1 });
});

test('a payment that is not as planned is caught: status, code, queue, amount, customer', () => {
  const books = evidence();
  paymentOf(books, 'app-insufficient-funds').state.refusal!.code = 'PAYMENTS_CANCELLED';
  paymentOf(books, 'app-never-written-off').state.queue!.push({ name: 'credit-unknown' });
  paymentOf(books, 'app-paid').state.request!.customerId = 'cus_stranger';
  paymentOf(books, 'app-paid-choice').state.request!.amountFen += 1;
  const problems = problemsOf(books);
  expect(problems).toMatch(/should be failed with PAYMENTS_INSUFFICIENT_FUNDS and has PAYMENTS_CANCELLED/);
  expect(problems).toMatch(/should stand in write-off-overdue and stands in write-off-overdue, credit-unknown/);
  expect(problems).toMatch(/\(app-paid\) belongs to another customer/);
  expect(problems).toMatch(/\(app-paid-choice\) is over \d+ fen instead of \d+/);
});

test('a fact of a payment that is missing is lost, and one that comes twice is doubled', () => {
  const books = evidence();
  const { _id } = paymentOf(books, 'app-never-written-off');
  const debited = books.topics.payments.find(({ key, headers }) => key === _id && headers.ce_type!.includes('.debited.'))!;
  const again = copyRecord(debited);
  again.headers = { ...again.headers, ce_id: `${_id}:9` };
  books.topics.payments.push(again);
  expect(problemsOf(books)).toMatch(/\(app-never-written-off\): debited stands there 2 times instead of 1/);
  remove(books, 'payments', (record) => record === debited || record === again);
  expect(problemsOf(books)).toMatch(/\(app-never-written-off\): debited is missing/);
});

test('a race for a bill that two won, or none, is caught', () => {
  const books = evidence();
  const plan = planOf(books, 'app-ten-at-once');
  plan.expected.app = plan.expected.app!.map((expected) => ({ ...expected, oneOf: 'refused' }));
  expect(problemsOf(books)).toMatch(/of 10 payments of bill \S+ of \S+ \(app-ten-at-once\) 10 were refused/);
  plan.expected.app = plan.expected.app.map((expected) => ({ ...expected, oneOf: 'reversed' }));
  expect(problemsOf(books)).toMatch(/\(app-ten-at-once\) 0 were reversed/);
});

test('a write-off that a bill says twice is doubled', () => {
  const books = evidence();
  const { _id } = billOf(books, 'app-paid');
  const fact = books.topics.bills.find(({ key, headers }) => key === _id && headers.ce_type!.includes('.written-off.'))!;
  books.topics.bills.push({ ...copyRecord(fact), headers: { ...fact.headers, ce_id: `${_id}:99` } });
  expect(problemsOf(books)).toMatch(/\(app-paid\): the write-off of \S+ stands there 2 times instead of 1/);
});

test("a bill without the write-off that stands in the school's books is caught", () => {
  const books = evidence();
  delete billOf(books, 'app-paid').state.writtenOff;
  expectCaught(books, /\(app-paid\) should be written off/);
});

test('a bill of which a request to pay was never answered is undetermined, and once all is sent that is a problem', () => {
  const books = evidence();
  const { key } = planOf(books, 'app-without-step-up').expected.app![0]!;
  for (const paying of books.journal.payings) if (paying.key === key) Object.assign(paying, { statuses: [0, 503], paymentIds: [] });
  books.journal.finished = false;
  expect(judge(books)).toMatchObject({ ok: true, undetermined: 1 });
  books.journal.finished = true;
  expectCaught(books, /the request to pay \S+ was never answered/);
});

test('a letter that its school never had is lost; one that waits or was given up is open', () => {
  const books = evidence();
  const line = toldOf(books, 'app-never-written-off', 'payment.debited');
  takeOut<RawSchoolLine>(books.schools, line);
  expect(judge(books).lost).toBe(1);
  expect(problemsOf(books)).toMatch(
    /was never told \S+ payment\.debited pay_\w+ 0[\s\S]*is taken, and the books of its school do not have it/,
  );
  const letter = mailboxOf(books, 'app-never-written-off').state.letters.find(({ deliveryId }) => deliveryId === line.webhookId)!;
  letter.status = 'given-up';
  const report = judge(books);
  expect(report.problems).toEqual([]);
  expect(report.deliveries).toMatchObject({ waiting: 0, givenUp: 1 });
});

test('a school that was told the same under two webhook-ids, or without a fact, is caught', () => {
  const books = evidence();
  const line = toldOf(books, 'app-never-written-off', 'payment.debited');
  books.schools.push({ ...line, webhookId: 'dlv_twin' });
  expect(judge(books).doubled).toBe(1);
  expect(problemsOf(books)).toMatch(/payment\.debited pay_\w+ 0 under 2 webhook-ids/);
  const unfounded = evidence();
  unfounded.schools.push({ ...line, webhookId: 'dlv_other', type: 'payment.reversed' });
  expect(problemsOf(unfounded)).toMatch(/was told \S+ payment\.reversed pay_\w+ without a fact that says so/);
});

test("a school's own notice that was accepted and is not in the log, has other words or came to nothing is caught", () => {
  const ofPaid = (books: Evidence) => {
    const line = toldOf(books, 'app-paid', 'payment.debited');
    return { noticeId: `${line.partnerId}:${line.notices[0]!.webhookId}`, notice: line.notices[0]! };
  };
  const lost = evidence();
  const { noticeId } = ofPaid(lost);
  remove(lost, 'notices', ({ headers }) => headers.ce_id === noticeId);
  expect(problemsOf(lost)).toMatch(/school's notice \S+ was answered 202 and does not stand on/);
  const altered = evidence();
  ofPaid(altered).notice.data.receiptNo = 'other';
  expectCaught(altered, /school's notice \S+ stands on campus\.notice\.v1 with other words/);
  const rejected = evidence();
  for (const line of rejected.schools)
    if (line.kind === 'answered' && `${line.partnerId}:${line.webhookId}` === noticeId) line.outcome = 'rejected';
  expectCaught(rejected, /school's notice \S+ \(campus\.bill\.written-off\) was rejected/);
});

test('facts of deliveries are versions without a gap', () => {
  const books = evidence();
  const { _id } = mailboxOf(books, 'app-paid');
  remove(books, 'deliveries', ({ headers }) => headers.ce_id === `${_id}:1`);
  expectCaught(books, /is at version \d+ in the database, and its facts on notifier\.delivery\.v1 reach \d|there is a gap/);
});

test('what is asked again while the auditor reads is no discrepancy, and what the database missed before is', () => {
  const books = evidence();
  const bill = billOf(books, 'app-debit-never-answered');
  const asked = books.topics.bills.findLast(({ key, headers }) => key === bill._id && headers.ce_type!.includes('.lease-questioned.'))!;
  const next = String(bill.version + 1);
  const at = (ce_time: string) => ({ ...asked.headers, ce_id: `${bill._id}:${next}`, ce_sequence: next.padStart(10, '0'), ce_time });
  const later = { ...copyRecord(asked), headers: at(new Date(books.nowMs + 1_000).toISOString()) };
  books.topics.bills.push(later);
  expect(problemsOf(books)).toBe('');
  later.headers = at(new Date(books.nowMs - 1_000).toISOString());
  expectCaught(books, /is at version \d+ in the database, and its facts on campus\.bill\.v1 reach/);
});

test('requests to pay are joined with their outcomes by key and send, run by run', () => {
  const pay = {
    kind: 'command',
    command: 'pay',
    key: 'k1',
    billNo: 'b1',
    partnerId: 'p1',
    customerId: 'cus_1',
    amountFen: 5,
    payFrom: '1',
  };
  const lines = [
    { kind: 'started' },
    { ...pay, send: 1 },
    { kind: 'outcome', key: 'k1', send: 1, status: 0 },
    { kind: 'outcome', key: 'k1', send: 1, status: 202, paymentId: 'pay_1' },
    { kind: 'started' },
    { ...pay, key: 'k2', send: 1 },
    { kind: 'question' },
    { kind: 'outcome', key: 'k2', send: 1, status: 503 },
  ];
  const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"kind":"outco`;
  const { payings, finished } = digestJournal(text);
  expect(finished).toBe(false);
  expect(payings).toMatchObject([
    { key: 'k1', statuses: [0, 202], paymentIds: ['pay_1'] },
    { key: 'k2', statuses: [503], paymentIds: [] },
  ]);
  const { undetermined } = splitPlans(played.journal);
  expect(undetermined).toEqual([]);
});
