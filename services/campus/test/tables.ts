import { published, scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { BillCommand, BillFact } from '../src/bill-state.ts';
import { evolve } from '../src/evolve.ts';
import {
  amend,
  app,
  at,
  awaited,
  aYearLater,
  billed,
  canaries,
  cashier,
  claimed,
  close,
  closed,
  debit,
  endLease,
  expired,
  heardOf,
  issue,
  judged,
  kept,
  leaseByCashier,
  leased,
  leaseEnded,
  leaseFor,
  money,
  paid,
  pay,
  refundDone,
  refunded,
  refundOf,
  refused,
  rejectionOf,
  releaseByCashier,
  reversalRequested,
  type Status,
  scene,
  voidOf,
  wake,
  writeOffOf,
  writtenOff,
} from './bill-words.ts';

const given = scenario(scene, { at });
const [a, b, c, d] = [app('a'), app('b'), cashier('c'), cashier('d')];
const exact = paid(judged('P1', 150, 'exact'));
const debited = [billed(), leased(a), awaited(a)];
const reversing = [...debited, money('bill.reversal-begun', a)];
const reversed = [...reversing, money('bill.reversed', a)];

/** Every status, and beside them those in which the past of payment A or something behind the status counts. */
export const rows = {
  announced: [],
  lapsed: [kept(voidOf('P5')), refused(voidOf('P5'), 'CAMPUS_NEVER_IN_TIME')],
  issued: [billed()],
  closed: [billed(), closed],
  expired: [billed(), expired],
  'paid-elsewhere': [billed(), exact],
  'amount-differs': [billed(), paid(judged('P1', 7, 'amount-differs'))],
  overpaid: [billed(), exact, paid(judged('P9', 150, 'overpaid'))],
  leased: [billed(), leased(a)],
  'leased, closed meanwhile': [billed(), leased(a), closed],
  'leased by a cashier': [billed(), leased(c)],
  debited,
  reversing,
  'reversing, a write-off claimed': [...reversing, claimed(a)],
  'written-off': [...debited, writtenOff(a)],
  refunded: [...debited, writtenOff(a), refunded(a, 150, 'R0')],
  disputed: [...reversed, money('bill.disputed', a)],
  'issued, A unpaid': [billed(), leased(a), leaseEnded(a)],
  'issued, A lost': [billed(), reversalRequested(a, 'lease-lost')],
  'issued, A reversed': reversed,
  'paid-elsewhere, A leased behind': [billed(), leased(a), exact],
  'paid-elsewhere, A debited behind': [...debited, exact, reversalRequested(a, 'paid-elsewhere')],
} satisfies Record<Status, BillFact[]> & Record<string, BillFact[]>;

/** What payments and cashiers say: of A and C, who hold the bill where somebody holds it, and of B and D, whom it does not know. */
export const paymentCommands = {
  LeaseA: leaseFor(a),
  LeaseB: leaseFor(b),
  EndLeaseA: endLease(a),
  EndLeaseB: endLease(b),
  DebitedA: debit(a),
  DebitedB: debit(b),
  ReversingA: heardOf('Reversing', a),
  ReversedA: heardOf('Reversed', a),
  SettledA: heardOf('Settled', a),
  DisputedA: heardOf('Disputed', a),
  RefundedHalfA: refundDone(a, 75),
  RefundedWholeA: refundDone(a, 150),
  LeaseC: leaseByCashier(c),
  LeaseD: leaseByCashier(d),
  ReleaseC: releaseByCashier(c),
  ReleaseD: releaseByCashier(d),
} satisfies Record<string, BillCommand>;

/** What schools say, of A, who pays in the app, of B, whom the bill does not know, and of P1 and P2 that they took themselves. */
export const noticeCommands = {
  Issue: issue(),
  Amend: amend(1),
  Close: close,
  PayP1: pay('P1', 150),
  PayP2: pay('P2', 150),
  VoidP1: voidOf('P1'),
  WriteOffA: writeOffOf(a),
  WriteOffADiffers: writeOffOf(a, 151),
  WriteOffB: writeOffOf(b),
  RejectA: rejectionOf(a),
  RejectB: rejectionOf(b),
  RefundA: refundOf(a),
  RefundB: refundOf(b),
  RefundP1: refundOf('P1'),
  Wake: wake,
} satisfies Record<string, BillCommand>;

export type Row = keyof typeof rows;

/** How a pair ends: the status and what is said about it, a status alone where nothing happens, or a refusal. */
export type End = Status | `${Status}: ${string}` | `CAMPUS_${string}`;

const short = ({ type }: BillFact): string => type.replace('bill.', '');

const publishes = (command: BillCommand, facts: readonly BillFact[]): void => {
  let state = given(...facts).state;
  for (const fact of scene.decide(command, state, { at })) {
    state = evolve(state, fact);
    if (scene.contracts[fact.type] === 'private') continue;
    const text = JSON.stringify(published(scene, fact, state, `bill_${'a'.repeat(26)}`));
    for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
  }
};

/** Plays every pair of a table: how it ends, that a repeat a year later changes nothing, and that what is published keeps its contract. */
export const playTable = <Name extends string>(commands: Record<Name, BillCommand>, ends: Record<Row, Record<Name, End>>): void => {
  const pairs = Object.entries<Record<Name, End>>(ends).flatMap(([row, cells]) =>
    Object.entries<End>(cells).map(([name, end]) => ({ row: row as Row, name: name as Name, end })),
  );
  describe.each(pairs)('$row meets $name: $end', ({ row, name, end }) => {
    const before = given(...rows[row]);
    const command = commands[name];

    if (end.startsWith('CAMPUS_')) {
      test('it is refused, however often it comes', () => {
        before.when(command).refused(end);
        before.when(command, aYearLater).refused(end);
      });
      return;
    }

    test('it ends so, and coming again it changes nothing', () => {
      const facts = scene.decide(command, before.state, { at });
      const after = facts.reduce(evolve, before.state);
      expect([after.status, facts.map(short).join(', ')].filter(Boolean).join(': ')).toBe(end);
      expect(scene.decide(command, after, { at: command.type === 'Wake' ? at : aYearLater })).toEqual([]);
    });

    test('what it publishes keeps its contract and names nobody', () => publishes(command, rows[row]));
  });
};
