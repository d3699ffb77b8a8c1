import { billIds, paymentIds } from '@scenefi/contracts';
import { published, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { BillFact } from '../src/bill-state.ts';
import {
  app,
  at,
  awaited,
  aYearLater,
  billed,
  heardOf,
  judged,
  kept,
  leased,
  leaseFor,
  leaseRefused,
  money,
  paid,
  refundDone,
  refunded,
  refundOf,
  rejected,
  rejectionOf,
  scene,
  taken,
  voided,
  voidOf,
  writeOffOf,
  writtenOff,
} from './bill-words.ts';

const given = scenario(scene, { at });
const [a, b] = [app('a'), app('b')];
const billId = billIds.of('school-a', 'B-1');
const ofP1 = paymentIds.of('school-a', billId, 'P1');
const debited = [billed(), leased(a), awaited(a)];
const off = [...debited, writtenOff(a)];
const exact = judged('P1', 150, 'exact');

type Channel = Extract<BillFact, { type: 'bill.refund-requested' }>['channel'];
type Code = Extract<BillFact, { type: 'bill.refund-refused' }>['code'];

const about = (paymentId: string, amountFen: number) => ({ refund: { refundNo: 'R1', paymentId, amountFen }, reason: 'moved away' });
const requested = (paymentId: string, channel: Channel, amountFen = 150): BillFact => ({
  type: 'bill.refund-requested',
  ...about(paymentId, amountFen),
  channel,
});
const refused = (paymentId: string, code: Code): BillFact => ({ type: 'bill.refund-refused', ...about(paymentId, 150), code });

test('the school refunds a payment of the app, in part or whole; payments decides whether so much is left', () => {
  const state = given(...off)
    .when(refundOf(a, 75))
    .then(requested(a, 'app', 75));
  expect(state.status).toBe('written-off');
  expect(published(scene, requested(a, 'app', 75), state, billId)).toEqual({
    payableId: billId,
    scene: 'campus',
    partnerId: 'school-a',
    reference: 'B-1',
    paymentId: a,
    refundNo: 'R1',
    refundFen: 75,
    refundReason: 'moved away',
    channel: 'app',
  });
  given(billed(), leased(a, { holder: 'mandate' }), awaited(a), writtenOff(a))
    .when(refundOf(a))
    .then(requested(a, 'mandate'));
});

test('a payment that reached the bank through the school is refunded under the id that the bank gave it', () => {
  given(billed(), paid(exact)).when(refundOf('P1')).then(requested(ofP1, 'counter'));
  given(billed(), paid({ ...exact, channel: 'aggregated-qr' }))
    .when(refundOf('P1'))
    .then(requested(ofP1, 'aggregated-qr'));
});

test.each(['cash', 'other'] as const)('%s never reached the bank, so the school gives it back itself', (channel) => {
  const state = given(billed(), paid({ ...exact, channel }))
    .when(refundOf('P1'))
    .then(refused(ofP1, 'not-held-by-bank'));
  expect(published(scene, refused(ofP1, 'not-held-by-bank'), state, billId)).toMatchObject({ paymentId: ofP1, code: 'not-held-by-bank' });
});

test.each<[why: string, code: Code, facts: BillFact[]]>([
  ['is not debited yet', 'not-written-off', [billed(), leased(a)]],
  ['is on its way back', 'not-written-off', [...debited, money('bill.reversal-begun', a)]],
  ['was given back', 'reversed', [...debited, money('bill.reversed', a)]],
  ['is disputed', 'disputed', [...debited, money('bill.reversed', a), money('bill.disputed', a)]],
  ['is disputed after its write-off', 'disputed', [...off, money('bill.disputed', a)]],
])('a payment that %s is not refunded', (_why, code, facts) => {
  given(...facts)
    .when(refundOf(a))
    .then(refused(a, code));
});

test('a payment that the school took back is not refunded', () => {
  given(billed(), paid(exact), voided(exact)).when(refundOf('P1')).then(refused(ofP1, 'reversed'));
});

test('a payment that the bill never had is not refunded', () => {
  given(...off)
    .when(refundOf(b))
    .refused('CAMPUS_UNKNOWN_PAYMENT');
  given(...off)
    .when(refundOf('P9'))
    .refused('CAMPUS_UNKNOWN_PAYMENT');
});

test('a refund that overtakes the write-off waits for it', () => {
  const early = refundOf(a);
  given(...debited)
    .when(early)
    .then(kept(early));
  given(...debited, kept(early))
    .when(writeOffOf(a))
    .then(writtenOff(a), taken(early), requested(a, 'app'));
});

test('a refund that waited for a write-off that never came is refused with the reversal', () => {
  const early = refundOf(a);
  given(...debited, kept(early))
    .when(rejectionOf(a))
    .then(rejected(a), taken(early), refused(a, 'not-written-off'));
  given(...debited, kept(early))
    .when(heardOf('Reversed', a))
    .then(money('bill.reversed', a), taken(early), refused(a, 'reversed'));
});

test('the same refundNo again is no second refund, with other content it is refused', () => {
  const asked = given(...off, requested(a, 'app'));
  asked.when({ ...refundOf(a), noticeId: 'again' }, aYearLater).then();
  asked.when(refundOf(a, 75)).refused('CAMPUS_REFUND_NO_REUSED');
  given(...off, paid(judged('P1', 150, 'overpaid')), requested(a, 'app'))
    .when(refundOf('P1'))
    .refused('CAMPUS_REFUND_NO_REUSED');
  given(billed(), leased(a), refused(a, 'not-written-off'))
    .when({ ...refundOf(a), noticeId: 'again' })
    .then();
});

test('refunds add up until the whole payment is back, and then the bill is refunded for ever', () => {
  const half = given(...off)
    .when(refundDone(a, 75))
    .then(refunded(a, 75));
  expect(half.status).toBe('written-off');
  expect(published(scene, refunded(a, 75), half, billId)).toMatchObject({ paymentFen: 150, refundFen: 75, refundedFen: 75, paidFen: 150 });
  const whole = given(...off, refunded(a, 75))
    .when(refundDone(a, 75, 'R2'))
    .then(refunded(a, 75, 'R2'));
  expect(whole.status).toBe('refunded');
  given(...off, refunded(a, 150))
    .when(leaseFor(b))
    .then(leaseRefused(b, 'CAMPUS_ALREADY_PAID'));
});

test('a refund counts once by its number, before and after it was asked for', () => {
  given(...off, requested(a, 'app'), refunded(a, 150))
    .when(refundDone(a, 150))
    .then();
  given(...off, refunded(a, 150))
    .when(refundOf(a))
    .then();
});

test('a refund of money from elsewhere is heard as well', () => {
  const state = given(billed(), paid(exact)).when(refundDone(ofP1, 150)).then(refunded(ofP1, 150));
  expect(state.status).toBe('refunded');
});

test('refunds of two payments may have the same number, since the bank numbers its own for each payment', () => {
  const ofP2 = paymentIds.of('school-a', billId, 'P2');
  const twice = given(billed(), paid(exact), paid(judged('P2', 150, 'overpaid')), refunded(ofP1, 150));
  expect(twice.when(refundDone(ofP2, 150)).then(refunded(ofP2, 150)).status).toBe('refunded');
});

test('of a bill that was paid twice the refund of one payment leaves the other', () => {
  const twice = given(...off, paid(judged('P1', 150, 'overpaid')));
  expect(twice.when(refundDone(ofP1, 150)).then(refunded(ofP1, 150)).status).toBe('written-off');
  expect(twice.when(refundDone(a, 150)).then(refunded(a, 150)).status).toBe('overpaid');
});

test('a payment that was refunded, in part or whole, cannot be voided as well', () => {
  for (const fen of [75, 150]) given(billed(), paid(exact), refunded(ofP1, fen)).when(voidOf('P1')).refused('CAMPUS_REFUNDED_ALREADY');
  given(billed(), paid(exact), requested(ofP1, 'counter')).when(voidOf('P1')).then(voided(exact));
});

test('the refund of a payment that the bill does not count changes nothing', () => {
  given(billed()).when(refundDone(a, 150)).then();
  given(...off)
    .when(refundDone(b, 150))
    .then();
});
