import { scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { MailboxCommand, MailboxFact } from '../src/mailbox-state.ts';
import {
  at,
  attempted,
  failed,
  givenUp,
  idOf,
  learnt,
  partnerId,
  paymentId,
  scene,
  sent,
  standing,
  taken,
  tell,
  written,
} from './mailbox-words.ts';

const given = scenario(scene, { at });
const soon = '2026-09-01T02:00:05.000Z';
const late = '2026-09-02T02:00:00.000Z';

const debited = { paymentId, amountFen: 5, reminder: 0 };
const first = [learnt, written('a'), sent('a', 1)];
const ninth = Array.from({ length: 8 }, (_, tries) => [failed('a', at), sent('a', tries + 2)]).flat();

/** A mailbox with one letter in each way that a letter can stand; its next try, where there is one, is due in five seconds or in a day. */
const rows = {
  empty: [],
  incomplete: [learnt, written('a', 'payment.debited', debited)],
  posting: first,
  failed: [...first, failed('a', late)],
  postponed: [...first, { type: 'letter.postponed', deliveryId: idOf('a'), due: late }],
  'posting for the last time': [...first, ...ninth, failed('a', at), sent('a', 10)],
  taken: [...first, taken('a')],
  'given up': [...first, givenUp('a')],
  'posting again': [...first, taken('a'), { type: 'letter.replayed', deliveryId: idOf('a') }, sent('a', 2)],
} satisfies Record<string, MailboxFact[]>;

const commands = {
  Tell: tell('b'),
  TellAgain: tell('a'),
  Learn: { type: 'Learn', partnerId, payment: { paymentId, debitedAt: at } },
  Took: attempted('a', 1, 200),
  Failed: attempted('a', 1, 503),
  FailedTenth: attempted('a', 10, 'timeout'),
  Gone: attempted('a', 1, 410),
  Postponed: { type: 'Postponed', deliveryId: idOf('a'), attempt: 1, until: late },
  Replay: { type: 'Replay', deliveryIds: [idOf('a')] },
  Hurry: { type: 'Hurry' },
  Wake: { type: 'Wake' },
} satisfies Record<string, MailboxCommand>;

type Row = keyof typeof rows;
type Column = keyof typeof commands;

const w = 'waiting';
const notFound = 'NOTIFIER_DELIVERY_NOT_FOUND';

/** Every state meets every command: how the letters stand then, and which attempt is under way. Written by hand. */
const ends: Record<Row, Record<Column, string>> = {
  empty: {
    Tell: `${w} #1`,
    TellAgain: `${w} #1`,
    Learn: '',
    Took: '',
    Failed: '',
    FailedTenth: '',
    Gone: '',
    Postponed: '',
    Replay: notFound,
    Hurry: '',
    Wake: '',
  },
  incomplete: {
    Tell: `${w} ${w}`,
    TellAgain: w,
    Learn: `${w} #1`,
    // Nothing went out yet, so nobody can have answered; a partner that says 200 has it all the same.
    Took: 'taken',
    Failed: w,
    FailedTenth: w,
    Gone: w,
    Postponed: w,
    Replay: `${w} #1`,
    Hurry: `${w} #1`,
    Wake: w,
  },
  posting: {
    Tell: `${w} ${w} #1`,
    TellAgain: `${w} #1`,
    Learn: `${w} #1`,
    Took: 'taken',
    Failed: w,
    FailedTenth: `${w} #1`,
    Gone: 'given-up',
    Postponed: w,
    Replay: `${w} #1`,
    Hurry: `${w} #1`,
    Wake: `${w} #1`,
  },
  failed: {
    Tell: `${w} ${w}`,
    TellAgain: w,
    Learn: w,
    Took: 'taken',
    Failed: w,
    FailedTenth: w,
    Gone: w,
    Postponed: w,
    Replay: `${w} #2`,
    Hurry: `${w} #2`,
    Wake: w,
  },
  postponed: {
    Tell: `${w} ${w}`,
    TellAgain: w,
    Learn: w,
    Took: 'taken',
    Failed: w,
    FailedTenth: w,
    Gone: w,
    Postponed: w,
    Replay: `${w} #2`,
    Hurry: `${w} #2`,
    Wake: w,
  },
  'posting for the last time': {
    Tell: `${w} ${w} #10`,
    TellAgain: `${w} #10`,
    Learn: `${w} #10`,
    Took: 'taken',
    Failed: `${w} #10`,
    FailedTenth: 'given-up',
    Gone: `${w} #10`,
    Postponed: `${w} #10`,
    Replay: `${w} #10`,
    Hurry: `${w} #10`,
    Wake: `${w} #10`,
  },
  taken: {
    Tell: `taken ${w} #1`,
    TellAgain: 'taken',
    Learn: 'taken',
    Took: 'taken',
    Failed: 'taken',
    FailedTenth: 'taken',
    Gone: 'taken',
    Postponed: 'taken',
    Replay: `${w} #2`,
    Hurry: 'taken',
    Wake: 'taken',
  },
  'given up': {
    Tell: `given-up ${w} #1`,
    TellAgain: 'given-up',
    Learn: 'given-up',
    Took: 'given-up',
    Failed: 'given-up',
    FailedTenth: 'given-up',
    Gone: 'given-up',
    Postponed: 'given-up',
    Replay: `${w} #2`,
    Hurry: 'given-up',
    Wake: 'given-up',
  },
  'posting again': {
    Tell: `${w} ${w} #2`,
    TellAgain: `${w} #2`,
    Learn: `${w} #2`,
    Took: 'taken',
    Failed: `${w} #2`,
    FailedTenth: `${w} #2`,
    Gone: `${w} #2`,
    Postponed: `${w} #2`,
    Replay: `${w} #2`,
    Hurry: `${w} #2`,
    Wake: `${w} #2`,
  },
};

describe.each(Object.keys(rows) as Row[])('a mailbox whose letter is %s', (row) => {
  test.each(Object.keys(commands) as Column[])('meets %s', (column) => {
    const end = ends[row][column];
    const when = given(...rows[row]).when(commands[column]);
    if (end.startsWith('NOTIFIER_')) when.refused(end);
    else expect(standing(when.state())).toBe(end);
  });

  test.each(Object.keys(commands) as Column[])('hears %s twice and changes nothing the second time', (column) => {
    // An order of people counts each time, and says so itself.
    if (ends[row][column].startsWith('NOTIFIER_') || column === 'Replay') return;
    const facts = scene.decide(commands[column], given(...rows[row]).state, { at });
    given(...rows[row], ...facts)
      .when(commands[column])
      .then();
  });
});

test('a wake-up at its time sends what is due, complete or not', () => {
  const { letters, posting } = given(...rows.incomplete)
    .when(commands.Wake, soon)
    .state();
  expect(standing({ letters, posting: posting! })).toBe(`${w} #1`);
  expect(letters[0]?.data).toEqual({ billNo: 'B-1', ...debited });
});
