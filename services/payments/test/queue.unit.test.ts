import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { Payment, PaymentCommand, PaymentFact } from '../src/payment-state.ts';
import {
  at,
  call,
  committing,
  debited,
  disputed,
  failedAs,
  given,
  later,
  paymentId,
  recorded,
  refundBegun,
  refundEnd,
  releasing,
  resolveAs,
  returned,
  reversed,
  reversing,
  rules,
  scene,
  settled,
  stuck,
  toDebited,
  toDebiting,
  toSent,
  toSettled,
  wake,
} from './payment-words.ts';

const refundStuck: PaymentFact = { type: 'payment.stuck', queue: 'refund-unknown', refundNo: 'R1' };
const toStuck = [...toDebiting, stuck('debit-unknown')];
const toRefundStuck = [...toSettled, refundBegun('R1', 100), refundStuck];
const toReturned = [...toSettled, refundBegun('R1', 100), refundEnd('payment.refund-returned')];
const other = '6200000000000002';

/** What two people decide together, without the proposal and the note of it. */
const together = (facts: readonly PaymentFact[], outcome: string, more: { refundNo?: string; accountNo?: string } = {}) => {
  const proposed = given(...facts)
    .when(resolveAs(outcome, 'wang', more))
    .state();
  const decided = scene.decide(resolveAs(outcome, 'li', more), proposed, { at });
  const state = decided.reduce((current, fact) => scene.evolve(current, fact, at), proposed);
  return { facts: decided.filter(({ type }) => type !== 'payment.resolved'), state };
};

const decideAll = (commands: readonly PaymentCommand[], state: Payment): PaymentFact[] => {
  let current = state;
  return commands.flatMap((command) => {
    const facts = scene.decide(command, current, { at });
    current = facts.reduce((folded, fact) => scene.evolve(folded, fact, at), current);
    return facts;
  });
};

describe('a decision that moves money', () => {
  const proposal = { outcome: 'failed', by: 'wang', reason: 'asked by telephone', at };

  test('is a proposal until another person decides the same', () => {
    const state = given(...toStuck)
      .when(resolveAs('failed', 'wang'))
      .then({ type: 'payment.resolution-proposed', queue: 'debit-unknown', proposal });
    expect(state).toMatchObject({ status: 'debiting', queue: [{ name: 'debit-unknown', proposal }] });
    const after = together(toStuck, 'failed').state;
    expect(after.resolutions).toMatchObject([{ queue: 'debit-unknown', outcome: 'failed', by: ['wang', 'li'] }]);
  });

  test('is not confirmed by the person who proposed it', () => {
    given(...toStuck, { type: 'payment.resolution-proposed', queue: 'debit-unknown', proposal })
      .when(resolveAs('failed', 'wang'))
      .refused('PAYMENTS_SECOND_PERSON_NEEDED');
  });

  test('is not confirmed by one who decides otherwise; his is the proposal then', () => {
    const state = given(...toStuck, { type: 'payment.resolution-proposed', queue: 'debit-unknown', proposal })
      .when(resolveAs('debited', 'li'))
      .state();
    expect(state.queue).toMatchObject([{ proposal: { outcome: 'debited', by: 'li' } }]);
  });

  test('comes too late where the answer came meanwhile', () => {
    given(...toStuck, { type: 'payment.resolution-proposed', queue: 'debit-unknown', proposal }, debited, committing)
      .when(resolveAs('failed', 'li'))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
  });

  test('cannot be one that its queue does not know', () => {
    given(...toStuck)
      .when(resolveAs('credited', 'wang'))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
    given(...toDebited)
      .when(resolveAs('failed', 'wang'))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
    given(...toRefundStuck)
      .when(resolveAs('credited', 'wang', { refundNo: 'R2' }))
      .refused('PAYMENTS_NOTHING_TO_RESOLVE');
  });
});

