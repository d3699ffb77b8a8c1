import { createInternalCalls } from '@scenefi/http';
import { getJson, internalToken, namespace, type RawBus, rawBus, rawDatabase, testClock, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  accountIdOf,
  billFactId,
  customerOf,
  factsOf,
  factTopic,
  linkAs,
  linksOf,
  type Profiles,
  sayBilled,
  school,
  startProfiles,
  unlinkAs,
} from './profiles-under-test.ts';

const prefix = namespace('profiles');
let profiles: Profiles;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  [profiles, bus, database] = await Promise.all([startProfiles(prefix), rawBus(prefix), rawDatabase(prefix, 'profiles')]);
});

afterAll(async () => {
  expect(profiles.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await profiles.stop();
  await Promise.all([bus.close(), database.close()]);
});

const billed = async (billNo: string, bill: Parameters<typeof sayBilled>[2]): Promise<void> => {
  await sayBilled(bus, billNo, bill);
  await profiles.spy.awaitEnd(billFactId(billNo), 'done');
};

test('an account that was billed is linked at once by the name on its bill', async () => {
  await billed('b-1', { accountNo: 'S1', holderName: '王小明' });
  const { status, body } = await linkAs(profiles, 'mother', { accountNo: 'S1', holderName: ' 王小明 ' });
  expect(status).toBe(200);
  expect(body.link).toMatchObject({ status: 'linked', partnerId: school, accountId: accountIdOf('S1'), holderMasked: '王*明' });
  expect(await linksOf(profiles, 'mother')).toEqual([body.link]);
  expect(await factsOf(bus, 'mother')).toEqual(['account-linked: pending', 'account-confirmed: linked']);
});

test('an account without a bill waits for its first, which confirms the right name and refuses the wrong one', async () => {
  const waiting = await linkAs(profiles, 'early', { accountNo: 'S2', holderName: '李雷' });
  expect(waiting).toMatchObject({ status: 200, body: { link: { status: 'pending' } } });
  expect(await linkAs(profiles, 'early stranger', { accountNo: 'S2', holderName: '韩梅' })).toMatchObject({ status: 200 });
  await billed('b-2', { accountNo: 'S2', holderName: '李雷' });
  await until('the link is confirmed', async () => (await linksOf(profiles, 'early'))[0]?.status === 'linked');
  await until('the other is refused', async () => (await linksOf(profiles, 'early stranger'))[0]?.status === 'refused');
  const account = database.db.collection<{ _id: string; state: { watchers: string[] } }>('accounts');
  await until('nobody is left to be told', async () => (await account.findOne({ _id: accountIdOf('S2') }))?.state.watchers.length === 0);
  expect(await factsOf(bus, 'early')).toEqual(['account-linked: pending', 'account-confirmed: linked']);
  expect(await factsOf(bus, 'early stranger')).toEqual(['account-linked: pending', 'account-denied: refused']);
});

test('a wrong name is refused, the third locks this customer and nobody else', async () => {
  await billed('b-3', { accountNo: 'S3', holderName: '王小明' });
  for (const holderName of ['王大明', '王中明', '王明明'])
    expect(await linkAs(profiles, 'guesser', { accountNo: 'S3', holderName })).toMatchObject({
      status: 422,
      body: { code: 'PROFILES_NAME_DIFFERS' },
    });
  const locked = await linkAs(profiles, 'guesser', { accountNo: 'S3', holderName: '王小明', key: 'again' });
  expect(locked).toMatchObject({ status: 403, body: { code: 'PROFILES_LOCKED', detail: expect.stringMatching(/^try again after \d{4}/) } });
  expect(await linkAs(profiles, 'guesser', { accountNo: 'S3', holderName: '王小明', key: 'again' })).toEqual({
    ...locked,
    body: { ...locked.body, instance: expect.any(String) },
  });
  expect(await linkAs(profiles, 'father', { accountNo: 'S3', holderName: '王小明' })).toMatchObject({
    body: { link: { status: 'linked' } },
  });
  expect((await linksOf(profiles, 'guesser')).map(({ status }) => status)).toEqual(['refused']);
});

test('of twenty guesses sent at once three are judged', async () => {
  const numbers = Array.from({ length: 20 }, (_, number) => `G${number}`);
  for (const accountNo of numbers) await billed(`b-${accountNo}`, { accountNo, holderName: '王小明' });
  await Promise.all(numbers.map((accountNo) => linkAs(profiles, 'crowd', { accountNo, holderName: '陈晨' })));
  expect((await linksOf(profiles, 'crowd')).filter(({ status }) => status === 'refused')).toHaveLength(3);
});

test('the lock ends, what it held is judged, and the customer may link again', async () => {
  const own = namespace('profiles-lock');
  const short = await startProfiles(own, { env: { LOCK_MS: '3000', ASK_AGAIN_MS: '200' } });
  const ownBus = await rawBus(own);
  const numbers = ['S1', 'S2', 'S3', 'S4'];
  for (const accountNo of numbers) await linkAs(short, 'hasty', { accountNo, holderName: accountNo === 'S4' ? '王小明' : '陈晨' });
  for (const accountNo of numbers.slice(0, 3)) {
    await sayBilled(ownBus, accountNo, { accountNo, holderName: '王小明' });
  }
  await until('three are refused', async () => (await linksOf(short, 'hasty')).filter(({ status }) => status === 'refused').length === 3);
  await sayBilled(ownBus, 'S4', { accountNo: 'S4', holderName: '王小明' });
  await short.spy.awaitEnd(billFactId('S4'), 'done');
  await until('the held one is judged', async () => (await linksOf(short, 'hasty')).some(({ status }) => status === 'linked'));
  expect(await linkAs(short, 'hasty', { accountNo: 'S1', holderName: '王小明' })).toMatchObject({ body: { link: { status: 'linked' } } });
  await Promise.all([short.stop(), ownBus.close()]);
});

test('a request that comes again is the same one, and its key with another name is refused', async () => {
  await billed('b-4', { accountNo: 'S4', holderName: '王小明' });
  const request = { accountNo: 'S4', holderName: '王小明', key: 'key-1' };
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => linkAs(profiles, 'double', request)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ status: 200, body: { link: { status: 'linked' } } });
  expect(await linkAs(profiles, 'double', { ...request, holderName: '李雷' })).toMatchObject({
    status: 409,
    body: { code: 'ENGINE_ID_REUSED' },
  });
  expect(await linkAs(profiles, 'double', { ...request, key: 'key-2' })).toMatchObject({ body: { link: { status: 'linked' } } });
  expect(await factsOf(bus, 'double')).toEqual(['account-linked: pending', 'account-confirmed: linked']);
  const wrongs = await Promise.all(
    [1, 2, 3, 4].map(() => linkAs(profiles, 'double wrong', { accountNo: 'S4', holderName: '李雷', key: 'wrong' })),
  );
  expect(wrongs.map(({ body }) => body.code)).toEqual(Array(4).fill('PROFILES_NAME_DIFFERS'));
  expect(await linkAs(profiles, 'double wrong', { accountNo: 'S4', holderName: '王小明' })).toMatchObject({ status: 200 });
});

