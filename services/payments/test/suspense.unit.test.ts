import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { Payment, PaymentCommand, PaymentFact } from '../src/payment-state.ts';
import {
  at,
  aYearLater,
  given,
  inSuspense,
  later,
  overpaid,
  paymentId,
  received,
  recorded,
  refundBegun,
  refundEnd,
  refundOf,
  resolveAs,
  reversed,
  scene,
  toSuspense,
} from './payment-words.ts';

const record: PaymentCommand = { type: 'Record', received: overpaid };
const reverse: PaymentCommand = { type: 'Reverse', received: overpaid };
const allocated: PaymentFact = { type: 'payment.allocated' };
const byTheBank = 'by-the-bank';
const answered = (type: 'RefundApplied' | 'RefundDenied', refundNo = byTheBank): PaymentCommand => ({
  type,
  refundNo,
  key: `refund:${refundNo}`,
});

const after = (state: Payment, ...commands: PaymentCommand[]): { facts: PaymentFact[]; state: Payment } => {
  const facts: PaymentFact[] = [];
  let current = state;
  for (const command of commands)
    for (const fact of scene.decide(command, current, { at })) {
      facts.push(fact);
      current = scene.evolve(current, fact, at);
    }
  return { facts, state: current };
};
const bothDecide = (outcome: string): PaymentCommand[] => [resolveAs(outcome, 'wang'), resolveAs(outcome, 'li')];
const waiting = [{ name: 'in-suspense', since: at }];