describe('a debit that nobody knows the end of', () => {
  const cancel = call('cancel', 'debit', {
    attempt: 2,
    until: later(rules.keepAskingMs),
    againAt: later(rules.keepAskingMs + rules.callMs),
  });

  test('fails by decision, and the bank is asked to cancel it under the same key', () => {
    const { facts, state } = together(toStuck, 'failed');
    expect(facts).toEqual([failedAs('PAYMENTS_RESOLVED_AS_FAILED'), releasing, { type: 'payment.called', call: cancel }]);
    expect(state.queue).toBeUndefined();
    expect(scene.effectsOf?.(state, paymentId)).toContainEqual({
      kind: 'cancel',
      key: `${paymentId}:debit`,
      attempt: 2,
      until: later(rules.keepAskingMs),
    });
  });

  test('is asked for until the bank has stored the cancellation', () => {
    const { state } = together(toStuck, 'failed');
    expect(scene.decide({ type: 'DebitRefused', code: 'cancelled' }, state, { at })).toEqual([
      { type: 'payment.call-ended', key: 'debit' },
    ]);
  });

  test('or until the longest time that a call can be late has passed', () => {
    const { state } = together(toStuck, 'failed');
    const own = (ms: number) =>
      scene.decide(wake, state, { at: later(ms) }).filter((fact) => !(fact.type === 'payment.called' && fact.call.kind === 'release'));
    expect(own(rules.keepAskingMs + rules.callMs)).toMatchObject([{ type: 'payment.called', call: { kind: 'cancel', attempt: 3 } }]);
    expect(own(rules.latestMs)).toEqual([{ type: 'payment.call-ended', key: 'debit' }]);
  });

  test('and took place after all is given back', () => {
    const { state } = together(toStuck, 'failed');
    expect(scene.decide({ type: 'DebitApplied', debitedAt: at }, state, { at })).toEqual([debited, reversing('late-success')]);
  });

  test('took place by decision', () => {
    expect(together(toStuck, 'debited').facts).toEqual([debited, committing]);
  });
});

test.each([
  ['reverse', reversing('write-off-overdue')],
  ['written-off', settled],
])('people decide for a silent partner: %s', (outcome, fact) => {
  const { facts, state } = together([...toDebited, stuck('write-off-overdue')], outcome);
  expect(facts).toEqual([fact]);
  expect(state.queue).toBeUndefined();
});

describe('a reversal whose credit nobody knows the end of', () => {
  const toCreditStuck = [...toSent, stuck('credit-unknown')];

  test('arrived by decision', () => {
    expect(together(toCreditStuck, 'credited').facts).toEqual([reversed]);
  });

  test('came back by decision; from then on it is only looked for', () => {
    const { facts, state } = together(toCreditStuck, 'returned');
    expect(facts).toMatchObject([returned, { type: 'payment.called', call: { kind: 'look', key: 'reversal', attempt: 2 } }]);
    expect(scene.effectsOf?.(state, paymentId)).toMatchObject([{ kind: 'look', key: `${paymentId}:reversal` }]);
    expect(scene.decide({ type: 'CreditRefused' }, state, { at })).toEqual([{ type: 'payment.call-ended', key: 'reversal' }]);
  });

  test('calls people again where it arrived after it had been given up', () => {
    const { state } = together(toCreditStuck, 'returned');
    const facts = decideAll([{ type: 'CreditApplied' }], state);
    expect(facts).toEqual([{ type: 'payment.call-ended', key: 'reversal' }, stuck('credit-unknown')]);
    const called = facts.reduce((current, fact) => scene.evolve(current, fact, at), state);
    expect(decideAll([resolveAs('credited', 'wang'), resolveAs('credited', 'li')], called)).toMatchObject([
      { type: 'payment.resolution-proposed' },
      { type: 'payment.unstuck', queue: 'credit-unknown' },
      { type: 'payment.resolved' },
    ]);
  });
});

describe('a refund whose credit nobody knows the end of', () => {
  const ofR1 = { refundNo: 'R1' };

  test('arrived by decision', () => {
    expect(together(toRefundStuck, 'credited', ofR1).facts).toEqual([refundEnd('payment.refunded')]);
  });

  test('came back by decision, is only looked for, and goes to no other account before the bank has said so', () => {
    const { facts, state } = together(toRefundStuck, 'returned', ofR1);
    expect(facts).toMatchObject([refundEnd('payment.refund-returned'), { type: 'payment.called', call: { kind: 'look', about: 'R1' } }]);
    const elsewhere = resolveAs('credit-other-account', 'wang', { refundNo: 'R1', accountNo: other });
    expect(() => decideAll([elsewhere], state)).toThrow(expect.objectContaining({ code: 'PAYMENTS_STILL_ASKED' }));
    const denied: PaymentCommand = { type: 'RefundDenied', refundNo: 'R1', key: 'refund:R1' };
    expect(decideAll([denied, elsewhere], state)).toMatchObject([
      { type: 'payment.call-ended', key: 'refund:R1' },
      { type: 'payment.resolution-proposed' },
    ]);
  });

  test('that arrived after it had been given up leaves suspense again', () => {
    const { state } = together(toRefundStuck, 'returned', ofR1);
    const arrived: PaymentCommand = { type: 'RefundApplied', refundNo: 'R1', key: 'refund:R1' };
    expect(decideAll([arrived, arrived], state)).toEqual([refundEnd('payment.refund-recredited')]);
  });
});