test('a bill that comes again, or late, changes nobody', async () => {
  const now = { accountNo: 'S5', holderName: '新同学', at: '2026-09-01T00:00:00.000Z' };
  await billed('b-5', now);
  await sayBilled(bus, 'b-5', now);
  await profiles.spy.awaitEnd(billFactId('b-5'), 'done', 2);
  await billed('b-5-late', { accountNo: 'S5', holderName: '老同学', at: '2025-09-01T00:00:00.000Z' });
  expect(await linkAs(profiles, 'newcomer', { accountNo: 'S5', holderName: '新同学' })).toMatchObject({
    body: { link: { status: 'linked' } },
  });
  expect(await linkAs(profiles, 'alumnus', { accountNo: 'S5', holderName: '老同学' })).toMatchObject({ status: 422 });
});

test('a link that was confirmed stays when the number goes to another student, who cannot be linked by the old name', async () => {
  await billed('b-6', { accountNo: 'S6', holderName: '老同学', at: '2025-09-01T00:00:00.000Z' });
  const first = await linkAs(profiles, 'old parent', { accountNo: 'S6', holderName: '老同学' });
  await billed('b-6-new', { accountNo: 'S6', holderName: '新同学' });
  expect(await linksOf(profiles, 'old parent')).toEqual([first.body.link]);
  expect(await linkAs(profiles, 'late parent', { accountNo: 'S6', holderName: '老同学' })).toMatchObject({ status: 422 });
  const anew = await linkAs(profiles, 'old parent', { accountNo: 'S6', holderName: '新同学' });
  expect(anew.body.link).toMatchObject({ linkId: first.body.link?.linkId, status: 'linked' });
  expect(anew.body.link?.holderHash).not.toBe(first.body.link?.holderHash);
});

