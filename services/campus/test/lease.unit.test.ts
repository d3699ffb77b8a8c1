import { published, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { billScene } from '../src/bill.ts';
import type { BillFact } from '../src/bill-state.ts';
import {
  afterDue,
  amend,
  app,
  at,
  awaited,
  billed,
  cashier,
  changed,
  close,
  closed,
  debit,
  dueAt,
  endLease,
  expired,
  item,
  judged,
  leaseByCashier,
  leased,
  leaseEnded,
  leaseFor,
  leaseRefused,
  minuteMs,
  paid,
  pay,
  questioned,
  quiet,
  releaseByCashier,
  reversalRequested,
  rules,
  scene,
  threeMinutesLater,
  wake,
} from './bill-words.ts';

const given = scenario(scene, { at });
const [a, b, c, d] = [app('a'), app('b'), cashier('c'), cashier('d')];
const exact = paid(judged('P1', 150, 'exact'));
const held = { holder: 'app', until: threeMinutesLater };
const billId = `bill_${'b'.repeat(26)}`;

test('a payment of exactly the amount gets the bill to itself for three minutes', () => {
  const state = given(billed()).when(leaseFor(a)).then(leased(a));
  expect(state).toMatchObject({ status: 'leased', holding: { leaseId: a, holder: 'app', amountFen: 150, until: threeMinutesLater } });
  expect(published(scene, leased(a), state, billId)).toMatchObject({ status: 'leased', leaseId: a, leasedFen: 150, held, paidFen: 0 });
});

test('a second payment is refused and told by what kind of holder and until when, and nothing more', () => {
  const state = given(billed(), leased(a))
    .when(leaseFor(b))
    .then(leaseRefused(b, 'CAMPUS_IN_PAYMENT', { held }));
  expect(published(scene, leaseRefused(b, 'CAMPUS_IN_PAYMENT', { held }), state, billId)).toEqual({
    payableId: billId,
    scene: 'campus',
    partnerId: 'school-a',
    reference: 'B-1',
    paymentId: b,
    code: 'CAMPUS_IN_PAYMENT',
    held,
  });
});

test('an automatic debit holds the bill as the app does', () => {
  given(billed())
    .when(leaseFor(a, { holder: 'mandate' }))
    .then(leased(a, { holder: 'mandate' }));
});

test.each<[why: string, code: string, facts: BillFact[]]>([
  ['closed', 'CAMPUS_BILL_CLOSED', [billed(), closed]],
  ['expired', 'CAMPUS_BILL_EXPIRED', [billed(), expired]],
  ['paid through the school', 'CAMPUS_ALREADY_PAID', [billed(), exact]],
])('a bill that is %s is not leased', (_why, code, facts) => {
  given(...facts)
    .when(leaseFor(a))
    .then(leaseRefused(a, code));
  given(...facts)
    .when(leaseByCashier(c))
    .refused(code);
});

test('a bill that nobody issued is refused by its id, since nobody knows its number', () => {
  const refusal = leaseRefused(a, 'CAMPUS_BILL_NOT_FOUND');
  const state = given().when(leaseFor(a)).then(refusal);
  expect(published(scene, refusal, state, billId)).toMatchObject({ reference: billId, partnerId: 'school-a' });
  given().when(leaseByCashier(c)).refused('CAMPUS_BILL_NOT_FOUND');
});

test('a payment to another partner is no payment of this bill', () => {
  const other = { partnerId: 'school-b' };
  given(billed())
    .when(leaseFor(a, other))
    .then(leaseRefused(a, 'CAMPUS_BILL_NOT_FOUND', other));
});

test('from its due time on a bill is not leased, also before it was told expired, unless it is payable after', () => {
  given(billed()).when(leaseFor(a), dueAt).then(leaseRefused(a, 'CAMPUS_BILL_EXPIRED'));
  const until = '2026-10-01T00:03:00.000Z';
  given(billed({ payableAfterDue: true }))
    .when(leaseFor(a), afterDue)
    .then(leased(a, { until }));
});

test('a lease ends with the time in which the bill can be paid', () => {
  given(billed())
    .when(leaseFor(a), '2026-09-30T15:58:00.000Z')
    .then(leased(a, { until: dueAt }));
});

test('a lease needs the price of the bill as last amended', () => {
  given(billed(), changed(1)).when(leaseFor(a)).then(leaseRefused(a, 'CAMPUS_AMOUNT_CHANGED'));
  given(billed(), changed(1))
    .when(leaseFor(a, { amountFen: 101 }))
    .then(leased(a, { amountFen: 101 }));
});

test('of a choice the chosen items make the price, and they must keep to its rules', () => {
  const choice = billed({ selection: 'choice', items: [item('tuition', 100), item('lunch', 30, { mandatory: false, quantityMax: 3 })] });
  const lunches = (quantity: number) => [
    { itemNo: 'tuition', quantity: 1 },
    { itemNo: 'lunch', quantity },
  ];
  given(choice)
    .when(leaseFor(a, { amountFen: 160, items: lunches(2) }))
    .then(leased(a, { amountFen: 160 }));
  given(choice)
    .when(leaseFor(a, { amountFen: 160, items: lunches(1) }))
    .then(leaseRefused(a, 'CAMPUS_AMOUNT_CHANGED'));
  given(choice)
    .when(leaseFor(a, { amountFen: 220, items: lunches(4) }))
    .then(leaseRefused(a, 'CAMPUS_WRONG_ITEMS'));
});

test('a payment that was refused once stays refused, though the bill became free', () => {
  given(billed(), leased(a), leaseRefused(b, 'CAMPUS_IN_PAYMENT', { held }), leaseEnded(a))
    .when(leaseFor(b))
    .then();
});

test('a payment whose lease ended does not lease again, and another one does', () => {
  const free = given(billed(), leased(a), leaseEnded(a));
  expect(free.state).toMatchObject({ status: 'issued' });
  free.when(leaseFor(a)).then();
  free.when(leaseFor(b)).then(leased(b));
});

test('a payment that ended before it was heard of is remembered, so that its late request leases nothing', () => {
  const passed: BillFact = { type: 'bill.payment-passed', paymentId: a };
  given(billed()).when(endLease(a)).then(passed);
  given(billed(), passed).when(leaseFor(a)).then();
  given(billed(), passed).when(endLease(a)).then();
});

test('a lease ends for its own payment only, and a debited payment has none to end', () => {
  expect(given(billed(), leased(a)).when(endLease(a)).then(leaseEnded(a))).toMatchObject({ status: 'issued' });
  expect(given(billed(), leased(a)).when(endLease(b)).state().status).toBe('leased');
  given(billed(), leased(a), awaited(a)).when(endLease(a)).then();
});

test('a bill whose due time passed while it was held expires once the lease has ended', () => {
  const late = given(billed(), leased(a, { until: dueAt }));
  late.when(wake, afterDue).then(questioned(a, 'expired', '2026-10-01T00:00:30.000Z'));
  const free = given(billed(), leased(a), leaseEnded(a));
  expect(scene.wakeAt?.(free.state)).toEqual({ at: dueAt, takes: true });
  free.when(wake, afterDue).then(expired);
});

test('a lease of the app is never ended by the clock: payments is asked, ever more rarely', () => {
  const { state, when } = given(billed(), leased(a));
  expect(scene.wakeAt?.(state)).toEqual({ at: threeMinutesLater, takes: false });
  when(wake, '2026-09-01T00:02:59.999Z').then();
  const askAt = '2026-09-01T00:03:30.000Z';
  const asked = when(wake, threeMinutesLater).then(questioned(a, 'expired', askAt));
  expect(asked.status).toBe('leased');
  expect(scene.wakeAt?.(asked)).toEqual({ at: askAt, takes: false });
  given(billed(), leased(a), questioned(a, 'expired', askAt))
    .when(wake, askAt)
    .then(questioned(a, 'expired', '2026-09-01T00:04:30.000Z'));
  const many = Array.from({ length: 40 }, () => questioned(a, 'expired', askAt));
  given(billed(), leased(a), ...many)
    .when(wake, askAt)
    .then(questioned(a, 'expired', '2026-09-01T08:35:30.000Z'));
});

test('a bill that is closed while the app holds it asks payments at once, and goes on asking why', () => {
  const question = questioned(a, 'closed', '2026-09-01T00:00:30.000Z');
  const state = given(billed(), leased(a)).when(close).then(closed, question);
  expect(state).toMatchObject({ status: 'leased', base: 'closed' });
  const later = given(billed(), leased(a), closed, question);
  later.when(wake, '2026-09-01T00:00:30.000Z').then(questioned(a, 'closed', '2026-09-01T00:01:30.000Z'));
  expect(later.when(endLease(a)).then(leaseEnded(a)).status).toBe('closed');
  later.when(close).then();
});

test('a bill that the school takes money for while the app holds it shows that, and asks payments', () => {
  const question = questioned(a, 'paid-elsewhere', '2026-09-01T00:00:30.000Z');
  const state = given(billed(), leased(a)).when(pay('P1', 150)).then(exact, question);
  expect(state).toMatchObject({ status: 'paid-elsewhere', holding: { leaseId: a } });
  const behind = given(billed(), leased(a), exact, question);
  expect(behind.when(endLease(a)).then(leaseEnded(a))).toMatchObject({ status: 'paid-elsewhere' });
  behind.when(debit(a)).then(awaited(a), reversalRequested(a, 'paid-elsewhere'));
});

test('a bill is not amended while somebody pays it', () => {
  given(billed(), leased(a)).when(amend(1)).refused('CAMPUS_IN_PAYMENT');
  given(billed(), leased(c)).when(amend(1)).refused('CAMPUS_IN_PAYMENT');
});

test('a cashier gets the bill for three minutes, with what is owed', () => {
  expect(given(billed()).when(leaseByCashier(c)).then(leased(c))).toMatchObject({ status: 'leased', holding: { holder: 'cashier' } });
});

test('a cashier who meets a payment is refused and told until when', () => {
  const decide = () => scene.decide(leaseByCashier(c), given(billed(), leased(a)).state, { at });
  const detail = 'a payment of the app holds the bill until 2026-09-01T08:03:00.000+08:00';
  expect(decide).toThrow(expect.objectContaining({ code: 'CAMPUS_IN_PAYMENT', status: 409, details: { detail } }));
});

test('the lease of a cashier ends by its own clock, once every earlier message was heard', () => {
  const { state, when } = given(billed(), leased(c));
  expect(scene.wakeAt?.(state)).toEqual({ at: threeMinutesLater, takes: true });
  when(wake, '2026-09-01T00:02:59.999Z').then();
  expect(when(wake, threeMinutesLater).then(leaseEnded(c)).status).toBe('issued');
});

test('money that is reported while a cashier holds the bill ends his lease', () => {
  const state = given(billed(), leased(c)).when(pay('P1', 150)).then(exact);
  expect(state).toMatchObject({ status: 'paid-elsewhere', past: [{ leaseId: c, end: 'unpaid' }] });
  expect(state.holding).toBeUndefined();
  given(billed(), leased(c), exact).when(leaseByCashier(c)).then();
});

test('a closed bill leaves the cashier', () => {
  expect(given(billed(), leased(c)).when(close).then(closed, leaseEnded(c)).status).toBe('closed');
});

test('a cashier gives back his own lease only, and an ended one twice', () => {
  given(billed(), leased(c)).when(releaseByCashier(c)).then(leaseEnded(c));
  given(billed(), leased(c)).when(releaseByCashier(d)).refused('CAMPUS_NOT_YOUR_LEASE');
  given(billed(), leased(a)).when(releaseByCashier(c)).refused('CAMPUS_NOT_YOUR_LEASE');
  given(billed(), leased(c), leaseEnded(c), leased(a)).when(releaseByCashier(c)).then();
  given(billed()).when(releaseByCashier(c)).then();
});

test('the two hundred last payments are remembered', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const many = Array.from(
    { length: 201 },
    (_, number) => `pay_${letters[Math.floor(number / 26)]}${letters[number % 26]}${'x'.repeat(24)}`,
  );
  const { state } = given(billed(), ...many.map((paymentId): BillFact => ({ type: 'bill.payment-passed', paymentId })));
  expect(state.past).toHaveLength(200);
  expect(state.past[0]).toEqual({ leaseId: many[1], end: 'unpaid' });
});

test('of a lease question and the end of waiting at one moment the end of waiting is woken for, and asks as well', () => {
  const short = quiet(billScene({ ...rules, keepEarlyMs: 3 * minuteMs }));
  const early = amend(2);
  const kept: BillFact = { type: 'bill.notice-kept', kept: { command: early, until: threeMinutesLater } };
  const { state, when } = scenario(short, { at })(billed(), kept, leased(a));
  expect(short.wakeAt?.(state)).toEqual({ at: threeMinutesLater, takes: true });
  when(wake, threeMinutesLater).then(
    { type: 'bill.notice-refused', kept: { command: early, until: threeMinutesLater }, code: 'CAMPUS_NEVER_IN_TIME' },
    questioned(a, 'expired', '2026-09-01T00:03:30.000Z'),
  );
});
