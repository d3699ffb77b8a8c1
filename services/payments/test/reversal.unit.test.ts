import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { PaymentCommand, PaymentFact, Status } from '../src/payment-state.ts';
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
  releasing,
  returned,
  reversed,
  reversing,
  scene,
  sent,
  settled,
  stuck,
  toDebited,
  toDebiting,
  toReversing,
  toSent,
  wake,
} from './payment-words.ts';

const wish: PaymentCommand = { type: 'RequestReversal', reason: 'closed' };
const writeOff: PaymentCommand = { type: 'WriteOff' };
const overdue: PaymentCommand = { type: 'Overdue' };
const credited: PaymentCommand = { type: 'CreditApplied' };
const wished: PaymentFact = { type: 'payment.reversal-wanted', reason: 'closed' };

test('a reversal is told first, and its credit waits until everything said before has been heard', () => {
  const state = given(...toDebited)
    .when(wish)
    .then(reversing());
  expect(published(scene, reversing(), state, paymentId)).toMatchObject({ status: 'reversing', reason: 'closed', reversedFen: 0 });
  expect(scene.effectsOf?.(state, paymentId)).toEqual([]);
  expect(scene.wakeAt?.(state)).toEqual({ at: later(60_000), takes: true });
});

test('before the grace is over no credit is sent', () => {
  given(...toReversing)
    .when(wake, later(59_999))
    .then();
});

test('after the grace the credit is sent to the account that paid', () => {
  const state = given(...toReversing)
    .when(wake, later(60_000))
    .state();
  expect(scene.effectsOf?.(state, paymentId)).toMatchObject([{ kind: 'credit', key: `${paymentId}:reversal`, attempt: 1 }]);
});

test('a wake-up for something else does not send the credit, since it has not waited for earlier messages', () => {
  const { state } = given(...toDebiting, debited, committing, reversing());
  const facts = scene.decide(wake, state, { at: later(60_000) });
  expect(facts.map(({ type }) => type)).toEqual(['payment.called']);
});

test('a payment is reversed once the account has its money', () => {
  const state = given(...toSent)
    .when(credited)
    .then(reversed);
  expect(published(scene, reversed, state, paymentId)).toMatchObject({ status: 'reversed', reversedFen: 150 });
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('an account that takes no money reverses the payment too, and the money lies under the customer', () => {
  const state = given(...toSent)
    .when({ type: 'CreditRefused' })
    .then(returned);
  expect(published(scene, returned, state, paymentId)).toMatchObject({ status: 'reversed', reversedFen: 150, returned: true });
});

test('a credit without an answer is made again under its key, and people are called', () => {
  const second = call('credit', 'reversal', { attempt: 2, until: later(10_000), againAt: later(19_000) });
  const state = given(...toSent, { type: 'payment.called', call: second }).state;
  const facts = scene.decide(wake, state, { at: later(19_000) });
  expect(facts).toMatchObject([{ type: 'payment.called', call: { key: 'reversal', attempt: 3 } }, stuck('credit-unknown')]);
  const cleared = given(...toSent, stuck('credit-unknown'))
    .when(credited)
    .then(reversed);
  expect(cleared.queue).toBeUndefined();
});

describe('a reversal that is wanted before the end of the debit is known', () => {
  test('is remembered and begins with the debit', () => {
    given(...toDebiting)
      .when(wish)
      .then(wished);
    given(...toDebiting, wished)
      .when({ type: 'DebitApplied', debitedAt: at })
      .then(debited, committing, reversing());
  });

  test('is forgotten with a debit that failed', () => {
    given(...toDebiting, wished)
      .when({ type: 'DebitRefused', code: 'cancelled' })
      .then(failedAs('PAYMENTS_CANCELLED'), releasing);
  });
});

describe('a partner that is silent', () => {
  test('calls people once', () => {
    const state = given(...toDebited)
      .when(overdue)
      .then(stuck('write-off-overdue'));
    expect(published(scene, stuck('write-off-overdue'), state, paymentId)).toMatchObject({ status: 'debited', queue: 'write-off-overdue' });
    expect(scene.decide(overdue, state, { at })).toEqual([]);
  });

  test.each([
    ['writes off', writeOff],
    ['wants it back', wish],
  ])('and then %s needs people no longer', (_what, command) => {
    expect(
      given(...toDebited, stuck('write-off-overdue'))
        .when(command)
        .state().queue,
    ).toBeUndefined();
  });
});

describe('a write-off against a reversal', () => {
  const steps = [wish, wake, credited];
  /** Where the write-off stands among the steps of the reversal, and how it ends; written by hand. */
  const ends: Record<string, { statuses: Status[]; end: Status }> = {
    'before it is wanted': { statuses: ['settled', 'settled', 'settled', 'settled'], end: 'settled' },
    'while it is told': { statuses: ['reversing', 'settled', 'settled', 'settled'], end: 'settled' },
    'after the credit was sent': { statuses: ['reversing', 'reversing', 'disputed', 'disputed'], end: 'disputed' },
    'after the credit arrived': { statuses: ['reversing', 'reversing', 'reversed', 'disputed'], end: 'disputed' },
  };

  test.each(Object.entries(ends).map(([where, expected], position) => ({ where, position, ...expected })))(
    '$where ends as $end',
    ({ position, statuses, end }) => {
      const commands = [...steps.slice(0, position), writeOff, ...steps.slice(position)];
      let { state } = given(...toDebited);
      const passed: Status[] = [];
      const told: string[] = [];
      for (const command of commands) {
        for (const fact of scene.decide(command, state, { at: later(60_000 * (passed.length + 1)) })) {
          state = scene.evolve(state, fact, at);
          told.push(fact.type);
        }
        passed.push(state.status);
      }
      expect(passed).toEqual(statuses);
      expect(state.status).toBe(end);
      // Where both have the money, the credit is told all the same: it left the bank.
      expect(told.includes('payment.reversed')).toBe(end === 'disputed');
      expect(told.filter((type) => type === 'payment.settled')).toHaveLength(end === 'settled' ? 1 : 0);
    },
  );

  test('that meets a credit without an answer is disputed, and the credit is still asked for', () => {
    const state = given(...toSent)
      .when(writeOff)
      .then(disputed);
    expect(state.queue).toEqual([{ name: 'disputed', since: at }]);
    expect(scene.effectsOf?.(state, paymentId)).toHaveLength(1);
    const [fact] = scene.decide(credited, state, { at });
    expect(published(scene, fact!, scene.evolve(state, fact!, at), paymentId)).toMatchObject({ status: 'disputed', reversedFen: 150 });
  });

  test('that the scene itself could not accept any more is disputed here too, once', () => {
    given(...toSent, reversed)
      .when({ type: 'Dispute' })
      .then(disputed);
    given(...toSent, reversed, disputed)
      .when({ type: 'Dispute' })
      .then();
    given(...toReversing)
      .when({ type: 'Dispute' })
      .then();
  });

  test('stops the reversal for good', () => {
    const state = given(...toReversing)
      .when(writeOff)
      .then(settled);
    expect(scene.wakeAt?.(state)).toBeUndefined();
    expect(scene.decide(wake, state, { at: later(600_000) })).toEqual([]);
    expect(given(...toReversing, sent).state.status).toBe('reversing');
  });
});
