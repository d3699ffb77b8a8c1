import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { Payment, PaymentCommand, PaymentFact } from '../src/payment-state.ts';
import {
  at,
  given,
  later,
  paymentId,
  recorded,
  refundBegun,
  refundCall,
  refundEnd,
  refundOf,
  reversed,
  scene,
  toDebited,
  toSent,
  toSettled,
  wake,
} from './payment-words.ts';

const refusedRefund = (refundNo: string, amountFen: number, code: string, reason = 'left'): PaymentFact => ({
  type: 'payment.refund-refused',
  refund: { refundNo, amountFen, reason },
  code,
});
const applied: PaymentCommand = { type: 'RefundApplied', refundNo: 'R1', key: 'refund:R1' };
const denied: PaymentCommand = { type: 'RefundDenied', refundNo: 'R1', key: 'refund:R1' };

const afterAll = (commands: readonly PaymentCommand[], state: Payment): { state: Payment; facts: PaymentFact[] } => {
  const facts: PaymentFact[] = [];
  let current = state;
  for (const command of commands) {
    for (const fact of scene.decide(command, current, { at })) {
      facts.push(fact);
      current = scene.evolve(current, fact, at);
    }
  }
  return { state: current, facts };
};

test('a settled payment is refunded under a key of the refund, and is told when the money arrived', () => {
  const begun = given(...toSettled)
    .when(refundOf('R1', 100))
    .then(refundBegun('R1', 100));
  expect(scene.effectsOf?.(begun, paymentId)).toMatchObject([{ kind: 'credit', key: `${paymentId}:refund:R1`, about: 'R1' }]);
  const state = given(...toSettled, refundBegun('R1', 100))
    .when(applied)
    .then(refundEnd('payment.refunded'));
  expect(published(scene, refundEnd('payment.refunded'), state, paymentId)).toMatchObject({
    status: 'settled',
    refundedFen: 100,
    refund: { refundNo: 'R1', amountFen: 100, reason: 'left' },
  });
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('money from elsewhere is refunded too, and stays recorded', () => {
  const state = given(recorded).when(refundOf('R1', 150)).then(refundBegun('R1', 150));
  expect(state.status).toBe('recorded');
});

describe('refunds', () => {
  test('of twenty halves only two are accepted, whatever became of the first', () => {
    const commands = Array.from({ length: 20 }, (_, number) => refundOf(`R${number + 1}`, 75));
    const { state, facts } = afterAll([commands[0]!, denied, ...commands.slice(1)], given(...toSettled).state);
    const accepted = facts.filter(({ type }) => type === 'payment.refund-begun');
    const refused = facts.filter((fact) => fact.type === 'payment.refund-refused' && fact.code === 'PAYMENTS_EXCEEDS_REFUNDABLE');
    expect([accepted.length, refused.length]).toEqual([2, 18]);
    expect(afterAll(commands, state).facts).toEqual([]);
  });

  test('use up the payment to the last fen and not one more', () => {
    const begun = given(...toSettled, refundBegun('R1', 149));
    begun.when(refundOf('R2', 2)).then(refusedRefund('R2', 2, 'PAYMENTS_EXCEEDS_REFUNDABLE'));
    begun.when(refundOf('R3', 1)).then(refundBegun('R3', 1));
  });

  test.each([
    ['not written off yet', toDebited],
    ['given back whole', [...toSent, reversed]],
    ['taken back by the partner', [recorded, reversed]],
  ])('of a payment that is %s are refused', (_what, facts) => {
    const state = given(...facts)
      .when(refundOf('R1', 1))
      .then(refusedRefund('R1', 1, 'PAYMENTS_NOT_REFUNDABLE'));
    expect(published(scene, refusedRefund('R1', 1, 'PAYMENTS_NOT_REFUNDABLE'), state, paymentId)).toMatchObject({
      code: 'PAYMENTS_NOT_REFUNDABLE',
    });
  });

  test('that come again with the same content change nothing, accepted or refused', () => {
    const { state } = afterAll([refundOf('R1', 100), refundOf('R2', 100)], given(...toSettled).state);
    expect(afterAll([refundOf('R1', 100), refundOf('R2', 100)], state).facts).toEqual([]);
  });

  test('that come again with other content are refused, and the first stands', () => {
    const state = given(...toSettled, refundBegun('R1', 100))
      .when(refundOf('R1', 50))
      .then(refusedRefund('R1', 50, 'PAYMENTS_REFUND_NO_REUSED'));
    expect(state.refunds).toMatchObject([{ refundNo: 'R1', amountFen: 100, status: 'crediting' }]);
  });

  test('that were refused are remembered, but not without end', () => {
    const many = Array.from({ length: 80 }, (_, number) => refundOf(`X${number}`, 151));
    const { state } = afterAll([refundOf('R1', 150), ...many], given(...toSettled).state);
    expect(state.refunds).toHaveLength(51);
    expect(state.refunds[0]).toMatchObject({ refundNo: 'R1', status: 'crediting' });
  });

  test('of a payment that nobody knows are dead letters', () => {
    given().when(refundOf('R1', 1)).refused('PAYMENTS_PAYMENT_NOT_FOUND');
  });
});

describe('an account that refuses a refund', () => {
  test('leaves the money under the customer and calls people', () => {
    const state = given(...toSettled, refundBegun('R1', 100))
      .when(denied)
      .then(refundEnd('payment.refund-returned'));
    expect(state.queue).toEqual([{ name: 'refund-returned', since: at, refundNo: 'R1' }]);
    expect(published(scene, refundEnd('payment.refund-returned'), state, paymentId)).toMatchObject({ refundedFen: 100 });
  });

  test('does not say so twice', () => {
    given(...toSettled, refundBegun('R1', 100), refundEnd('payment.refund-returned'))
      .when(denied)
      .then();
    given(...toSettled, refundBegun('R1', 100), refundEnd('payment.refund-returned'))
      .when(applied)
      .then();
  });
});

test('a refund without an answer is asked for under its key, and people are called', () => {
  const second: PaymentFact = { type: 'payment.called', call: refundCall('R1', { attempt: 2, againAt: later(19_000) }) };
  const state = given(...toSettled, refundBegun('R1', 100), second).state;
  const facts = scene.decide(wake, state, { at: later(19_000) });
  expect(facts).toMatchObject([
    { type: 'payment.called', call: { key: 'refund:R1', about: 'R1', attempt: 3 } },
    { type: 'payment.stuck', queue: 'refund-unknown', refundNo: 'R1' },
  ]);
  expect(
    afterAll(
      [applied],
      facts.reduce((current, fact) => scene.evolve(current, fact, at), state),
    ).state.queue,
  ).toBeUndefined();
});

test('two refunds wait for people side by side, and each leaves the queue alone', () => {
  const { state } = given(
    ...toSettled,
    refundBegun('R1', 50),
    refundBegun('R2', 50),
    refundEnd('payment.refund-returned', 'R1'),
    refundEnd('payment.refund-returned', 'R2'),
    refundEnd('payment.refund-recredited', 'R1'),
  );
  expect(state.queue).toEqual([{ name: 'refund-returned', since: at, refundNo: 'R2' }]);
});
