import { billIds, notices, questions } from '@scenefi/contracts';
import { until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../../scripts/start/environment.ts';
import { type AppUser, appUser, issueBill } from './app-user.ts';
import { type Cluster, internalToken, postNotice, type School, startCluster } from './cluster.ts';

type Operation = { operationId: string; security?: Record<string, unknown>[] };
type Route = { service: string; method: string; path: string; operation: Operation };
type OpenApi = { paths: Record<string, Record<string, Operation>> };

let cluster: Cluster;
let owner: AppUser;
let stranger: AppUser;
/** What belongs to the owner, as somebody who overheard it would know it. */
let owned: { billId: string; paymentId: string; linkId: string; account: string; amountFen: number; billNo: string };
const routes: Route[] = [];

const linkedBill = async (user: AppUser, school: School, billNo: string) => {
  const bill = await issueBill(cluster, school, billNo);
  const link = await until('the bill is there to be linked', async () => {
    const { status, body } = await user.link(bill);
    return status === 200 && (body.linkedAccount as { linkId: string });
  });
  const billId = billIds.of(school.partnerId, billNo);
  await user.bill(billId, 'issued');
  return { ...bill, billId, linkId: link.linkId };
};

beforeAll(async () => {
  cluster = await startCluster({ what: 'access' });
  for (const service of services) {
    if (service === 'sandbox-world') continue;
    const document = (await (await fetch(`${cluster.urlOf(service)}/openapi.json`)).json()) as OpenApi;
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) routes.push({ service, method: method.toUpperCase(), path, operation });
  }
  owner = await appUser(cluster, 'owner');
  stranger = await appUser(cluster, 'stranger');
  const bill = await linkedBill(owner, cluster.schools[0]!, 'owned');
  await linkedBill(stranger, cluster.schools[0]!, 'of-the-stranger');
  const account = await owner.account();
  const { body } = await owner.pay(bill.billId, bill.amountFen, account, 'owned');
  await owner.payment(body.payment.paymentId, 'settled');
  owned = { ...bill, paymentId: body.payment.paymentId, account };
});

afterAll(() => cluster.stop());

type Request = { path: string; body?: unknown; key?: string };
/** `hidden`: 404 or 403. `unproven`: 422, since he does not know the name. `own`: answered, with nothing of the owner's in it. */
type Sample = { request: () => Request; end: keyof typeof statuses };
const statuses = { hidden: [403, 404], unproven: [422], own: [200] };

/** One request for each route of the app, by a stranger who names what is the owner's. A route without one fails the test. */
const samples: Record<string, Sample> = {
  listAccounts: { end: 'own', request: () => ({ path: `/v1/accounts?customerId=${owner.customerId}` }) },
  listBills: { end: 'own', request: () => ({ path: '/v1/bills' }) },
  getBill: { end: 'hidden', request: () => ({ path: `/v1/bills/${owned.billId}` }) },
  listLinkedAccounts: { end: 'own', request: () => ({ path: '/v1/linked-accounts' }) },
  linkAccount: {
    end: 'unproven',
    request: () => ({
      path: '/v1/linked-accounts',
      body: { scene: 'campus', partnerId: cluster.schools[0]!.partnerId, accountNo: 'S-owned', holderName: '张三' },
      key: 'steal',
    }),
  },
  unlinkAccount: { end: 'hidden', request: () => ({ path: `/v1/linked-accounts/${owned.linkId}` }) },
  pay: {
    end: 'hidden',
    request: () => ({
      path: '/v1/payments',
      body: { billId: owned.billId, expectedAmountFen: owned.amountFen, payFrom: owned.account },
      key: 'steal',
    }),
  },
  listPayments: { end: 'own', request: () => ({ path: '/v1/payments' }) },
  getPayment: { end: 'hidden', request: () => ({ path: `/v1/payments/${owned.paymentId}?waitMs=200` }) },
  listMessagesOfCustomer: { end: 'own', request: () => ({ path: '/v1/messages' }) },
};

const ofApp = (): Route[] => routes.filter(({ operation }) => operation.security?.some((scheme) => 'accessToken' in scheme));
const ofInside = (): Route[] => routes.filter(({ operation }) => operation.security?.some((scheme) => 'internalToken' in scheme));

const bare = (path: string): string => path.replaceAll(/\{\w+\}/g, 'anything');
const statusOf = async ({ service, method, path }: Route, authorization?: string): Promise<number> => {
  const headers = authorization === undefined ? {} : { authorization };
  return (await fetch(cluster.urlOf(service) + bare(path), { method, headers })).status;
};

