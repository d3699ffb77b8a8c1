import { namespace, type RawBus, rawBus, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, ask, billed, billId, customer, type Gateway, isReady, linked, linkTo, openGateway } from './gateway-under-test.ts';
import { problem } from './stand-in.ts';

const prefix = namespace('gateway-bills');
let on: Gateway;
let bus: RawBus;
let url: string;

beforeAll(async () => {
  [on, bus] = await Promise.all([openGateway(prefix), rawBus(prefix)]);
  url = on.gateway.url;
  await isReady(url);
});

afterAll(async () => {
  await Promise.all([on.stop(), bus.close()]);
});

type Bills = { bills: { billId: string; [field: string]: unknown }[]; next: string | null };
const billsOf = async (name: string, query = ''): Promise<Bills> => (await ask(url, customer(name), `/v1/bills${query}`)).body as never;
const idsOf = ({ bills }: Bills): string[] => bills.map(({ billId }) => billId);
const sees = (name: string, ...bills: string[]) =>
  until(`${name} sees ${bills}`, async () => idsOf(await billsOf(name)).join() === bills.map(billId).join());

test('a linked account shows the bills that were there before, as the app reads them', async () => {
  await billed(bus, 'earlier', { accountId: accountId('earlier'), holderHash: 'hash-of-earlier' });
  expect(idsOf(await billsOf('parent'))).toEqual([]);
  await linked(bus, 'parent', 1, linkTo('earlier'));
  await sees('parent', 'earlier');
  const { status, body } = await ask(url, customer('parent'), `/v1/bills/${billId('earlier')}`);
  expect(status).toBe(200);
  expect(body).toEqual({
    billId: billId('earlier'),
    scene: 'campus',
    partnerId: 'school-a',
    reference: 'B-earlier',
    linkId: linkTo('earlier').linkId,
    holderMasked: '王*明',
    title: '2026年秋季学费',
    status: 'issued',
    amountFen: 150_000,
    paidFen: 0,
    dueAt: '2099-09-30T23:59:59.000+08:00',
    payableAfterDue: false,
    detail: { schoolName: '星河区实验小学', selection: 'fixed', revision: 0, items: [] },
  });
});

test("a bill is seen by whoever linked its account under its holder's name, and by nobody else", async () => {
  await billed(bus, 'mine', { accountId: accountId('shared'), holderHash: 'hash-of-shared' });
  await linked(bus, 'owner', 1, linkTo('shared'));
  await linked(bus, 'spouse', 1, linkTo('other'), linkTo('shared'));
  await linked(bus, 'waiting', 1, linkTo('shared', { status: 'pending' }));
  await linked(bus, 'refused', 1, linkTo('shared', { status: 'refused' }));
  await linked(bus, 'misnamed', 1, linkTo('shared', { holderHash: 'hash-of-somebody-else' }));
  await linked(bus, 'neighbour', 1, linkTo('elsewhere'));
  for (const name of ['waiting', 'refused', 'misnamed', 'neighbour']) await on.gateway.spy.awaitEnd(`${customer(name)}:1`, 'done');
  await sees('owner', 'mine');
  await sees('spouse', 'mine');
  for (const name of ['waiting', 'refused', 'misnamed', 'neighbour', 'stranger']) {
    expect([name, idsOf(await billsOf(name))]).toEqual([name, []]);
    const { status, body } = await ask(url, customer(name), `/v1/bills/${billId('mine')}`);
    expect([name, status, body.code]).toEqual([name, 404, 'GATEWAY_BILL_NOT_FOUND']);
  }
});

test('a reused number shows the bills of its new holder only to who linked it anew', async () => {
  const account = { accountId: accountId('reused') };
  await billed(bus, 'before', { ...account, holderHash: 'hash-of-reused' });
  await billed(bus, 'after', { ...account, holderHash: 'hash-of-new-holder' });
  await linked(bus, 'old-parent', 1, linkTo('reused'));
  await linked(bus, 'new-parent', 1, linkTo('reused', { holderHash: 'hash-of-new-holder' }));
  await sees('old-parent', 'before');
  await sees('new-parent', 'after');
});

test('whoever unlinks sees nothing more, and a link heard late changes nothing', async () => {
  await billed(bus, 'unlinked', { accountId: accountId('unlinked'), holderHash: 'hash-of-unlinked' });
  await linked(bus, 'leaver', 1, linkTo('unlinked'));
  await sees('leaver', 'unlinked');
  await linked(bus, 'leaver', 3);
  await sees('leaver');
  await linked(bus, 'leaver', 2, linkTo('unlinked'));
  await on.gateway.spy.awaitEnd(`${customer('leaver')}:2`, 'done');
  expect(idsOf(await billsOf('leaver'))).toEqual([]);
});

