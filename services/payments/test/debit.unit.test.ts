import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { PaymentCommand, PaymentFact } from '../src/payment-state.ts';
import {
  about,
  at,
  begun,
  call,
  committing,
  debited,
  failedAs,
  given,
  later,
  leased,
  leasedUntil,
  limitMoved,
  paymentId,
  refusedAs,
  releasing,
  requested,
  reserved,
  reserving,
  reversing,
  rules,
  scene,
  stuck,
  toDebited,
  toDebiting,
  wake,
  wanted,
} from './payment-words.ts';

const asksFor = (changes: Partial<typeof wanted>): PaymentCommand => ({ type: 'Request', request: { ...wanted, ...changes } });
const lease: PaymentCommand = { type: 'Leased', until: leasedUntil };
const limitReserved: PaymentCommand = { type: 'LimitReserved' };
const applied: PaymentCommand = { type: 'DebitApplied', debitedAt: at };
const question = (reason: 'expired' | 'closed' | 'paid-elsewhere'): PaymentCommand => ({ type: 'QuestionLease', about, reason });

describe('a request', () => {
  test('asks the scene for a lease and the day for its limit at the same time', () => {
    given().when(asksFor({})).then(requested, reserving);
  });

  test('over what one payment may be is refused, and the refusal says what was wanted', () => {
    const request = { ...wanted, amountFen: 5_000_001, stepUp: true };
    const fact: PaymentFact = { type: 'payment.refused', code: 'PAYMENTS_OVER_PAYMENT_LIMIT', request };
    const state = given().when({ type: 'Request', request }).then(fact);
    expect(published(scene, fact, state, paymentId)).toMatchObject({ status: 'refused', amountFen: 5_000_001, payFromMasked: '**** 0001' });
    expect(scene.effectsOf?.(state, paymentId)).toEqual([]);
  });

  test('of a large amount needs a second proof of who pays, from the first fen of it on', () => {
    const request = { ...wanted, amountFen: 2_000_000 };
    given().when({ type: 'Request', request }).then({ type: 'payment.refused', code: 'PAYMENTS_STEP_UP_NEEDED', request });
    expect(
      given()
        .when(asksFor({ amountFen: 2_000_000, stepUp: true }))
        .state().status,
    ).toBe('requested');
    expect(
      given()
        .when(asksFor({ amountFen: 1_999_999 }))
        .state().status,
    ).toBe('requested');
  });

  test('that comes again is the same payment, and one that differs is refused', () => {
    given(requested, reserving).when(asksFor({})).then();
    given(requested, reserving)
      .when(asksFor({ stepUp: true }))
      .then();
    given(requested, reserving)
      .when(asksFor({ payFrom: '6200000000000002' }))
      .refused('PAYMENTS_REQUESTED_DIFFERENTLY');
  });
});

describe('the debit', () => {
  test.each([
    ['the lease comes first', [requested, reserving, leased], limitReserved, [reserved, begun]],
    ['the limit comes first', [requested, reserving, reserved], lease, [leased, begun]],
  ])('is sent once both are there: %s', (_order, facts, command, decided) => {
    const state = given(...facts)
      .when(command)
      .then(...decided);
    expect(scene.effectsOf?.(state, paymentId)).toEqual([{ kind: 'debit', key: `${paymentId}:debit`, attempt: 1, until: later(5_000) }]);
  });

  test('is not sent for one of them alone', () => {
    given(requested, reserving).when(lease).then(leased);
    given(requested, reserving).when(limitReserved).then(reserved);
  });

  test.each([
    [170_000, ['payment.leased', 'payment.refused', 'payment.limit-moved']],
    [169_999, ['payment.leased', 'payment.debit-begun']],
  ])('is not sent when too little is left of the lease: %i ms', (ms, types) => {
    const { state } = given(requested, reserving, reserved);
    expect(scene.decide(lease, state, { at: later(ms) }).map(({ type }) => type)).toEqual(types);
  });

  test('that the bank applied commits the limit', () => {
    given(...toDebiting)
      .when(applied)
      .then(debited, committing);
  });

  test.each([
    ['insufficient-funds', 'PAYMENTS_INSUFFICIENT_FUNDS'],
    ['foreign-account', 'PAYMENTS_FOREIGN_ACCOUNT'],
    ['account-closed', 'PAYMENTS_ACCOUNT_CLOSED'],
    ['account-frozen', 'PAYMENTS_ACCOUNT_FROZEN'],
    ['cancelled', 'PAYMENTS_CANCELLED'],
    ['a word of next year', 'PAYMENTS_REFUSED_BY_BANK'],
  ])('that the bank refused as %s fails and releases the limit', (code, told) => {
    given(...toDebiting)
      .when({ type: 'DebitRefused', code })
      .then(failedAs(told), releasing);
  });

  test('that was applied after it had failed is told and given back', () => {
    given(...toDebiting, failedAs('PAYMENTS_RESOLVED_AS_FAILED'), limitMoved('released'))
      .when(applied)
      .then(debited, reversing('late-success'));
  });
});

