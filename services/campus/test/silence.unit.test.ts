import { scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { billScene } from '../src/bill.ts';
import type { BillFact } from '../src/bill-state.ts';
import {
  aDayLater,
  app,
  at,
  awaited,
  billed,
  close,
  closed,
  leased,
  quiet,
  reversalRequested,
  rules,
  scene,
  tenMinutesLater,
  voidOf,
  wake,
  writeOffOf,
  writtenOff,
} from './bill-words.ts';

const given = scenario(scene, { at });
const a = app('a');
const debited = [billed(), leased(a), awaited(a)];
const overdue: BillFact = { type: 'bill.write-off-overdue', paymentId: a, amountFen: 150, askAt: '2026-09-03T00:00:00.000Z' };

test('a silent school is asked every ten minutes', () => {
  const waiting = given(...debited);
  expect(scene.wakeAt?.(waiting.state)).toEqual({ at: tenMinutesLater, takes: false });
  waiting.when(wake, '2026-09-01T00:09:59.999Z').then();
  const again = awaited(a, 1, '2026-09-01T00:20:00.000Z');
  const state = waiting.when(wake, tenMinutesLater).then(again);
  expect(scene.wakeAt?.(state)).toEqual({ at: '2026-09-01T00:20:00.000Z', takes: false });
  given(...debited, again)
    .when(wake, '2026-09-01T00:20:00.000Z')
    .then(awaited(a, 2, '2026-09-01T00:30:00.000Z'));
});

const silent = [...debited, awaited(a, 143, aDayLater)];

test('after its whole time people decide where the contract says so, and the school is asked once a day', () => {
  expect(scene.wakeAt?.(given(...silent).state)).toEqual({ at: aDayLater, takes: true });
  const state = given(...silent)
    .when(wake, aDayLater)
    .then(overdue);
  expect(state.status).toBe('debited');
  expect(scene.wakeAt?.(state)).toEqual({ at: '2026-09-03T00:00:00.000Z', takes: false });
  given(...silent, overdue)
    .when(wake, '2026-09-03T00:00:00.000Z')
    .then(awaited(a, 144, '2026-09-04T00:00:00.000Z'));
  given(...silent, overdue)
    .when(writeOffOf(a))
    .then(writtenOff(a));
});

test('after its whole time the money goes back where the contract says so', () => {
  const strict = quiet(billScene({ ...rules, onSilence: (partnerId) => (partnerId === 'school-a' ? 'reverse' : 'queue') }));
  const state = scenario(strict, { at })(...silent)
    .when(wake, aDayLater)
    .then(reversalRequested(a, 'write-off-silent'));
  expect(state.status).toBe('debited');
  expect(strict.wakeAt?.(state)).toBeUndefined();
  scenario(strict, { at })(...silent, reversalRequested(a, 'write-off-silent'))
    .when(close)
    .then(closed);
});

test('a question that falls due does not end the silence before every earlier message was heard', () => {
  const late = given(...debited);
  expect(scene.wakeAt?.(late.state)).toMatchObject({ takes: false });
  const state = late.when(wake, aDayLater).then(awaited(a, 1, '2026-09-02T00:10:00.000Z'));
  expect(scene.wakeAt?.(state)).toEqual({ at: aDayLater, takes: true });
});

test('people are told once, also where something else of the bill falls due', () => {
  const early = { command: voidOf('P9'), until: '2026-09-02T12:00:00.000Z' } as const;
  given(...silent, overdue, { type: 'bill.notice-kept', kept: early })
    .when(wake, early.until)
    .then({ type: 'bill.notice-refused', kept: early, code: 'CAMPUS_NEVER_IN_TIME' });
});
