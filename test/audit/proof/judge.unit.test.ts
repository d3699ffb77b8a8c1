import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Evidence, topicNames } from '../evidence.ts';
import { judge } from '../judge.ts';
import { billOf, copyOf, copyRecord, entriesOf, expectCaught, paymentOf, planOf, playedOnce, remove, textOf } from './doctored-books.ts';

let played: Evidence;
beforeAll(async () => {
  played = await playedOnce();
});

/** A copy that may be doctored; what is told about it stays what really happened. */
const evidence = (): Evidence => copyOf(played);

test('books that nobody touched are right, and say how much there is', () => {
  const report = judge(evidence());
  expect(report).toMatchObject({ ok: true, lost: 0, doubled: 0, undetermined: 0, parked: 0, problems: [] });
  expect(report.deadLetters).toBe(played.journal.plans.flatMap(({ expected }) => expected.deadLetters).length);
  expect(report.ledger).toEqual({ entries: played.entries.length, sumFen: 0, balanced: true });
  expect(report.repeats).toBeGreaterThanOrEqual(0);
});

test('an acknowledged notice that is not in the log is lost', () => {
  const books = evidence();
  const [notice] = planOf(books, 'paid-told-twice').notices.slice(-1);
  remove(books, 'notices', ({ headers }) => headers.ce_id === notice!.noticeId);
  expectCaught(books, /was answered 202 and does not stand on campus\.notice\.v1/, { lost: 1 });
});

test('a notice in the log with other bytes than were sent is caught', () => {
  const books = evidence();
  const { noticeId } = planOf(books, 'issued').notices[0]!;
  for (const record of books.topics.notices) if (record.headers.ce_id === noticeId) record.value = Buffer.from(`${textOf(record)} `);
  expectCaught(books, /with bytes that nobody sent/, { lost: 1 });
});

test('a notice that had to be refused at the door and stands in the log is caught', () => {
  const books = evidence();
  const { headers, value } = books.topics.notices[0]!;
  const { billNo } = planOf(books, 'issued');
  const sha = books.journal.sends.find(({ noticeId }) => noticeId === headers.ce_id)!.bodySha256;
  books.journal.sends.push({ noticeId: 'school-1:forged', billNo, expect: 'rejected', bodySha256: sha, statuses: [401] });
  books.topics.notices.push({ partition: 0, offset: '99999', key: 'bill_x', value, headers: { ...headers, ce_id: 'school-1:forged' } });
  expectCaught(books, /school-1:forged had to be rejected and stands on campus\.notice\.v1/);
});

test('an answer that contradicts the plan, and one that never came, are caught', () => {
  const books = evidence();
  const { noticeId, bodySha256 } = planOf(books, 'issued').notices[0]!;
  const sent = { billNo: 'x', expect: 'accepted', noticeId, bodySha256 };
  books.journal.sends.push({ ...sent, statuses: [503, 400] }, { ...sent, statuses: [503, 0] });
  const { problems } = judge(books);
  expect(problems).toHaveLength(2);
  expect(problems.join('\n')).toMatch(/had to be accepted and was rejected \(503, 400\)[\s\S]*was never answered \(503, 0\)/);
});

test('a lost payment is counted, with its entry', () => {
  const books = evidence();
  const payment = paymentOf(books, 'paid-at-counter');
  books.payments.splice(books.payments.indexOf(payment), 1);
  books.entries = books.entries.filter(({ paymentId }) => paymentId !== payment._id);
  remove(books, 'payments', ({ key }) => key === payment._id);
  expectCaught(
    books,
    /payments of bill \S+ of \S+ \(paid-at-counter\): payment \S+ of \d+ fen by counter \(payable\) recorded is missing/,
    {
      lost: 1,
    },
  );
});

test('a payment that was recorded twice under two ids is doubled', () => {
  const books = evidence();
  const payment = paymentOf(books, 'paid-by-aggregated-qr');
  books.payments.push({ ...payment, _id: 'pay_twin' });
  const fact = books.topics.payments.find(({ key }) => key === payment._id)!;
  const headers = { ...fact.headers, ce_id: 'pay_twin:1' };
  books.topics.payments.push({ ...fact, key: 'pay_twin', offset: '99999', headers });
  const { doubled, problems } = judge(books);
  expect(doubled).toBe(1);
  expect(problems.join('\n')).toMatch(/recorded stands there 2 times instead of 1/);
});

