import { published, scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import { type Payment, type PaymentCommand, type PaymentFact, paymentScene, type Received, viewOf } from '../src/payment.ts';

const given = scenario(paymentScene, { at: '2026-09-01T00:00:00.000Z' });
const aYearLater = '2027-09-01T00:00:00.000Z';
const paymentId = `pay_${'a'.repeat(26)}`;

const received: Received = {
  about: { scene: 'campus', partnerId: 'school-a', payableId: `bill_${'a'.repeat(26)}` },
  reference: 'P1',
  channel: 'counter',
  allocation: 'payable',
  amountFen: 150,
  paidAt: '2026-08-31T00:00:00.000Z',
};
const record: PaymentCommand = { type: 'Record', received };
const reverse: PaymentCommand = { type: 'Reverse', received };
const recorded: PaymentFact = { type: 'payment.recorded', received };
const reversed: PaymentFact = { type: 'payment.reversed' };

test('money that reached the bank is recorded as it was told', () => {
  expect(given().when(record).then(recorded)).toEqual({ status: 'recorded', received });
});

test('a payment that the partner takes back is reversed', () => {
  expect(given(recorded).when(reverse).then(reversed)).toEqual({ status: 'reversed', received });
});

test('a void that overtakes its payment records it and reverses it', () => {
  given().when(reverse).then(recorded, reversed);
});

test('a payment that was reversed is not recorded again', () => {
  given(recorded, reversed).when(record, aYearLater).then();
});

test('a payment stands as it was first told', () => {
  const other = { ...received, amountFen: 151 };
  given(recorded).when({ type: 'Record', received: other }).then();
  expect(given(recorded).when({ type: 'Reverse', received: other }).then(reversed)).toMatchObject({ received });
});

test('a fact carries the payment, its status and what of it was reversed', () => {
  const { state } = given(recorded);
  const view = { paymentId, ...received, status: 'recorded', reversedFen: 0 };
  expect(published(paymentScene, recorded, state, paymentId)).toEqual(view);
  const back = given(recorded, reversed).state;
  expect(published(paymentScene, reversed, back, paymentId)).toEqual({ ...view, status: 'reversed', reversedFen: 150 });
  expect(viewOf(back, paymentId)).toEqual({ ...view, status: 'reversed', reversedFen: 150 });
});

const rows: Record<Payment['status'], PaymentFact[]> = { none: [], recorded: [recorded], reversed: [recorded, reversed] };
const commands: Record<PaymentCommand['type'], PaymentCommand> = { Record: record, Reverse: reverse };

/** Every state meets every command; a pair that is missing does not compile. Written by hand, not derived from the code. */
const ends: Record<Payment['status'], Record<PaymentCommand['type'], Payment['status']>> = {
  none: { Record: 'recorded', Reverse: 'reversed' },
  recorded: { Record: 'recorded', Reverse: 'reversed' },
  reversed: { Record: 'reversed', Reverse: 'reversed' },
};

const pairs = Object.entries(ends).flatMap(([row, cells]) =>
  Object.entries(cells).map(([name, end]) => ({ row: row as Payment['status'], name: name as PaymentCommand['type'], end })),
);

describe.each(pairs)('$row meets $name: $end', ({ row, name, end }) => {
  test('it ends so, and coming again a year later it changes nothing', () => {
    const after = given(...rows[row])
      .when(commands[name])
      .state();
    expect(after.status).toBe(end);
    expect(paymentScene.decide(commands[name], after, { at: aYearLater })).toEqual([]);
  });
});
