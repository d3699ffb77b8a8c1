import { addMs, epochMs, type Instant, shanghaiTime } from '@scenefi/kernel';
import { published, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { mailboxScene } from '../src/mailbox.ts';
import { evolve, lettersMax, type Mailbox, type MailboxCommand, type MailboxFact } from '../src/mailbox-state.ts';
import { retryTableMs } from '../src/retry-schedule.ts';
import {
  answer,
  at,
  attempted,
  failed,
  givenUp,
  idOf,
  learnt,
  partnerId,
  payableId,
  paymentId,
  scene,
  sent,
  standing,
  taken,
  tell,
  told,
  written,
} from './mailbox-words.ts';

const given = scenario(scene, { at });
const first = [learnt, written('a'), sent('a', 1)];
const debited = (reminder: number) => ({ paymentId, amountFen: 5, reminder });
const debitedAt: Instant = '2026-09-01T01:58:00.000Z';
const items = [{ itemNo: 'lunch', quantity: 2 }];

const fold = (mailbox: Mailbox, command: MailboxCommand, now: Instant): { mailbox: Mailbox; facts: MailboxFact[] } => {
  const facts = scene.decide(command, mailbox, { at: now });
  return { mailbox: facts.reduce((state, fact) => evolve(state, fact, now), mailbox), facts };
};

test('a letter goes out in the very save that writes it', () => {
  const state = given().when(tell('a')).then(learnt, written('a'), sent('a', 1));
  expect(scene.effectsOf?.(state, payableId)).toEqual([{ kind: 'post', key: idOf('a'), attempt: 1, until: '2026-09-01T02:00:20.000Z' }]);
  expect(scene.wakeAt?.(state)).toEqual({ at: '2026-09-01T02:00:40.000Z', takes: false });
});

test('deliveries about one thing keep their order: the next goes out in the save in which the first is taken', () => {
  const two = given(...first, written('b'));
  expect(scene.effectsOf?.(two.state, payableId)).toHaveLength(1);
  two.when(attempted('a', 1, 204)).then({ ...taken('a'), answer: answer(204) } as MailboxFact, sent('b', 1));
});

test('what is behind a letter that fails waits for it, and goes on when it is given up', () => {
  const state = given(...first, written('b'))
    .when(attempted('a', 1, 500))
    .state();
  expect(standing(state)).toBe('waiting waiting');
  given(...first, written('b'))
    .when(attempted('a', 1, 410))
    .then(givenUp('a', 410), sent('b', 1));
});

test('ten tries in three days, each within a fifth of the table, and then it is given up', () => {
  let { mailbox } = fold(scene.initial, tell('a'), at);
  let now = at;
  const waits: number[] = [];
  for (let attempt = 1; attempt < 10; attempt += 1) {
    mailbox = fold(mailbox, attempted('a', attempt, 'timeout'), now).mailbox;
    const due = scene.wakeAt?.(mailbox)?.at ?? at;
    waits.push(epochMs(due) - epochMs(now));
    const early = fold(mailbox, { type: 'Wake' }, addMs(due, -1));
    expect(early.facts).toEqual([]);
    now = due;
    mailbox = fold(mailbox, { type: 'Wake' }, now).mailbox;
    expect(mailbox.posting?.attempt).toBe(attempt + 1);
  }
  for (const [index, waitMs] of waits.entries()) {
    expect(Math.abs(waitMs / retryTableMs[index + 1]! - 1)).toBeLessThanOrEqual(0.2);
  }
  expect(new Set(waits.map((waitMs, index) => waitMs / retryTableMs[index + 1]!)).size).toBe(9);
  const end = fold(mailbox, attempted('a', 10, 'timeout'), now);
  expect(end.facts).toEqual([givenUp('a', 'timeout')]);
  expect(published(scene, end.facts[0]!, end.mailbox, payableId)).toEqual({
    deliveryId: idOf('a'),
    partnerId,
    payableId,
    telling: 'payment.reversed',
    attempts: 10,
  });
  expect(scene.wakeAt?.(end.mailbox)).toBeUndefined();
});

test('a partner that is busy is left alone as long as it asks, up to an hour', () => {
  const dueAfter = (retryAfterMs: number) =>
    scene.wakeAt?.(
      given(...first)
        .when(attempted('a', 1, 429, retryAfterMs))
        .state(),
    )?.at;
  expect(dueAfter(60_000)).toBe('2026-09-01T02:01:00.000Z');
  expect(dueAfter(86_400_000)).toBe('2026-09-01T03:00:00.000Z');
  expect(epochMs(dueAfter(1_000) ?? at) - epochMs(at)).toBeGreaterThanOrEqual(4_000);
});

test('an attempt that nobody answers for is made again under the same id, and costs no try', () => {
  const lostAt: Instant = '2026-09-01T02:00:40.000Z';
  given(...first)
    .when({ type: 'Wake' }, '2026-09-01T02:00:39.999Z')
    .then();
  const state = given(...first)
    .when({ type: 'Wake' }, lostAt)
    .then(sent('a', 2, lostAt));
  expect(state.letters[0]).toMatchObject({ tries: 0, attempt: 2 });
  expect(scene.effectsOf?.(state, payableId)).toMatchObject([{ key: idOf('a'), attempt: 2 }]);
});

test('a lost attempt is made again at its time, however short calls may be', () => {
  const brief = scenario(mailboxScene({ retryScale: 1, callbackTimeoutMs: 100 }), { at });
  const told = brief(learnt)
    .when(tell('a'))
    .then(written('a'), sent('a', 1, at, {}, 200));
  expect(scene.wakeAt?.(told)?.at).toBe('2026-09-01T02:00:00.400Z');
  const lostAt = addMs(at, 400);
  brief(learnt, written('a'), sent('a', 1, at, {}, 200))
    .when({ type: 'Wake' }, lostAt)
    .then(sent('a', 2, lostAt, {}, 200));
});

test('the late failure of a lost attempt says nothing, its late success counts', () => {
  const lost = given(...first, sent('a', 2));
  lost.when(attempted('a', 1, 500)).then();
  expect(standing(lost.when(attempted('a', 1, 200)).then(taken('a')))).toBe('taken');
});

test('what is postponed is no try', () => {
  const until: Instant = '2026-09-01T02:05:00.000Z';
  const state = given(...first)
    .when({ type: 'Postponed', deliveryId: idOf('a'), attempt: 1, until })
    .state();
  expect(state.letters[0]).toMatchObject({ tries: 0, answers: [], due: until });
  expect(scene.wakeAt?.(state)).toEqual({ at: until, takes: false });
});

test('a replay is a new series under the same id, before everything younger that waits', () => {
  const mailbox = given(...first, givenUp('a'), written('b'), sent('b', 1), failed('b', '2026-09-02T00:00:00.000Z'));
  const replayed: MailboxFact = { type: 'letter.replayed', deliveryId: idOf('a') };
  const state = mailbox.when({ type: 'Replay', deliveryIds: [idOf('a')] }).then(replayed, sent('a', 2));
  expect(state.letters[0]).toMatchObject({ tries: 0, attempt: 2, answers: [answer(503)] });
  const underWay = given(...first, taken('a'), written('b'), sent('b', 1), replayed);
  underWay.when(attempted('b', 1, 200)).then(taken('b'), sent('a', 2));
});

test('letters of one order are sent again in the order of their mailbox, whatever order they are named in', () => {
  const replayed = (name: string): MailboxFact => ({ type: 'letter.replayed', deliveryId: idOf(name) });
  given(...first, givenUp('a'), written('b'), sent('b', 1), taken('b'))
    .when({ type: 'Replay', deliveryIds: [idOf('b'), idOf('a'), idOf('unknown')] })
    .then(replayed('a'), replayed('b'), sent('a', 2));
});

test('the first letter names the bill, when it was debited and what was chosen, whichever fact comes first', () => {
  const payment = { paymentId, debitedAt, items };
  const known: MailboxFact = { type: 'mailbox.learnt', partnerId, payment };
  const contents = { billNo: 'B-1', ...debited(0), debitedAt: shanghaiTime(debitedAt), items };
  const after = given(known)
    .when(tell('a', 'payment.debited', debited(0)))
    .state();
  const before = given(learnt, written('a', 'payment.debited', debited(0)))
    .when({ type: 'Learn', partnerId, payment })
    .state();
  expect(after.letters[0]?.data).toEqual(contents);
  expect(before.letters[0]?.data).toEqual(contents);
  expect(after.posting).toEqual(before.posting);
});

test('what was said once is said again in the same words, whatever was learnt meanwhile', () => {
  const incomplete = told('a', 'refund.completed', { refundNo: 'R-1', paymentId, amountFen: 5 });
  const late: Instant = '2026-09-01T02:00:05.000Z';
  let { mailbox } = fold(scene.initial, { type: 'Tell', partnerId, told: incomplete }, at);
  expect(mailbox.posting).toBeUndefined();
  mailbox = fold(mailbox, { type: 'Wake' }, late).mailbox;
  expect(mailbox.letters[0]?.data).toEqual(incomplete.data);
  mailbox = fold(mailbox, { type: 'Learn', partnerId, reference: 'B-1' }, late).mailbox;
  mailbox = fold(mailbox, attempted('a', 1, 500), late).mailbox;
  mailbox = fold(mailbox, { type: 'Wake' }, '2026-09-01T03:00:00.000Z').mailbox;
  expect(mailbox.posting?.attempt).toBe(2);
  expect(mailbox.letters[0]?.data).toEqual(incomplete.data);
});

const nameOf = (number: number): string =>
  `n${String.fromCharCode(97 + Math.floor(number / 26))}${String.fromCharCode(97 + (number % 26))}`;

test('a mailbox keeps a hundred letters; the oldest that ended are forgotten, and never told again', () => {
  let mailbox = scene.initial;
  for (let number = 0; number < lettersMax + 5; number += 1) {
    mailbox = fold(mailbox, tell(nameOf(number)), at).mailbox;
    mailbox = fold(mailbox, attempted(nameOf(number), 1, 200), at).mailbox;
  }
  expect(mailbox.letters).toHaveLength(lettersMax);
  expect(mailbox.letters[0]?.deliveryId).toBe(idOf(nameOf(5)));
  expect(fold(mailbox, tell(nameOf(0)), at).facts).toEqual([]);
});

test('where a hundred letters wait, the oldest reminder gives way to a newer one', () => {
  let mailbox = fold(scene.initial, { type: 'Learn', partnerId, payment: { paymentId, debitedAt } }, at).mailbox;
  for (let number = 0; number < lettersMax; number += 1)
    mailbox = fold(mailbox, tell(nameOf(number), 'payment.debited', debited(number)), at).mailbox;
  const { facts, mailbox: after } = fold(mailbox, tell('z', 'payment.debited', debited(lettersMax)), at);
  expect(facts.map(({ type }) => type)).toEqual(['letter.given-up', 'letter.written']);
  expect(facts[0]).toEqual({ type: 'letter.given-up', deliveryId: idOf(nameOf(1)) });
  const standsThen = evolve(mailbox, facts[0]!, at);
  expect(published(scene, facts[0]!, standsThen, payableId)).toMatchObject({ deliveryId: idOf(nameOf(1)), attempts: 0 });
  expect(after.waiting).toBe(lettersMax);
  expect(after.letters.map(({ deliveryId }) => deliveryId)).not.toContain(idOf(nameOf(1)));
});

test('where none of them is a reminder, what comes waits until there is room', () => {
  let mailbox = scene.initial;
  for (let number = 0; number < lettersMax; number += 1) mailbox = fold(mailbox, tell(nameOf(number)), at).mailbox;
  const refusal = expect.objectContaining({ code: 'NOTIFIER_MAILBOX_FULL', retryable: true });
  expect(() => scene.decide(tell('z'), mailbox, { at })).toThrow(refusal);
});

test('the largest mailbox there can be is smaller than what the engine takes', () => {
  const chosen = Array.from({ length: 50 }, () => ({ itemNo: '9'.repeat(64), quantity: 9 }));
  const longest = answer(500, { answer: '学'.repeat(200) });
  const fail = (name: string): MailboxFact => ({ type: 'letter.failed', deliveryId: idOf(name), answer: longest, due: at });
  const full = Array.from({ length: 600 }, (_, number): MailboxFact[] => {
    const name = `${nameOf(Math.floor(number / 26))}${nameOf(number % 26)}`;
    const tries = Array.from({ length: 9 }, (_try, attempt) => [sent(name, attempt + 1, at, { items: chosen }), fail(name)]).flat();
    return [
      written(name, 'payment.debited', debited(number)),
      ...tries,
      { type: 'letter.given-up', deliveryId: idOf(name), answer: longest },
    ];
  });
  const { state } = given(learnt, ...full.flat());
  expect(state.letters).toHaveLength(lettersMax);
  expect(state.forgotten).toHaveLength(500);
  expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(1024 * 1024);
});
