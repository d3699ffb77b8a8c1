import { AppError, epochMs, type Instant, instantOf } from '@scenefi/kernel';
import { frozen, published } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import type { Bill, BillCommand } from '../src/bill-state.ts';
import { evolve } from '../src/evolve.ts';
import { amend, app, at, debit, heardOf, issue, minuteMs, refundDone, scene, writeOffOf } from './bill-words.ts';
import { noticeCommands, paymentCommands } from './tables.ts';

const b = app('b');
const commands: readonly BillCommand[] = [
  ...Object.values(paymentCommands),
  ...Object.values(noticeCommands),
  debit(b),
  writeOffOf(b),
  amend(2),
  refundDone(b, 150, 'R2'),
  ...(['Reversing', 'Reversed', 'Settled', 'Disputed'] as const).map((type) => heardOf(type, b)),
];

/** Takes one command as the engine would: what is published keeps its contract, and the same again says nothing new. */
const take = (bill: Bill, command: BillCommand, now: Instant): Bill => {
  let state = bill;
  try {
    for (const fact of scene.decide(command, bill, { at: now })) {
      state = evolve(state, frozen(fact));
      if (scene.contracts[fact.type] !== 'private') published(scene, fact, state, `bill_${'a'.repeat(26)}`);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return bill;
  }
  const places = [state.holding?.leaseId, state.writtenOff?.paymentId, ...state.past.map(({ leaseId }) => leaseId)].filter(Boolean);
  expect(new Set(places).size).toBe(places.length);
  if (command.type !== 'Wake' && state !== bill) expect(scene.decide(command, state, { at: now })).toEqual([]);
  return state;
};

const start = take(scene.initial, issue(), at);

/** The bills that one command makes of a bill; what it leaves as it is leads to no new one. */
const after = (bill: Bill): Bill[] => commands.map((command) => take(bill, command, at)).filter((next) => next !== bill);

test('every order of three commands is a legal way, and each is heard only once', () => {
  const ends = after(start).flatMap(after).flatMap(after);
  expect(ends.length).toBeGreaterThan(1_000);
});

/** Numbers that look like chance and are the same in every run. */
const chance = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

test('a long life of any bill is legal, and every wake-up moves on', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 150; seed += 1) {
    const below = chance(seed);
    let [state, now] = [start, at as Instant];
    for (let step = 0; step < 40; step += 1) {
      const wake = scene.wakeAt?.(state);
      if (wake && below(4) === 0) {
        now = [wake.at, now].sort()[1]!;
        state = take(state, { type: 'Wake' }, now);
        const next = scene.wakeAt?.(state);
        // What only asks leaves to the next wake-up what takes something away.
        expect(!next || next.at > now || (next.takes && !wake.takes)).toBe(true);
      } else {
        now = instantOf(epochMs(now) + below(20) * minuteMs);
        state = take(state, commands[below(commands.length)]!, now);
      }
      seen.add(state.status);
    }
  }
  expect([...seen].sort()).toEqual([
    'amount-differs',
    'closed',
    'debited',
    'disputed',
    'expired',
    'issued',
    'leased',
    'overpaid',
    'paid-elsewhere',
    'refunded',
    'reversing',
    'written-off',
  ]);
});