describe('a refund that the account did not take', () => {
  const toOther = { refundNo: 'R1', accountNo: other };
  const answer = (type: 'RefundApplied' | 'RefundDenied', key = 'recredit:2:R1'): PaymentCommand => ({ type, refundNo: 'R1', key });

  test('goes to another account of the customer under a key of its own', () => {
    const { facts, state } = together(toReturned, 'credit-other-account', toOther);
    expect(facts).toMatchObject([{ type: 'payment.recredit-begun', refundNo: 'R1', accountNo: other, call: { key: 'recredit:2:R1' } }]);
    expect(decideAll([answer('RefundApplied', 'refund:R1'), answer('RefundDenied', 'refund:R1')], state)).toEqual([]);
    const done = decideAll([answer('RefundApplied'), answer('RefundApplied')], state);
    expect(done).toEqual([refundEnd('payment.refund-recredited')]);
    expect(done.reduce((current, fact) => scene.evolve(current, fact, at), state).queue).toBeUndefined();
  });

  test('stays with people where that account takes it neither, and the next one has the next key', () => {
    const { state } = together(toReturned, 'credit-other-account', toOther);
    const back = scene.evolve(state, refundEnd('payment.recredit-denied'), at);
    expect(decideAll([answer('RefundDenied')], state)).toEqual([refundEnd('payment.recredit-denied')]);
    expect(back.queue).toMatchObject([{ name: 'refund-returned', refundNo: 'R1' }]);
    const third = decideAll([resolveAs('credit-other-account', 'wang', { ...toOther, accountNo: '6200000000000003' })], back);
    expect(third).toMatchObject([{ type: 'payment.resolution-proposed' }]);
  });

  test('needs an account', () => {
    given(...toReturned)
      .when(resolveAs('credit-other-account', 'wang', { refundNo: 'R1' }))
      .refused('PAYMENTS_ACCOUNT_NEEDED');
  });

  test('may be paid out in another way, at once where the bank has refused the credit for certain', () => {
    const { facts, state } = together(toReturned, 'credited', { refundNo: 'R1' });
    expect(facts).toEqual([refundEnd('payment.refund-recredited')]);
    expect(state.queue).toBeUndefined();
  });

  test('and that came from elsewhere can only be paid out, since nobody knows an account', () => {
    const elsewhere = [recorded, refundBegun('R1', 100), refundEnd('payment.refund-returned')];
    given(...elsewhere)
      .when(resolveAs('credit-other-account', 'wang', toOther))
      .refused('PAYMENTS_NOT_OWN_ACCOUNT');
    expect(together(elsewhere, 'credited', { refundNo: 'R1' }).facts).toEqual([refundEnd('payment.refund-recredited')]);
  });

  test('is not sent to a second account while one is under way', () => {
    const { state } = together(toReturned, 'credit-other-account', toOther);
    const again = resolveAs('credit-other-account', 'zhao', toOther);
    expect(() => decideAll([again], state)).toThrow(expect.objectContaining({ code: 'PAYMENTS_NOTHING_TO_RESOLVE' }));
  });

  test('of two people who name different accounts none is decided', () => {
    const state = given(...toReturned)
      .when(resolveAs('credit-other-account', 'wang', toOther))
      .state();
    const facts = decideAll([resolveAs('credit-other-account', 'li', { ...toOther, accountNo: '6200000000000003' })], state);
    expect(facts).toMatchObject([{ type: 'payment.resolution-proposed', proposal: { by: 'li' } }]);
  });
});

test('a dispute is closed by one person with a note, and others are told that nobody is needed', () => {
  const state = given(...toSent, reversed, disputed)
    .when(resolveAs('reverse-stands', 'wang'))
    .state();
  expect(state).toMatchObject({ status: 'disputed', resolutions: [{ queue: 'disputed', outcome: 'reverse-stands', by: ['wang'] }] });
  expect(state.queue).toBeUndefined();
  expect(published(scene, { type: 'payment.unstuck', queue: 'disputed' }, state, paymentId)).toMatchObject({ queue: 'none' });
});