test('a bill in a wrong state is caught, and the effect that is missing is lost', () => {
  const books = evidence();
  const bill = billOf(books, 'closed');
  const removed = remove(books, 'bills', ({ key, headers }) => key === bill._id && headers.ce_type!.includes('withdrawn'));
  expect(removed).toBeGreaterThan(0);
  bill.state.status = 'issued';
  bill.version -= 1;
  expectCaught(books, /\(closed\): the closing is missing[\s\S]*\(closed\) should be closed and is issued/, { lost: 1 });
});

test('a bill that is gone is caught', () => {
  const books = evidence();
  const bill = billOf(books, 'issued');
  books.bills.splice(books.bills.indexOf(bill), 1);
  remove(books, 'bills', ({ key }) => key === bill._id);
  expectCaught(books, /\(issued\) should be issued and does not exist/, { lost: 1 });
});

test('a payment that campus judged otherwise is caught', () => {
  const books = evidence();
  billOf(books, 'overpaid').state.payments.at(-1)!.allocation = 'payable';
  paymentOf(books, 'paid-choice').state.received!.amountFen += 1;
  expectCaught(books, /\(overpaid\) should hold [\s\S]*\(paid-choice\), in the database/);
});

test('a bill that still keeps a notice is caught', () => {
  const books = evidence();
  billOf(books, 'issued').state.kept.push({ command: { noticeId: 'school-1:late', partnerId: 'school-1', billNo: 'x' } });
  expectCaught(books, /still keeps school-1:late/);
});

test('a gap among first appearances is caught', () => {
  const books = evidence();
  const { _id } = billOf(books, 'amended-in-any-order');
  remove(books, 'bills', ({ headers }) => headers.ce_id === `${_id}:2`);
  expectCaught(books, /:3 first appears after version 1: there is a gap[\s\S]*revision 1 is missing/, { lost: 1 });
});

test('facts that appear in the wrong order are caught', () => {
  const books = evidence();
  const { _id } = billOf(books, 'amended');
  const own = books.topics.bills.filter(({ key }) => key === _id);
  const [first, second] = [
    own.find(({ headers }) => headers.ce_id === `${_id}:1`)!,
    own.find(({ headers }) => headers.ce_id === `${_id}:2`)!,
  ];
  const swapped = copyRecord(first);
  Object.assign(first, { value: second.value, headers: second.headers });
  Object.assign(second, { value: swapped.value, headers: swapped.headers });
  expectCaught(books, /:2 first appears after version 0/);
});

test('facts that the broker never got are caught', () => {
  const books = evidence();
  const { _id, version } = billOf(books, 'voided');
  remove(books, 'bills', ({ headers }) => headers.ce_id === `${_id}:${version}`);
  expectCaught(books, /is at version 3 in the database, and its facts on campus\.bill\.v1 reach 2/, { lost: 1 });
});

test.each(['value', 'ce_time'])('the same fact with other bytes is caught: %s', (what) => {
  const books = evidence();
  const fact = books.topics.payments[0]!;
  const headers = what === 'ce_time' ? { ...fact.headers, ce_time: '2026-01-01T00:00:00.000Z' } : fact.headers;
  const value = what === 'value' ? Buffer.from(`${textOf(fact)} `) : fact.value;
  books.topics.payments.push({ ...fact, offset: '99999', headers, value });
  expectCaught(books, /came again with other bytes/);
});

test('a doubled entry is counted, and the balances that follow it do not hide it', () => {
  const books = evidence();
  const [entry] = entriesOf(books, 'paid-at-counter');
  books.entries.push({ ...entry!, _id: 'ent_twin' });
  for (const { account, amountFen } of entry!.legs) {
    const balance = books.balances.find((one) => one.account === account)!;
    if (amountFen > 0) balance.debitFen += amountFen;
    else balance.creditFen -= amountFen;
  }
  expectCaught(books, /the entry for pay_\w+ recorded stands there 2 times instead of 1/, { doubled: 1 });
});

test('a missing entry is lost', () => {
  const books = evidence();
  const [, reversal] = entriesOf(books, 'voided');
  const lost = reversal ?? entriesOf(books, 'paid-at-counter')[0]!;
  books.entries.splice(
    books.entries.findIndex(({ _id }) => _id === lost._id),
    1,
  );
  expectCaught(books, /the entry for pay_\w+ \w+ is missing[\s\S]*and its entries come to/, { lost: 1 });
});