test('every route is for the app, for us inside, for partners, or for everybody by name', () => {
  const open = routes.filter(({ operation }) => !operation.security).map(({ service, path }) => `${service} ${path}`);
  const operations = ['/health/live', '/health/ready', '/metrics'];
  const known = [...new Set(routes.map(({ service }) => service))].flatMap((service) => operations.map((path) => `${service} ${path}`));
  const signed = ['ingress /v1/partners/{partnerId}/notices', 'ingress /v1/partners/{partnerId}/questions'];
  expect(open.sort()).toEqual([...known, ...signed].sort());
  expect(ofApp().length).toBeGreaterThan(5);
  expect(ofInside().length).toBeGreaterThan(20);
});

test('every route of the app has a stranger who tries it', () => {
  expect(
    ofApp()
      .map(({ operation }) => operation.operationId)
      .sort(),
  ).toEqual(Object.keys(samples).sort());
});

test('nobody without a token, with a made-up one, or with one from inside gets into a route of the app', async () => {
  for (const route of ofApp())
    for (const authorization of [undefined, 'Bearer a.b.c', `Bearer ${internalToken}`])
      expect(await statusOf(route, authorization), `${route.method} ${route.path}`).toBe(401);
});

test('nobody without the internal token, customers least of all, gets into a route inside', async () => {
  for (const route of ofInside())
    for (const authorization of [undefined, `Bearer ${internalToken}x`, `Bearer ${owner.token}`])
      expect(await statusOf(route, authorization), `${route.service} ${route.method} ${route.path}`).toBe(401);
});

test('a stranger finds nothing of the owner, whatever he names', async () => {
  const ids = [owned.billId, owned.paymentId, owned.linkId, owned.account, owner.customerId, owned.billNo];
  for (const { method, operation } of ofApp()) {
    const { end, request } = samples[operation.operationId]!;
    const { path, body, key } = request();
    const answer = await stranger.call(method, path, body, key);
    expect(statuses[end], `${operation.operationId} answered ${answer.status}`).toContain(answer.status);
    for (const id of ids) expect(JSON.stringify(answer.body), operation.operationId).not.toContain(`"${id}"`);
  }
});

test('after all of it the owner still has what he had', async () => {
  expect((await owner.bill(owned.billId, 'written-off')).status).toBe('written-off');
  expect((await owner.payment(owned.paymentId, 'settled')).status).toBe('settled');
});

describe('partners', () => {
  const notice = (fields: object) => ({ url: cluster.ingressUrls[0]!, data: { billNo: 'owned' }, type: 'campus.bill.question', ...fields });
  const asIn = (type: string): 'notices' | 'questions' => (questions.some((question) => question.type === type) ? 'questions' : 'notices');

  test.each([...notices, ...questions].map(({ type }) => [type]))(
    '%s in the name of another partner is answered 401, before anything is read',
    async (type) => {
      const [first, second] = cluster.schools;
      const school = { partnerId: first!.partnerId, secret: second!.secret };
      const posted = await postNotice({ ...notice({ type }), school, id: `forged-${type.replaceAll('.', '-')}`, to: asIn(type) });
      expect([posted.status, posted.body]).toMatchObject([401, { code: 'INGRESS_UNAUTHORIZED' }]);
    },
  );

  test.each([
    ['campus.bill.question', {}],
    ['campus.bill.lease', {}],
    ['campus.bill.release', { leaseId: `lea_${'a'.repeat(26)}` }],
  ])('%s about a bill of another school is answered as one that does not exist', async (type, more) => {
    const school = cluster.schools[1]!;
    const data = { billNo: 'owned', ...more };
    const posted = await postNotice({ ...notice({ type, data }), school, id: `foreign-${type.replaceAll('.', '-')}`, to: 'questions' });
    expect([posted.status, posted.body]).toMatchObject([404, { code: 'CAMPUS_BILL_NOT_FOUND' }]);
  });

  test('a partner that may not serve the scene is answered 403 on every route', async () => {
    await cluster.registry.describe({ partnerId: 'a-car-park', name: '停车场', scenes: [] });
    const { secret } = await cluster.registry.issueKey('a-car-park');
    const school = { partnerId: 'a-car-park', secret };
    const closed = { type: 'campus.bill.closed', data: { billNo: 'owned', reason: 'x' } };
    await expect
      .poll(async () => (await postNotice({ ...notice(closed), school, id: 'not-mine' })).status, { timeout: 20_000, interval: 500 })
      .toBe(403);
    expect((await postNotice({ ...notice({}), school, id: 'not-mine-either', to: 'questions' })).status).toBe(403);
  });
});