test('only its own customer unlinks an account, and may link and unlink it again', async () => {
  await billed('b-7', { accountNo: 'S7', holderName: '王小明' });
  for (const round of ['one', 'two']) {
    const { body } = await linkAs(profiles, 'fickle', { accountNo: 'S7', holderName: '王小明', key: round });
    const { linkId } = body.link!;
    expect(await unlinkAs(profiles, 'stranger', linkId)).toMatchObject({ status: 404, body: { code: 'PROFILES_LINK_NOT_FOUND' } });
    expect(await unlinkAs(profiles, 'fickle', linkId)).toEqual({ status: 200, body: { links: [] } });
    expect(await unlinkAs(profiles, 'fickle', linkId)).toMatchObject({ status: 404 });
    expect(await linksOf(profiles, 'fickle')).toEqual([]);
  }
  const round = ['account-linked: pending', 'account-confirmed: linked', 'account-unlinked:'];
  expect(await factsOf(bus, 'fickle')).toEqual([...round, ...round]);
});

test('the client of our own services speaks to every route', async () => {
  const callProfiles = createInternalCalls({ baseUrl: profiles.url, token: internalToken, clock: testClock('2026-09-01T00:00:00.000Z') });
  const answer = z.object({ links: z.array(z.object({ linkId: z.string() })) });
  const ofMother = `customerId=${customerOf('mother')}`;
  const { links } = await callProfiles({ method: 'GET', path: `/internal/links?${ofMother}`, answer });
  expect(links).toHaveLength(1);
  const path = `/internal/links/${links[0]!.linkId}?${ofMother}`;
  expect(await callProfiles({ method: 'DELETE', path, answer })).toEqual({ links: [] });
});

test('what breaks the contract of a request is refused, and nobody is answered without the token', async () => {
  const bad = { accountNo: 'S8', holderName: '王小明' };
  expect(await linkAs(profiles, 'odd', { ...bad, accountNo: '学号 8' })).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } });
  expect(await linkAs(profiles, 'odd', { ...bad, holderName: '  ' })).toMatchObject({ status: 400 });
  expect(await linkAs(profiles, 'odd', { ...bad, scene: 'casino' })).toMatchObject({ status: 400 });
  expect(await linkAs(profiles, 'odd', { ...bad, key: 'a b' })).toMatchObject({ status: 400 });
  expect(await linkAs(profiles, 'odd', bad, 'a-token-of-somebody-else')).toMatchObject({
    status: 401,
    body: { code: 'HTTP_UNAUTHORIZED' },
  });
  expect(await getJson(profiles, `/internal/links?customerId=${customerOf('odd')}`, '')).toMatchObject({ status: 401 });
  expect(await getJson(profiles, '/internal/links?customerId=odd')).toMatchObject({ status: 400 });
  expect(await linksOf(profiles, 'odd')).toEqual([]);
});

test('clear names and numbers stand in no fact, no log line, no answer and no document', async () => {
  const canary = { accountNo: 'STU-77001', holderName: '端木赐香', key: 'STU-77001' };
  await linkAs(profiles, 'canary', canary);
  await linkAs(profiles, 'canary', { ...canary, holderName: '端木赐香二' });
  await billed('b-canary', canary);
  await until('it is confirmed', async () => (await linksOf(profiles, 'canary'))[0]?.status === 'linked');
  const collections = await database.db.listCollections().toArray();
  const documents = await Promise.all(collections.map(({ name }) => database.db.collection(name).find().toArray()));
  const told = JSON.stringify(
    [await bus.read(factTopic), profiles.logger.lines, await linksOf(profiles, 'canary'), documents],
    (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value),
  );
  expect(told).toContain(accountIdOf('STU-77001'));
  for (const clear of ['STU-77', '77001', '端木赐', '木赐']) expect(told).not.toContain(clear);
});