describe('an answer that does not come', () => {
  const again = (attempt: number, ms: number, waitMs: number): PaymentFact => ({
    type: 'payment.called',
    call: call('debit', 'debit', { attempt, until: later(ms + waitMs), againAt: later(ms + waitMs + rules.callMs) }),
  });

  test('is no outcome: the same call is made again under the same key, later each time', () => {
    const second = given(...toDebiting)
      .when(wake, later(14_000))
      .then(again(2, 14_000, 10_000));
    expect(scene.wakeAt?.(second)).toEqual({ at: later(33_000), takes: false });
    expect(scene.effectsOf?.(second, paymentId)).toMatchObject([{ key: `${paymentId}:debit`, attempt: 2 }]);
  });

  test('calls people after some tries, and is still asked for', () => {
    const tried = given(...toDebiting, again(2, 14_000, 10_000));
    const state = tried.when(wake, later(33_000)).then(again(3, 33_000, 20_000), stuck('debit-unknown'));
    expect(state.status).toBe('debiting');
    expect(published(scene, stuck('debit-unknown'), state, paymentId)).toMatchObject({ status: 'stuck', queue: 'debit-unknown' });
    const next = scene.decide(wake, state, { at: later(62_000) });
    expect(next).toEqual([again(4, 62_000, 40_000)]);
  });

  test('waits at most 64 times as long', () => {
    const { state } = given(...toDebiting, again(40, 0, 1), stuck('debit-unknown'));
    const [fact] = scene.decide(wake, state, { at: later(rules.callMs + 1) });
    expect(fact).toMatchObject({ call: { attempt: 41, until: later(rules.callMs + 1 + 64 * rules.askMs) } });
  });

  test.each([
    ['applied', applied, 'debited'],
    ['refused', { type: 'DebitRefused', code: 'cancelled' } as const, 'failed'],
  ])('and comes at last as %s takes the payment out of the queue', (_word, command, status) => {
    const state = given(...toDebiting, stuck('debit-unknown'))
      .when(command)
      .state();
    expect(state.status).toBe(status);
    expect(state.queue).toBeUndefined();
  });
});

describe('a lease', () => {
  test('that the scene refuses ends the payment with the code of the scene and gives the limit back', () => {
    const held = { holder: 'cashier', until: later(60_000) } as const;
    given(requested, reserving)
      .when({ type: 'LeaseRefused', code: 'CAMPUS_IN_PAYMENT', held })
      .then({ ...refusedAs('CAMPUS_IN_PAYMENT'), held } as PaymentFact, releasing);
  });

  test.each([
    ['expired', 'PAYMENTS_LEASE_EXPIRED'],
    ['closed', 'PAYMENTS_BILL_WITHDRAWN'],
    ['paid-elsewhere', 'PAYMENTS_PAID_ELSEWHERE'],
  ] as const)('that is questioned as %s before the debit was sent is given up', (reason, code) => {
    given(requested, reserving, leased).when(question(reason)).then(refusedAs(code), releasing);
    given(requested, reserving, reserved).when(question(reason)).then(refusedAs(code), releasing);
  });

  test.each([
    ['the debit was sent', toDebiting],
    ['nobody knows what became of the debit', [...toDebiting, stuck('debit-unknown')]],
    ['the money is there', toDebited],
  ])('is kept when %s', (_why, facts) => {
    given(...facts)
      .when(question('expired'))
      .then({ type: 'payment.lease-held', about });
  });

  test.each([
    ['was never heard of', []],
    ['was refused', [requested, reserving, refusedAs('CAMPUS_ALREADY_PAID')]],
    ['failed', [...toDebiting, failedAs('PAYMENTS_CANCELLED')]],
  ])('of a payment that %s is released, each time it is asked', (_what, facts) => {
    const released: PaymentFact = { type: 'payment.lease-released', about };
    const state = given(...facts)
      .when(question('expired'))
      .then(released);
    expect(scene.decide(question('expired'), state, { at })).toEqual([released]);
    expect(published(scene, released, state, paymentId)).toEqual({ paymentId, about });
  });
});

describe('the limit of the day', () => {
  test('refuses what is over it, and nothing is left to release', () => {
    given(requested, reserving, leased).when({ type: 'LimitExceeded' }).then(limitMoved('none'), refusedAs('PAYMENTS_OVER_DAY_LIMIT'));
  });

  test('that is reserved for a payment that was refused meanwhile is released', () => {
    given(requested, reserving, limitMoved('none'), refusedAs('PAYMENTS_OVER_DAY_LIMIT')).when(limitReserved).then(releasing);
    given(requested, reserving, refusedAs('CAMPUS_ALREADY_PAID'), releasing).when(limitReserved).then();
  });

  test.each([
    ['reserve', [requested, reserving]],
    ['release', [requested, reserving, refusedAs('CAMPUS_ALREADY_PAID'), releasing]],
    ['commit', [...toDebiting, debited, committing]],
  ] as const)('is asked again to %s until it has answered', (kind, facts) => {
    const [fact] = scene.decide(wake, given(...facts).state, { at: later(14_000) });
    expect(fact).toMatchObject({ type: 'payment.called', call: { kind, key: `limit:${kind}`, attempt: 2 } });
  });

  test.each([
    ['committed', [...toDebiting, debited, committing], 'LimitCommitted'],
    ['released', [requested, reserving, refusedAs('CAMPUS_ALREADY_PAID'), releasing], 'LimitReleased'],
  ] as const)('that has %s leaves nothing to be waited for', (limit, facts, type) => {
    const state = given(...facts)
      .when({ type })
      .then(limitMoved(limit));
    expect(scene.wakeAt?.(state)).toBeUndefined();
  });
});
