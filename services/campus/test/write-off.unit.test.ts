import { published, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { BillFact } from '../src/bill-state.ts';
import {
  aDayLater,
  amend,
  app,
  at,
  awaited,
  billed,
  claimed,
  close,
  closed,
  debit,
  heardOf,
  judged,
  kept,
  leased,
  leaseEnded,
  leaseFor,
  leaseRefused,
  money,
  paid,
  pay,
  refused,
  rejected,
  rejectionOf,
  reversalRequested,
  scene,
  sevenDaysLater,
  taken,
  voided,
  voidOf,
  writeOffOf,
  writtenOff,
} from './bill-words.ts';

const given = scenario(scene, { at });
const [a, b] = [app('a'), app('b')];
const billId = `bill_${'b'.repeat(26)}`;
const exact = paid(judged('P1', 150, 'exact'));
const tooMuch = paid(judged('P1', 150, 'overpaid'));
const debited = [billed(), leased(a), awaited(a)];
const begun = money('bill.reversal-begun', a);
const reversing = [...debited, begun];
const reversed = [...reversing, money('bill.reversed', a)];
const disputed = money('bill.disputed', a);
const overdue: BillFact = { type: 'bill.write-off-overdue', paymentId: a, amountFen: 150, askAt: '2026-09-03T00:00:00.000Z' };

test('a debited payment waits for the school, which is asked for it', () => {
  const state = given(billed(), leased(a)).when(debit(a)).then(awaited(a));
  expect(state).toMatchObject({ status: 'debited', holding: { phase: 'debited', asked: 0 } });
  const fact = published(scene, awaited(a), state, billId);
  expect(fact).toMatchObject({ status: 'debited', paymentId: a, paymentFen: 150, asked: 0, paidFen: 0, held: { until: aDayLater } });
});

test('a payment that the school writes off pays the bill', () => {
  const state = given(...debited)
    .when(writeOffOf(a))
    .then(writtenOff(a));
  expect(state).toMatchObject({ status: 'written-off', writtenOff: { paymentId: a, amountFen: 150, receiptNo: 'E-1', holder: 'app' } });
  expect(state.holding).toBeUndefined();
  expect(published(scene, writtenOff(a), state, billId)).toMatchObject({ paidFen: 150, writtenOffAt: at, receiptNo: 'E-1' });
  expect(published(scene, writtenOff(a), state, billId)).not.toHaveProperty('held');
});

test('a written-off bill is paid: it is neither amended, closed, rejected nor leased', () => {
  const off = given(...debited, writtenOff(a));
  off.when(amend(1)).refused('CAMPUS_ALREADY_PAID');
  off.when(close).refused('CAMPUS_USE_REFUND');
  off.when(rejectionOf(a)).refused('CAMPUS_USE_REFUND');
  off.when(leaseFor(b)).then(leaseRefused(b, 'CAMPUS_ALREADY_PAID'));
});

test('a write-off of another amount is refused, and the right one after it is heard', () => {
  given(...debited)
    .when(writeOffOf(a, 151))
    .refused('CAMPUS_AMOUNT_DIFFERS');
  given(...debited, writtenOff(a))
    .when(writeOffOf(a, 151))
    .refused('CAMPUS_AMOUNT_DIFFERS');
  given(...debited, writtenOff(a))
    .when({ ...writeOffOf(a), noticeId: 'again' })
    .then();
});

test('a write-off that overtakes the debit is kept and applied right after it, even of a bill that was closed meanwhile', () => {
  const early = writeOffOf(a);
  given(billed(), leased(a))
    .when(early)
    .then({ type: 'bill.notice-kept', kept: { command: early, until: sevenDaysLater } });
  given(billed(), leased(a), kept(early)).when(debit(a)).then(awaited(a), taken(early), writtenOff(a));
  const state = given(billed(), leased(a), kept(early), closed).when(debit(a)).then(awaited(a), taken(early), writtenOff(a));
  expect(state).toMatchObject({ status: 'written-off', base: 'closed' });
});

test('a rejection that overtakes the debit is kept too', () => {
  given(billed(), leased(a), kept(rejectionOf(a)))
    .when(debit(a))
    .then(awaited(a), taken(rejectionOf(a)), rejected(a));
});

test('a kept write-off whose lease ended without money is refused, since there is nothing to write off', () => {
  given(billed(), leased(a), kept(writeOffOf(a)), leaseEnded(a))
    .when(pay('P1', 150))
    .then(exact, refused(writeOffOf(a), 'CAMPUS_UNKNOWN_PAYMENT'));
});

test('a payment that the school rejects goes back', () => {
  const state = given(...debited)
    .when(rejectionOf(a))
    .then(rejected(a));
  expect(state.status).toBe('reversing');
  const gone = given(...debited, rejected(a));
  gone.when(heardOf('Reversing', a)).then();
  gone.when(rejectionOf(a)).then();
  expect(gone.when(heardOf('Reversed', a)).then(money('bill.reversed', a))).toMatchObject({
    status: 'issued',
    past: [{ end: 'reversed' }],
  });
});

test('of a payment that it does not know the bill refuses every word of the school', () => {
  given(...debited)
    .when(writeOffOf(b))
    .refused('CAMPUS_UNKNOWN_PAYMENT');
  given(...debited)
    .when(rejectionOf(b))
    .refused('CAMPUS_UNKNOWN_PAYMENT');
});

test('a debit of a payment that lost its lease goes back, once, and the holder stays', () => {
  const lost = reversalRequested(a, 'lease-lost');
  const state = given(billed(), leased(a), leaseEnded(a), leased(b)).when(debit(a)).then(lost);
  expect(state).toMatchObject({ status: 'leased', holding: { leaseId: b } });
  const after = given(billed(), leased(a), leaseEnded(a), leased(b), lost);
  after.when(debit(a)).then();
  after.when(heardOf('Reversing', a)).then();
  after.when(heardOf('Reversed', a)).then();
});

test('a bill that was closed while the payment was leased gives the debited money back', () => {
  given(billed(), leased(a), closed).when(debit(a)).then(awaited(a), reversalRequested(a, 'closed'));
});

test('a bill that is closed while its write-off is awaited gives the money back, and asks no more', () => {
  const state = given(...debited)
    .when(close)
    .then(closed, reversalRequested(a, 'closed'));
  expect(state.status).toBe('debited');
  expect(scene.wakeAt?.(state)).toBeUndefined();
  expect(
    given(...debited, closed, reversalRequested(a, 'closed'), begun)
      .when(heardOf('Reversed', a))
      .state().status,
  ).toBe('closed');
});

test('money that the school takes itself sends the debited payment back, and the reversal leaves the bill paid', () => {
  const state = given(...debited)
    .when(pay('P1', 150))
    .then(exact, reversalRequested(a, 'paid-elsewhere'));
  expect(state.status).toBe('paid-elsewhere');
  const behind = given(...debited, exact, reversalRequested(a, 'paid-elsewhere'));
  behind.when(pay('P2', 150)).then(paid(judged('P2', 150, 'overpaid')));
  expect(behind.when(heardOf('Reversed', a)).then(money('bill.reversed', a)).status).toBe('paid-elsewhere');
});

test('while the money goes back, closing and money from elsewhere only show themselves', () => {
  given(...reversing)
    .when(close)
    .then(closed);
  given(...reversing)
    .when(pay('P1', 150))
    .then(exact);
});

test('money that comes in after the write-off is too much, and its void leaves the bill written off', () => {
  expect(
    given(...debited, writtenOff(a))
      .when(pay('P1', 150))
      .then(tooMuch).status,
  ).toBe('overpaid');
  const twice = given(...debited, writtenOff(a), tooMuch);
  expect(twice.when(voidOf('P1')).then(voided(judged('P1', 150, 'overpaid'))).status).toBe('written-off');
});

test('money that would lift the bill over ten billion yuan together with the payment of the app is refused', () => {
  given(...debited)
    .when(pay('P1', 1_000_000_000_000))
    .refused('CAMPUS_AMOUNT_TOO_LARGE');
  given(...debited, writtenOff(a))
    .when(pay('P1', 1_000_000_000_000))
    .refused('CAMPUS_AMOUNT_TOO_LARGE');
});

test('payments may give the money back of its own accord, and the bill is payable again after it', () => {
  expect(
    given(...debited)
      .when(heardOf('Reversing', a))
      .then(begun).status,
  ).toBe('reversing');
  expect(
    given(...reversing)
      .when(heardOf('Reversed', a))
      .then(money('bill.reversed', a)).status,
  ).toBe('issued');
  given(...reversed)
    .when(leaseFor(b))
    .then(leased(b));
});

test('a write-off on the way back is a claim that payments decides: settled, it pays the bill', () => {
  const state = given(...reversing)
    .when(writeOffOf(a))
    .then(claimed(a));
  expect(state).toMatchObject({ status: 'reversing', holding: { claimed: { paymentId: a } } });
  const open = given(...reversing, claimed(a));
  open.when({ ...writeOffOf(a), noticeId: 'again' }).then();
  expect(open.when(heardOf('Settled', a)).then(writtenOff(a)).status).toBe('written-off');
});

test('a claim that lost against the credit makes the bill disputed, whichever of the two words comes', () => {
  expect(
    given(...reversing, claimed(a))
      .when(heardOf('Disputed', a))
      .then(disputed),
  ).toMatchObject({ status: 'disputed' });
  const state = given(...reversing, claimed(a))
    .when(heardOf('Reversed', a))
    .then(money('bill.reversed', a), disputed);
  expect(state.status).toBe('disputed');
  given(...reversing, claimed(a), money('bill.reversed', a), disputed)
    .when(heardOf('Disputed', a))
    .then();
});

test('a write-off after the money went back makes the bill disputed, and nobody pays it until people have decided', () => {
  const state = given(...reversed)
    .when(writeOffOf(a))
    .then(disputed);
  expect(state).toMatchObject({ status: 'disputed' });
  expect(published(scene, disputed, state, billId)).toMatchObject({ paymentId: a, paymentFen: 150, paidFen: 0, status: 'disputed' });
  const open = given(...reversed, disputed);
  open.when({ ...writeOffOf(a), noticeId: 'again' }).then();
  open.when(leaseFor(b)).then(leaseRefused(b, 'CAMPUS_DISPUTED'));
  open.when(close).refused('CAMPUS_DISPUTED');
  open.when(amend(1)).refused('CAMPUS_DISPUTED');
  expect(open.when(pay('P1', 150)).then(tooMuch).status).toBe('disputed');
});

test('a payment that was written off while its credit was sent is disputed when payments says so', () => {
  const state = given(...debited, writtenOff(a))
    .when(heardOf('Disputed', a))
    .then(disputed);
  expect(state.status).toBe('disputed');
  expect(published(scene, disputed, state, billId)).toMatchObject({ paidFen: 0 });
});

test('a payment that people settle is written off, as of then', () => {
  const settled = { ...writtenOff(a), writtenOffAt: aDayLater } as BillFact & { receiptNo?: string };
  const { receiptNo, ...byPeople } = settled;
  expect(
    given(...debited, overdue)
      .when(heardOf('Settled', a), aDayLater)
      .then(byPeople).status,
  ).toBe('written-off');
});