test('money that its bill did not ask for is recorded and stands with people, in a payment that others still see as recorded', () => {
  const state = given()
    .when(record)
    .then(...toSuspense);
  expect(state.queue).toEqual(waiting);
  expect(published(scene, inSuspense, state, paymentId)).toMatchObject({
    status: 'recorded',
    allocation: 'suspense',
    queue: 'in-suspense',
  });
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('money that its bill asked for calls nobody', () => {
  const state = given().when({ type: 'Record', received }).then(recorded);
  expect(state.queue).toBeUndefined();
});

test('hearing the same money a year later calls people neither twice nor after they have decided', () => {
  given(...toSuspense)
    .when(record, aYearLater)
    .then();
  given(...toSuspense, allocated)
    .when(record, aYearLater)
    .then();
});

test('a partner who takes the payment back needs people no longer', () => {
  const state = given(...toSuspense)
    .when(reverse)
    .then(reversed);
  expect(state.queue).toBeUndefined();
  expect(() => after(state, resolveAs('give-back', 'wang'))).toThrow(expect.objectContaining({ code: 'PAYMENTS_NOTHING_TO_RESOLVE' }));
});

test('a void that overtakes its payment calls nobody', () => {
  const state = given().when(reverse).then({ type: 'payment.recorded', received: overpaid }, reversed);
  expect(state.queue).toBeUndefined();
});

describe.each(['give-back', 'owed-to-partner'])('the decision %s', (outcome) => {
  test('is money, and needs a second person', () => {
    const proposed = given(...toSuspense)
      .when(resolveAs(outcome, 'wang'))
      .state();
    expect(proposed).toMatchObject({ queue: [{ name: 'in-suspense', proposal: { outcome, by: 'wang' } }], refunds: [], calls: [] });
    expect(proposed.received?.allocation).toBe('suspense');
    expect(() => after(proposed, resolveAs(outcome, 'wang'))).toThrow(expect.objectContaining({ code: 'PAYMENTS_SECOND_PERSON_NEEDED' }));
    expect(after(proposed, resolveAs(outcome, 'li')).state.resolutions).toMatchObject([
      { queue: 'in-suspense', outcome, by: ['wang', 'li'] },
    ]);
  });

  test('is none about money that is owed to the partner already', () => {
    given(recorded).when(resolveAs(outcome, 'wang')).refused('PAYMENTS_NOTHING_TO_RESOLVE');
    given(...toSuspense, allocated)
      .when(resolveAs(outcome, 'wang'))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
  });

  test('is none while all of it is on its way back', () => {
    given(...toSuspense, refundBegun('R1', 150))
      .when(resolveAs(outcome, 'wang'))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
  });

  test('comes too late where the partner has all of it refunded between the two people', () => {
    const { state } = after(given(...toSuspense).state, resolveAs(outcome, 'wang'), refundOf('R1', 150), answered('RefundApplied', 'R1'));
    expect(() => after(state, resolveAs(outcome, 'li'))).toThrow(expect.objectContaining({ code: 'PAYMENTS_NOTHING_TO_RESOLVE' }));
  });
});

describe('money that is owed to the partner', () => {
  const { facts, state } = after(given(...toSuspense).state, ...bothDecide('owed-to-partner'));

  test('is told as allocated, is payable from then on, and people are done', () => {
    expect(facts.map(({ type }) => type)).toEqual(['payment.resolution-proposed', 'payment.allocated', 'payment.resolved']);
    expect(state.queue).toBeUndefined();
    expect(published(scene, allocated, state, paymentId)).toEqual({
      ...overpaid,
      paymentId,
      status: 'recorded',
      allocation: 'payable',
      reversedFen: 0,
    });
  });

  test('can be refunded and taken back like any other, from the partner', () => {
    const refunded = after(state, refundOf('R1', 100), answered('RefundApplied', 'R1'));
    expect(published(scene, refundEnd('payment.refunded'), refunded.state, paymentId)).toMatchObject({ allocation: 'payable' });
    const back = after(state, reverse);
    expect(back.facts).toEqual([reversed]);
    expect(published(scene, reversed, back.state, paymentId)).toMatchObject({ allocation: 'payable', reversedFen: 150 });
  });

  test('is only what refunds have left of it, as its picture says', () => {
    const partly = given(...toSuspense, refundBegun('R1', 40), refundEnd('payment.refunded')).state;
    expect(partly.queue).toEqual(waiting);
    const decided = after(partly, ...bothDecide('owed-to-partner')).state;
    expect(published(scene, allocated, decided, paymentId)).toMatchObject({ amountFen: 150, refundedFen: 40, allocation: 'payable' });
  });
});

describe('money that is given back', () => {
  const { facts, state } = after(given(...toSuspense).state, ...bothDecide('give-back'));

  test('is a refund of all that is left, under a number of the bank and without the words of people', () => {
    expect(facts).toMatchObject([
      { type: 'payment.resolution-proposed' },
      { type: 'payment.refund-begun', refund: { refundNo: byTheBank, amountFen: 150, reason: 'in-suspense' } },
      { type: 'payment.resolved' },
    ]);
    expect(scene.effectsOf?.(state, paymentId)).toMatchObject([{ kind: 'credit', key: `${paymentId}:refund:by-the-bank` }]);
    const partly = given(...toSuspense, refundBegun('R1', 40)).state;
    expect(after(partly, ...bothDecide('give-back')).state.refunds).toMatchObject([{ amountFen: 40 }, { amountFen: 110 }]);
  });

  test('waits without a proposal until its channel has taken it', () => {
    expect(state.queue).toEqual(waiting);
    const done = after(state, answered('RefundApplied'), answered('RefundApplied'));
    expect(done.facts).toEqual([refundEnd('payment.refunded', byTheBank)]);
    expect(done.state.queue).toBeUndefined();
    expect(done.state.status).toBe('recorded');
  });

  test('stands with people as a returned refund where its channel does not take it', () => {
    const denied = after(state, answered('RefundDenied'));
    expect(denied.state.queue).toEqual([{ name: 'refund-returned', since: at, refundNo: byTheBank }]);
  });

  test('stands with people as an unknown refund while its channel does not answer', () => {
    let asked = state;
    for (const ms of [20_000, 60_000])
      asked = scene.decide({ type: 'Wake' }, asked, { at: later(ms) }).reduce((now, fact) => scene.evolve(now, fact, at), asked);
    expect(asked.queue).toEqual([...waiting, { name: 'refund-unknown', since: at, refundNo: byTheBank }]);
    expect(after(asked, answered('RefundApplied')).state.queue).toBeUndefined();
  });

  test('has another number where the partner has used that of the bank', () => {
    const used = given(...toSuspense, refundBegun(byTheBank, 40), refundBegun('by-the-bank-2', 10)).state;
    const begun = after(used, ...bothDecide('give-back')).state.refunds.at(-1);
    expect(begun).toMatchObject({ refundNo: 'by-the-bank-3', amountFen: 100, key: 'refund:by-the-bank-3' });
  });

  test('cannot be taken back by the partner as well', () => {
    expect(() => after(state, reverse)).toThrow(expect.objectContaining({ code: 'PAYMENTS_REFUNDED_IN_PART' }));
  });
});

test('a partner who has the whole of it refunded needs people no longer', () => {
  const half = after(given(...toSuspense).state, refundOf('R1', 75), answered('RefundApplied', 'R1'));
  expect(half.state.queue).toEqual(waiting);
  const whole = after(half.state, refundOf('R2', 75), answered('RefundApplied', 'R2'));
  expect(whole.state.queue).toBeUndefined();
});

test('a refund that is refused leaves the money with people', () => {
  const { state } = after(given(...toSuspense).state, refundOf('R1', 151));
  expect(state.queue).toEqual(waiting);
});
