import { published } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { PaymentFact, Status } from '../src/payment-state.ts';
import { endsAfterDebit } from './ends-after-debit.ts';
import { endsBeforeDebit } from './ends-before-debit.ts';
import {
  accountNo,
  aYearLater,
  begun,
  disputed,
  failedAs,
  given,
  later,
  leased,
  limitMoved,
  paymentId,
  recorded,
  refusedAs,
  requested,
  reserved,
  reserving,
  reversed,
  scene,
  stuck,
  toDebited,
  toDebiting,
  toReversing,
  toSent,
  toSettled,
  toSuspense,
} from './payment-words.ts';
import { commands, type Ends } from './table.ts';

const ends = { ...endsBeforeDebit, ...endsAfterDebit };

/** Every status, and beside them those whose status alone does not say what comes next. */
const rows = {
  none: [],
  recorded: [recorded],
  'recorded, in suspense': toSuspense,
  'reversed, from elsewhere': [recorded, reversed],
  requested: [requested, reserving],
  'requested, limit reserved': [requested, reserving, reserved],
  leased: [requested, reserving, leased],
  refused: [requested, reserving, refusedAs('CAMPUS_ALREADY_PAID'), limitMoved('released')],
  debiting: [requested, reserving, reserved, leased, begun],
  'debiting, stuck': [...toDebiting, stuck('debit-unknown')],
  failed: [...toDebiting, failedAs('PAYMENTS_INSUFFICIENT_FUNDS'), limitMoved('released')],
  debited: toDebited,
  settled: toSettled,
  reversing: toReversing,
  'reversing, credit sent': toSent,
  reversed: [...toSent, reversed],
  disputed: [...toSent, reversed, disputed],
} satisfies Record<Status, PaymentFact[]> & Record<keyof typeof ends, PaymentFact[]>;

const pairs = Object.entries(ends).flatMap(([row, cells]) =>
  Object.entries(cells).map(([name, end]) => ({ row: row as keyof typeof rows, name: name as keyof Ends, end: end as string })),
);

describe.each(pairs)('$row meets $name: $end', ({ row, name, end }) => {
  const before = given(...rows[row]);
  const command = commands[name];

  if (end.startsWith('PAYMENTS_')) {
    test('it is refused, however often it comes', () => {
      before.when(command).refused(end);
      before.when(command, aYearLater).refused(end);
    });
    return;
  }

  test('it ends so, and coming again it changes nothing', () => {
    const moment = name === 'Wake' ? later(70_000) : later(1_000);
    const after = before.when(command, moment).state();
    expect(after.status).toBe(end);
    // A proposal wants another person, and what a wake-up is to do depends on the moment.
    if (name === 'Resolve')
      return given(...rows[row])
        .when(command)
        .state();
    const again = scene.decide(command, after, { at: name === 'Wake' ? moment : aYearLater });
    expect(again.reduce((state, fact) => scene.evolve(state, fact, aYearLater), after)).toEqual(after);
    // A scene may ask about a lease as often as it likes and is answered each time.
    if (name !== 'QuestionLease') expect(again).toEqual([]);
  });

  test('what it publishes keeps its contract and tells no account', () => {
    let state = before.state;
    for (const fact of scene.decide(command, state, { at: later(1_000) })) {
      state = scene.evolve(state, fact, later(1_000));
      if (scene.contracts[fact.type] === 'private') continue;
      expect(JSON.stringify(published(scene, fact, state, paymentId))).not.toContain(accountNo);
    }
  });
});
