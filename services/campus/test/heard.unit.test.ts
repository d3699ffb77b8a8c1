import { scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { billScene } from '../src/bill.ts';
import type { BillCommand, HeardNotice } from '../src/bill-state.ts';
import { evolve } from '../src/evolve.ts';
import { aDayLater, amend, app, at, close, debit, issue, leaseFor, pay, rules, voidOf, writeOffOf } from './bill-words.ts';

const scene = billScene(rules);
const given = scenario(scene, { at });
const a = app('a');

/** What the school is told about its notices after these commands, oldest first. */
const heardAfter = (commands: readonly BillCommand[]): string[] => {
  const bill = commands.reduce((state, command) => scene.decide(command, state, { at }).reduce(evolve, state), scene.initial);
  return bill.heard.map(({ noticeId, end, code }: HeardNotice) => [noticeId, end, code].filter(Boolean).join(' '));
};

test('a notice that came to something is noted, with its type and time', () => {
  const [, fact] = scene.decide(issue(), given().state, { at: aDayLater });
  expect(fact).toEqual({
    type: 'bill.notice-heard',
    notice: { noticeId: 'issue', type: 'campus.bill.issued', at: aDayLater, end: 'done' },
  });
});

test('a notice that waits is noted as kept, and as done once it was applied', () => {
  expect(heardAfter([close])).toEqual(['close kept']);
  expect(heardAfter([close, issue()])).toEqual(['issue done', 'close done']);
});

test('a kept notice that a rule refuses is noted with its code', () => {
  expect(heardAfter([close, amend(1), issue()])).toEqual(['issue done', 'close done', 'amend-1 refused CAMPUS_BILL_CLOSED']);
});

test('a write-off that overtook the debit is done with it', () => {
  const early = writeOffOf(a);
  expect(heardAfter([issue(), leaseFor(a), early])).toEqual(['issue done', `${early.noticeId} kept`]);
  expect(heardAfter([issue(), leaseFor(a), early, debit(a)])).toEqual(['issue done', `${early.noticeId} done`]);
});

test('a notice that has nothing left to say, and what payments says, are not noted', () => {
  expect(heardAfter([issue(), issue(), leaseFor(a)])).toEqual(['issue done']);
});

test('the ten last notices are remembered', () => {
  const payments = Array.from({ length: 6 }, (_, number) => [pay(`P${number}`, 150), voidOf(`P${number}`)]).flat();
  const heard = heardAfter([issue(), ...payments]);
  expect(heard).toHaveLength(10);
  expect(heard.at(-1)).toBe('void-P5 done');
});
