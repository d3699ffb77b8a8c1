import { published } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { PaymentCommand } from '../src/payment-state.ts';
import { pictureOf } from '../src/picture.ts';
import { aYearLater, given, paymentId, received, recorded, refundBegun, refundEnd, reversed, scene } from './payment-words.ts';

const record: PaymentCommand = { type: 'Record', received };
const reverse: PaymentCommand = { type: 'Reverse', received };

test('money that reached the bank is recorded as it was told', () => {
  expect(given().when(record).then(recorded)).toMatchObject({ status: 'recorded', received });
});

test('a payment that the partner takes back is reversed', () => {
  expect(given(recorded).when(reverse).then(reversed)).toMatchObject({ status: 'reversed', received });
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

test('what was refunded in part cannot be taken back whole, since more would go back than came', () => {
  given(recorded, refundBegun('R1', 1)).when(reverse).refused('PAYMENTS_REFUNDED_IN_PART');
  given(recorded, refundBegun('R1', 1), refundEnd('payment.refunded')).when(reverse).refused('PAYMENTS_REFUNDED_IN_PART');
});

test('a fact carries the payment, its status and what of it was reversed or refunded', () => {
  const { state } = given(recorded);
  const picture = { paymentId, ...received, status: 'recorded', reversedFen: 0 };
  expect(published(scene, recorded, state, paymentId)).toEqual(picture);
  const back = given(recorded, reversed).state;
  expect(published(scene, reversed, back, paymentId)).toEqual({ ...picture, status: 'reversed', reversedFen: 150 });
  const refunded = given(recorded, refundBegun('R1', 70), refundEnd('payment.refunded')).state;
  expect(pictureOf(refunded, paymentId)).toEqual({ ...picture, refundedFen: 70 });
});
