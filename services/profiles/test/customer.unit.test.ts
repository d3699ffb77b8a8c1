import { addMs } from '@scenefi/kernel';
import { published, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { customerScene } from '../src/customer.ts';
import {
  accountOf,
  aDayLater,
  askAgainMs,
  askedAgain,
  asking,
  at,
  awaitBill,
  awaited,
  confirmed,
  customerId,
  dayMs,
  denied,
  held,
  judge,
  link,
  linked,
  linkIdOf,
  locked,
  right,
  rules,
  unlink,
  unlinked,
  wake,
  wrong,
} from './profile-words.ts';

const scene = customerScene(rules);
const given = scenario(scene, { at });

test('a link waits until its account has said who holds it', () => {
  const state = given().when(link('a', right)).then(linked('a'));
  expect(scene.effectsOf?.(state, customerId)).toEqual([
    { kind: 'ask', key: `${linkIdOf('a')}:request-a-${right}`, attempt: 0, until: asking.until, about: accountOf('a') },
  ]);
  expect(scene.wakeAt?.(state)).toEqual({ at: asking.until, takes: false });
});

test('the name on the bill confirms the link, and nothing more is asked', () => {
  const state = given(linked('a')).when(judge('a')).then(confirmed('a'));
  expect(scene.effectsOf?.(state, customerId)).toEqual([]);
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('another name on the bill refuses the link, which stays to be seen', () => {
  const state = given(linked('a')).when(judge('a', wrong)).then(denied('a'));
  expect(published(scene, denied('a'), state, customerId)).toMatchObject({ links: [{ accountId: accountOf('a'), status: 'refused' }] });
});

test('an account without a bill is not asked again: it tells by itself', () => {
  const state = given(linked('a')).when(awaitBill('a')).then(awaited('a'));
  expect(scene.effectsOf?.(state, customerId)).toEqual([]);
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('an account that does not answer is asked again, twice as long apart each time, at most an hour', () => {
  let state = given(linked('a')).state;
  let now = asking.until;
  const waits: number[] = [];
  for (let times = 0; times < 12; times += 1) {
    const [fact] = scene.decide(wake, state, { at: now });
    state = scene.evolve(state, fact!, now);
    const [effect] = scene.effectsOf?.(state, customerId) ?? [];
    expect(effect).toMatchObject({ key: `${linkIdOf('a')}:request-a-${right}`, attempt: times + 1 });
    waits.push(Date.parse(effect!.until) - Date.parse(now));
    now = effect!.until;
  }
  expect(waits.slice(0, 3)).toEqual([10_000, 20_000, 40_000]);
  expect(waits.at(-1)).toBe(60 * 60 * 1000);
});

test('a wake-up asks only about the links whose time has come', () => {
  const secondAsked = addMs(at, 1_000);
  const second = { ...linked('b'), asking: { attempt: 0, until: addMs(secondAsked, askAgainMs) } } as ReturnType<typeof linked>;
  const state = given(linked('a'), second)
    .when(wake, asking.until)
    .then({ type: 'customer.asked-again', accountId: accountOf('a'), asking: askedAgain });
  expect(scene.wakeAt?.(state)?.at).toBe(addMs(secondAsked, askAgainMs));
});

test('another name for the same account replaces the link, and an answer to the earlier request ends nothing', () => {
  const replaced = given(linked('a'), awaited('a')).when(link('a', wrong)).then(linked('a', wrong));
  expect(replaced.links).toHaveLength(1);
  given(linked('a'), linked('a', wrong)).when(awaitBill('a')).then();
});

test('the third wrong name within a day locks the customer for a day, over all accounts', () => {
  const tried = given(linked('a', wrong), denied('a'), linked('b', wrong), denied('b'), linked('c', wrong));
  const state = tried.when(judge('c')).then(denied('c'), locked);
  expect(state).toMatchObject({ lockedUntil: aDayLater, wrongNames: [] });
  expect(() => scene.decide(link('d', right), state, { at: addMs(aDayLater, -1) })).toThrow(
    expect.objectContaining({ code: 'PROFILES_LOCKED', details: { detail: 'try again after 2026-09-02T08:00:00.000+08:00' } }),
  );
  expect(scene.decide(link('d', right), state, { at: aDayLater })).toHaveLength(1);
});

test('the same account counts as often as it is tried', () => {
  const twice = [linked('a', wrong), denied('a'), linked('a', 'second'), denied('a')];
  given(...twice, linked('a', 'third'))
    .when(judge('a'))
    .then(denied('a'), locked);
});

test.each([
  ['a wrong name of more than a day ago no longer counts', dayMs, [denied('c')]],
  ['a wrong name of less than a day ago still counts', dayMs - 1, [denied('c'), { ...locked, until: addMs(at, 2 * dayMs - 1) }]],
])('%s', (_what, laterMs, facts) => {
  given(linked('a', wrong), denied('a'), linked('b', wrong), denied('b'), linked('c', wrong))
    .when(judge('c'), addMs(at, laterMs))
    .then(...(facts as ReturnType<typeof denied>[]));
});

test('unlinking what was refused does not make a wrong name forgotten', () => {
  const twice = [linked('a', wrong), denied('a'), unlinked('a'), linked('a', 'second'), denied('a'), unlinked('a')];
  given(...twice, linked('a', 'third'))
    .when(judge('a'))
    .then(denied('a'), locked);
});

test('of many guesses sent at once three are answered, and the others wait until the lock has ended', () => {
  const letters = ['a', 'b', 'c', 'd', 'e'];
  let state = given(...letters.map((letter) => linked(letter, letter === 'd' ? right : wrong))).state;
  for (const letter of letters) for (const fact of scene.decide(judge(letter), state, { at })) state = scene.evolve(state, fact, at);
  const statuses = () => Object.fromEntries(state.links.map(({ accountId, status }) => [accountId.at(-1), status]));
  expect(statuses()).toEqual({ a: 'refused', b: 'refused', c: 'refused', d: 'pending', e: 'pending' });
  expect(scene.wakeAt?.(state)).toEqual({ at: aDayLater, takes: false });

  for (const fact of scene.decide(wake, state, { at: aDayLater })) state = scene.evolve(state, fact, aDayLater);
  expect(scene.effectsOf?.(state, customerId).map(({ about, attempt }) => [about?.at(-1), attempt])).toEqual([
    ['d', 0],
    ['e', 0],
  ]);
  for (const fact of scene.decide(judge('d'), state, { at: aDayLater })) state = scene.evolve(state, fact, aDayLater);
  expect(statuses()).toMatchObject({ d: 'linked', e: 'pending' });
});

test('what is asked after a lock has another key, since the answer before it was taken', () => {
  const before = given(linked('a')).state;
  const after = given(linked('a'), locked, held('a')).when(wake, aDayLater).state();
  const keyOf = (state: typeof before) => scene.effectsOf?.(state, customerId)[0]?.key;
  expect(keyOf(after)).toBe(`${keyOf(before)}:${aDayLater}`);
});

test('what was held and then judged is asked about no more', () => {
  const asked = {
    type: 'customer.asked-again',
    accountId: accountOf('a'),
    asking: { attempt: 0, until: addMs(aDayLater, askAgainMs) },
  } as const;
  const state = given(linked('a'), locked, held('a'), asked).when(judge('a'), aDayLater).then(confirmed('a'));
  expect(scene.wakeAt?.(state)).toBeUndefined();
});

test('fifty accounts may be followed; the next is refused, and another name for one of them is not', () => {
  const names = [...'abcde'].flatMap((first) => [...'fghijklmno'].map((second) => first + second));
  const full = given(...names.map((name) => linked(name)));
  full.when(link('z', right)).refused('PROFILES_TOO_MANY_LINKS');
  full.when(link('af', wrong)).then(linked('af', wrong));
});

test('what is unlinked is gone, and others stay', () => {
  const state = given(linked('a'), confirmed('a'), linked('b')).when(unlink('a')).then(unlinked('a'));
  expect(state.links.map(({ accountId }) => accountId)).toEqual([accountOf('b')]);
});

test('a fact carries all links as others see them, and nothing of requests and questions', () => {
  const { state } = given(linked('a'), confirmed('a'), linked('b'));
  const { linkId, requestId: _own, ...claim } = (linked('b') as Extract<ReturnType<typeof linked>, { claimed: object }>).claimed;
  expect(published(scene, linked('b'), state, customerId)).toEqual({
    customerId,
    links: [
      { ...claim, linkId: linkIdOf('a'), accountId: accountOf('a'), status: 'linked' },
      { ...claim, linkId, status: 'pending' },
    ],
  });
});