test('an unbalanced entry, a wrong account and a wrong business day are caught', () => {
  const books = evidence();
  const [first, second, third] = books.entries;
  first!.legs[0]!.amountFen += 1;
  second!.legs[1]!.account = second!.legs[1]!.account.replace(/^\w+/, 'clearing');
  third!.businessDay = '2020-01-01';
  expectCaught(books, /is unbalanced by 1 fen[\s\S]*has the legs [\s\S]*stands on 2020-01-01/);
});

test('a balance that is not the sum of its entries is caught, and so is a ledger that does not come to zero', () => {
  const books = evidence();
  books.balances[0]!.debitFen += 7;
  expectCaught(books, /stands at debit [\s\S]*come to 7 fen instead of 0/);
  expect(judge(books).ledger).toMatchObject({ sumFen: 7, balanced: false });
});

test('an unexpected dead letter is caught, in whichever service it lies', () => {
  const books = evidence();
  const message = { topic: topicNames.notices, headers: { ce_id: planOf(books, 'issued').notices[0]!.noticeId } };
  books.backlogs[0]!.letters.push({ _id: 'dead_1', code: 'BUS_NOT_JSON', message });
  books.backlogs[2]!.letters.push({ _id: 'dead_2', code: 'LEDGER_ENTRY_DIFFERS', message: { topic: topicNames.payments, headers: {} } });
  expectCaught(books, /dead letters: \S+ with BUS_NOT_JSON was not expected[\s\S]*ledger has the dead letter dead_2/);
});

test('a missing dead letter, a refusal that was never told and a missing copy are caught', () => {
  const books = evidence();
  const { noticeId } = planOf(books, 'closed-after-paid').expected.deadLetters[0]!;
  books.backlogs[0]!.letters = books.backlogs[0]!.letters.filter(({ message }) => message.headers.ce_id !== noticeId);
  remove(books, 'refusals', ({ key }) => key === noticeId);
  remove(books, 'deadNotices', ({ headers }) => headers.ce_id === noticeId);
  expectCaught(books, /dead letters: .* is missing[\s\S]*refusals on campus\.refusal\.v1: .* is missing[\s\S]*has no copy/, { lost: 2 });
});

test('whatever still waits is caught: unread, parked, unsent, overdue', () => {
  const books = evidence();
  books.lags = [{ group: 'ledger', topic: topicNames.payments, behind: 3 }];
  books.backlogs[0]!.parked = [{ _id: 't|0|1', code: 'ENGINE_UNEXPECTED' }];
  books.backlogs[0]!.heads = [{ _id: 't|k' }];
  books.bills[0]!.unsent = 1;
  books.payments[0]!.wakeAt = new Date(books.nowMs - 11_000).toISOString();
  const { problems, parked } = judge(books);
  expect(problems).toHaveLength(5);
  expect(parked).toBe(1);
});

test('a deadline that passed a moment ago is not overdue', () => {
  const books = evidence();
  books.bills[0]!.wakeAt = new Date(books.nowMs - 9_000).toISOString();
  expect(judge(books).problems).toEqual([]);
});

test('bills of another run count for nothing, and their gaps, entries and payments are judged all the same', async () => {
  const books = evidence();
  books.journal = { ...books.journal, plans: [], sends: [] };
  expect(judge(books)).toMatchObject({ ok: true, lost: 0, doubled: 0, bills: {}, payments: {}, deadLetters: 0 });
  const payment = paymentOf({ ...books, journal: played.journal }, 'paid-at-counter');
  books.payments.splice(books.payments.indexOf(payment), 1);
  remove(books, 'payments', ({ key }) => key === payment._id);
  expectCaught(books, /payments of another run: .* is missing[\s\S]*ledger, of another run: .* was not expected/);
});

test('of a bill whose notices were not all acknowledged nothing is said', () => {
  const books = evidence();
  books.journal.finished = false;
  const plan = planOf(books, 'closed');
  const last = plan.notices.at(-1)!;
  for (const sent of books.journal.sends) if (sent.noticeId === last.noticeId) sent.statuses = [503];
  billOf(books, 'closed').state.status = 'issued';
  expect(judge(books)).toMatchObject({ ok: true, undetermined: 1 });
});

test('the auditor itself imports the drivers, Node and its own files, and nothing of ours', () => {
  const folder = join(import.meta.dirname, '..');
  const imported = globSync('*.ts', { cwd: folder }).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, module]) => module!),
  );
  expect(imported.length).toBeGreaterThan(20);
  expect(imported.filter((module) => !/^(\.\/[a-z-]+\.ts|node:[a-z/]+|kafkajs|mongoose)$/.test(module))).toEqual([]);
});