test('pages follow the due time, and equal times their ids, without a gap or a repeat', async () => {
  const names = ['pa', 'pb', 'pc', 'pd', 'pe'];
  const dueAt = (day: number) => `2099-10-0${day}T00:00:00.000Z` as const;
  const account = { accountId: accountId('pages'), holderHash: 'hash-of-pages' };
  for (const [index, name] of names.entries()) await billed(bus, name, { ...account, dueAt: dueAt(index === 0 ? 9 : 1 + (index % 2)) });
  await linked(bus, 'reader', 1, linkTo('pages'));
  await sees('reader', 'pc', 'pe', 'pb', 'pd', 'pa');
  const first = await billsOf('reader', '?limit=2');
  const second = await billsOf('reader', `?limit=2&cursor=${first.next}`);
  const third = await billsOf('reader', `?limit=2&cursor=${second.next}`);
  expect([first, second, third].map(idsOf)).toEqual([['pc', 'pe'].map(billId), ['pb', 'pd'].map(billId), ['pa'].map(billId)]);
  expect(third.next).toBeNull();
  expect(idsOf(await billsOf('reader', `?dueBefore=${encodeURIComponent('2099-10-02T08:00:00+08:00')}`))).toEqual(['pc', 'pe'].map(billId));
  await billed(bus, 'pc', { ...account, dueAt: dueAt(1), status: 'paid-elsewhere', paidFen: 150_000 }, 2);
  await until('it is paid', async () => idsOf(await billsOf('reader', '?status=paid-elsewhere')).join() === billId('pc'));
});

test.each(['/v1/bills?limit=0', '/v1/bills?limit=101', '/v1/bills?cursor=xx', '/v1/bills?dueBefore=today', '/v1/bills/bill_short'])(
  '%s breaks the contract',
  async (path) => {
    const { status, body } = await ask(url, customer('reader'), path);
    expect([status, body.code]).toEqual([400, 'HTTP_INVALID']);
  },
);

const toLink = { scene: 'campus', partnerId: 'school-a', accountNo: 'S20260001', holderName: '王小明' };

test('linking passes the command on, waits for the views, and tells no hash and no account', async () => {
  const link = linkTo('fresh');
  await billed(bus, 'fresh', { accountId: accountId('fresh'), holderHash: 'hash-of-fresh' });
  await on.gateway.spy.awaitEnd(`${billId('fresh')}:1`, 'done');
  on.profiles.answers(({ method }) => {
    // On its way when profiles answers, so that the views lag behind.
    if (method === 'POST') void linked(bus, 'linker', 1, link);
    return { status: 200, body: method === 'POST' ? { link } : { links: [link] } };
  });
  const { status, body } = await ask(url, customer('linker'), '/v1/linked-accounts', { method: 'POST', key: 'k1', body: toLink });
  const { accountId: _hidden, holderHash: _secret, ...told } = link;
  expect([status, body]).toEqual([200, { linkedAccount: told }]);
  expect(idsOf(await billsOf('linker'))).toEqual([billId('fresh')]);
  expect(on.profiles.calls.at(-1)).toMatchObject({
    path: '/internal/links',
    body: { ...toLink, customerId: customer('linker'), idempotencyKey: 'k1' },
    authorization: 'Bearer a-token-for-people-inside',
  });
  expect((await ask(url, customer('linker'), '/v1/linked-accounts')).body).toEqual({ linkedAccounts: [told] });
  expect(on.profiles.calls.at(-1)).toMatchObject({ method: 'GET', path: `/internal/links?customerId=${customer('linker')}` });
});

test('unlinking is answered once the bills are gone', async () => {
  const { linkId } = linkTo('leaving');
  await billed(bus, 'leaving', { accountId: accountId('leaving'), holderHash: 'hash-of-leaving' });
  await linked(bus, 'quitter', 1, linkTo('leaving'));
  await sees('quitter', 'leaving');
  on.profiles.answers(() => {
    void linked(bus, 'quitter', 2);
    return { status: 200, body: { links: [] } };
  });
  const { status, body } = await ask(url, customer('quitter'), `/v1/linked-accounts/${linkId}`, { method: 'DELETE' });
  expect([status, body]).toEqual([204, undefined]);
  expect(on.profiles.calls.at(-1)).toMatchObject({
    method: 'DELETE',
    path: `/internal/links/${linkId}?customerId=${customer('quitter')}`,
  });
  expect(idsOf(await billsOf('quitter'))).toEqual([]);
});

test('what profiles refuses reaches the app in its own words, and its silence is a 503', async () => {
  const linking = () => ask(url, customer('linker'), '/v1/linked-accounts', { method: 'POST', key: 'k2', body: toLink });
  on.profiles.answers(() => ({ status: 403, body: problem(403, 'PROFILES_LOCKED', 'until tomorrow') }));
  expect(await linking()).toMatchObject({ status: 403, body: { code: 'PROFILES_LOCKED', detail: 'until tomorrow' } });
  on.profiles.answers(() => ({ status: 500, body: {} }));
  const { status, body, headers } = await linking();
  expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'HTTP_UNAVAILABLE', '2']);
});

test('a link that the views do not show in time is answered all the same', async () => {
  on.profiles.answers(() => ({ status: 200, body: { link: linkTo('slow') } }));
  const { status } = await ask(url, customer('patient'), '/v1/linked-accounts', { method: 'POST', key: 'k3', body: toLink });
  expect(status).toBe(200);
});

test('a command without a key is refused before anybody is asked', async () => {
  const asked = on.profiles.calls.length;
  const { status, body } = await ask(url, customer('linker'), '/v1/linked-accounts', { method: 'POST', body: toLink });
  expect([status, body.code]).toEqual([400, 'HTTP_IDEMPOTENCY_KEY_MISSING']);
  expect(on.profiles.calls).toHaveLength(asked);
});
