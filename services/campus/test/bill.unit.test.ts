import { scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { ReportedPayment } from '../src/bill-state.ts';
import {
  afterDue,
  amend,
  at,
  aYearLater,
  billed,
  changed,
  close,
  closed,
  dueAt,
  expired,
  issue,
  item,
  judged,
  paid,
  pay,
  revisionItems,
  scene,
  terms,
  voided,
  voidOf,
  wake,
} from './bill-words.ts';

const given = scenario(scene, { at });
const exact = judged('P1', 150, 'exact');
const second = judged('P2', 150, 'overpaid');

test('a bill that a school issues can be paid', () => {
  expect(given().when(issue()).then(billed())).toMatchObject({ status: 'issued', items: terms.items, dueAt, revision: 0 });
});

test('the same bill issued again changes nothing, whatever the order of its fields', () => {
  const shuffled = Object.fromEntries(Object.entries(terms).reverse()) as typeof terms;
  given(billed()).when(issue(shuffled)).then();
});

test('the same billNo with other content is refused and the first stands', () => {
  given(billed())
    .when(issue({ title: '学杂费' }))
    .refused('CAMPUS_ISSUED_DIFFERENTLY');
});

test('a bill that was amended is still the bill that was issued', () => {
  given(billed(), changed(1)).when(issue()).then();
});

test.each([
  ['fixed', [item('a', 0), item('b', 0)]],
  ['choice', [item('a', 0, { mandatory: false })]],
] as const)('a %s bill that costs nothing is refused', (selection, items) => {
  given().when(issue({ selection, items })).refused('CAMPUS_NOTHING_TO_PAY');
});

test('a bill over ten billion yuan is refused instead of waiting for a repair', () => {
  const items = [item('a', 1_000_000_000_000), item('b', 1)];
  given().when(issue({ items })).refused('CAMPUS_AMOUNT_TOO_LARGE');
  given(billed()).when(amend(1, { items })).refused('CAMPUS_AMOUNT_TOO_LARGE');
});

test('a payment that lifts what was paid over ten billion yuan is refused instead of waiting for a repair', () => {
  const most = judged('P1', 1_000_000_000_000, 'amount-differs');
  given(billed(), paid(most)).when(pay('P2', 1)).refused('CAMPUS_AMOUNT_TOO_LARGE');
  given(billed()).when(pay('P1', 1_000_000_000_000)).then(paid(most));
});

test('an amendment changes items and due time', () => {
  const state = given(billed()).when(amend(1)).then(changed(1));
  expect(state).toMatchObject({ status: 'issued', revision: 1, items: revisionItems(1) });
});

test('a payment is measured against the bill as last amended', () => {
  given(billed(), changed(1))
    .when(pay('P1', 101))
    .then(paid(judged('P1', 101, 'exact')));
});

test('an amendment to nothing is refused', () => {
  given(billed())
    .when(amend(1, { items: [item('a', 0)] }))
    .refused('CAMPUS_NOTHING_TO_PAY');
});

test('a revision again is no change, with other content it is refused, an older one is past', () => {
  given(billed(), changed(1)).when(amend(1)).then();
  given(billed(), changed(1))
    .when(amend(1, { dueAt: afterDue }))
    .refused('CAMPUS_REVISION_REUSED');
  given(billed(), changed(1), changed(2))
    .when(amend(1, { dueAt: afterDue }))
    .then();
});

test('a paid bill is not amended until its payment is voided', () => {
  given(billed(), paid(exact)).when(amend(1)).refused('CAMPUS_ALREADY_PAID');
  given(billed(), paid(exact), voided(exact)).when(amend(1)).then(changed(1));
});

test('a closed bill is not amended', () => {
  given(billed(), closed).when(amend(1)).refused('CAMPUS_BILL_CLOSED');
});

test('an amendment, and nothing else, makes an expired bill payable again', () => {
  expect(given(billed(), expired).when(amend(1)).then(changed(1))).toMatchObject({ status: 'issued', base: 'issued' });
  expect(given(billed(), expired).when(issue()).state().status).toBe('expired');
});

test('the school closes a bill, also one that has expired', () => {
  given(billed()).when(close).then(closed);
  given(billed(), expired).when(close).then(closed);
});

test('a paid bill is not closed', () => {
  given(billed(), paid(exact)).when(close).refused('CAMPUS_ALREADY_PAID');
});

test('a bill expires once its due time has passed', () => {
  given(billed()).when(wake, dueAt).then(expired);
  given(billed()).when(wake, '2026-09-30T15:59:58.999Z').then();
});

test('a bill that is payable after its due time does not expire', () => {
  const { state, when } = given(billed({ payableAfterDue: true }));
  when(wake, afterDue).then();
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('a bill wakes at its due time, and only while it can be paid', () => {
  expect(scene.wakeAt?.(given(billed()).state)).toEqual({ at: dueAt, takes: true });
  for (const past of [closed, expired, paid(exact)]) expect(scene.wakeAt?.(given(billed(), past).state)).toBeUndefined();
});

test('a paid bill does not expire, and does when the void comes after the due time', () => {
  given(billed(), paid(exact)).when(wake, afterDue).then();
  const back = given(billed(), paid(exact), voided(exact));
  expect(scene.wakeAt?.(back.state)).toEqual({ at: dueAt, takes: true });
  back.when(wake, afterDue).then(expired);
});

test('a payment of exactly the amount pays the bill', () => {
  expect(given(billed()).when(pay('P1', 150)).then(paid(exact)).status).toBe('paid-elsewhere');
});

test('a payment of another amount makes the bill not payable and its money waits in suspense', () => {
  const state = given(billed())
    .when(pay('P1', 149))
    .then(paid(judged('P1', 149, 'amount-differs')));
  expect(state.status).toBe('amount-differs');
});

test('a payment for other items makes the bill not payable though the amount is right', () => {
  const fields: Partial<ReportedPayment> = { items: [{ itemNo: 'tuition', quantity: 1 }] };
  given(billed())
    .when(pay('P1', 150, fields))
    .then(paid(judged('P1', 150, 'amount-differs')));
});

test('an expired bill that the school took exact money for is paid', () => {
  given(billed(), expired).when(pay('P1', 150)).then(paid(exact));
});

test('a second payment is too much, also where the first was not right', () => {
  expect(given(billed(), paid(exact)).when(pay('P2', 150)).then(paid(second)).status).toBe('overpaid');
  given(billed(), paid(judged('P1', 1, 'amount-differs')))
    .when(pay('P2', 150))
    .then(paid(second));
});

test('a payment on a closed bill is too much', () => {
  expect(given(billed(), closed).when(pay('P2', 150)).then(paid(second))).toMatchObject({ status: 'overpaid', base: 'closed' });
});

test('the same payment again is no second one, the same number for other money is refused', () => {
  given(billed(), paid(exact)).when(pay('P1', 150), aYearLater).then();
  given(billed(), paid(exact)).when(pay('P1', 151)).refused('CAMPUS_PAYMENT_NO_REUSED');
  given(billed(), paid(exact))
    .when(pay('P1', 150, { channel: 'cash' }))
    .refused('CAMPUS_PAYMENT_NO_REUSED');
});

test('a void leads back to what the bill was without the payment', () => {
  expect(given(billed(), paid(exact)).when(voidOf('P1')).then(voided(exact)).status).toBe('issued');
  expect(given(billed(), expired, paid(exact)).when(voidOf('P1')).then(voided(exact)).status).toBe('expired');
  expect(given(billed(), closed, paid(second)).when(voidOf('P2')).then(voided(second)).status).toBe('closed');
});

test('the void of one of two payments leaves the bill to the other', () => {
  const twice = given(billed(), paid(exact), paid(second));
  expect(twice.when(voidOf('P2')).then(voided(second)).status).toBe('paid-elsewhere');
  expect(twice.when(voidOf('P1')).then(voided(exact)).status).toBe('overpaid');
});

test('a payment that was voided does not come back, and neither does its void', () => {
  const back = given(billed(), paid(exact), voided(exact));
  back.when(pay('P1', 150), aYearLater).then();
  back.when(voidOf('P1'), aYearLater).then();
});
