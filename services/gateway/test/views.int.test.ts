import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { getJson, internalToken, namespace, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accountId,
  ask,
  billed,
  billId,
  customer,
  type Gateway,
  isReady,
  linked,
  linkTo,
  openGateway,
  paid,
  paymentIdOf,
} from './gateway-under-test.ts';

const prefix = namespace('gateway-views');
let on: Gateway;
let bus: RawBus;
let url: string;

beforeAll(async () => {
  bus = await rawBus(prefix);
  on = await openGateway(prefix);
  url = on.gateway.url;
  await isReady(url);
});

afterAll(async () => {
  await Promise.all([on.stop(), bus.close()]);
});

type Generation = { generation: number; sizes?: { bills: number; payments: number; links: number } };
type Views = { present?: Generation; building?: Generation };
const views = async (of: { url: string } = on.gateway) => (await getJson<Views>(of, '/internal/views')).body;
const rebuild = (of: { url: string } = on.gateway) =>
  fetch(`${of.url}/internal/views/rebuild`, { method: 'POST', headers: { authorization: `Bearer ${internalToken}` } });
const present = (generation: number, of: { url: string } = on.gateway) =>
  until(`generation ${generation} is read`, async () => {
    const { present, building } = await views(of);
    return present?.generation === generation && !building;
  });
const seesBill = async (at: string, name: string): Promise<boolean> =>
  (await ask(at, customer('parent'), `/v1/bills/${billId(name)}`)).status === 200;
const bill = (name: string, version = 1, title = '学费') =>
  billed(bus, name, { accountId: accountId('child'), holderHash: 'hash-of-child', title }, version);

test('the first generation is built by the first process, and no other', async () => {
  expect(await views()).toMatchObject({ present: { generation: 1, sizes: { bills: 0, payments: 0, links: 0 } } });
  await bill('one');
  await linked(bus, 'parent', 1, linkTo('child'));
  await until('it is seen', () => seesBill(url, 'one'));
});

test('a rebuild is seen by nobody: every read between its begin and its end is answered, and facts go on flowing', async () => {
  await bill('two');
  await paid(bus, 'requested', 1, { customerId: customer('parent'), paymentId: paymentIdOf('p') });
  await until('both are seen', async () => (await seesBill(url, 'one')) && (await seesBill(url, 'two')));
  await on.gateway.spy.awaitEnd(`${paymentIdOf('p')}:1`, 'done');
  const replica = await on.replica();
  await isReady(replica.url);
  const statuses = new Map<string, number>();
  let flows = true;
  const read = async (at: string, path: string): Promise<void> => {
    while (flows) {
      const { status } = await ask(at, customer('parent'), path);
      const name = `${path} ${status}`;
      statuses.set(name, (statuses.get(name) ?? 0) + 1);
    }
  };
  const paths = [`/v1/bills/${billId('one')}`, `/v1/bills/${billId('two')}`, `/v1/payments/${paymentIdOf('p')}`];
  const reads = Promise.all(paths.flatMap((path) => [read(url, path), read(replica.url, path)]));

  const begun = await rebuild();
  expect([begun.status, await begun.json()]).toEqual([202, { building: 2 }]);
  const again = await rebuild(replica);
  expect([again.status, await again.json()]).toMatchObject([409, { code: 'GATEWAY_VIEWS_BEING_BUILT' }]);
  await bill('three');
  await Promise.all([present(2), present(2, replica)]);
  await until('what came meanwhile is seen', async () => (await seesBill(url, 'three')) && (await seesBill(replica.url, 'three')));
  flows = false;
  await reads;
  expect([...statuses.keys()].sort()).toEqual(paths.map((path) => `${path} 200`).sort());
  await replica.stop();
});

test('the views that were left are closed, and those that are read go on', async () => {
  await until('the old ones are closed', () =>
    on.gateway.logger.lines.some(({ sentence, fields }) => sentence === 'views are closed' && fields.generation === 1),
  );
  await bill('one', 2, '学费（更正）');
  await until('a change is seen', async () => {
    const { body } = await ask(url, customer('parent'), `/v1/bills/${billId('one')}`);
    return String(body.title) === '学费（更正）';
  });
  const old = await rawDatabase(prefix, 'gateway-g1');
  expect(await old.db.collection('bills').countDocuments({ 'state.picture.title': '学费（更正）' })).toBe(0);
  await old.close();
});

test('a process that starts later reads the present generation and opens no other', async () => {
  const late = await on.replica();
  await isReady(late.url);
  expect(await seesBill(late.url, 'three')).toBe(true);
  const opened = late.logger.lines.filter(({ sentence }) => sentence === 'opening views').map(({ fields }) => fields.generation);
  expect(opened).toEqual([2]);
  await late.stop();
});

test('a rebuild goes on where the process that began it has died', async () => {
  await rebuild();
  await on.gateway.stop();
  const next = await on.replica();
  await isReady(next.url);
  expect(await seesBill(next.url, 'one')).toBe(true);
  await present(3, next);
  expect(await seesBill(next.url, 'three')).toBe(true);
  await next.stop();
  on = { ...on, gateway: await on.replica() };
  url = on.gateway.url;
  await isReady(url);
});

test('both generations end in the same views, whatever order and repeats the facts came in', async () => {
  for (const version of [5, 3, 4, 3]) await bill('mixed', version, `as of ${version}`);
  await linked(bus, 'parent', 4, linkTo('child'));
  await linked(bus, 'parent', 3);
  await paid(bus, 'settled', 3, { customerId: customer('parent'), paymentId: paymentIdOf('q') });
  await paid(bus, 'requested', 1, { customerId: customer('parent'), paymentId: paymentIdOf('q') });
  await on.gateway.spy.awaitEnd(`${paymentIdOf('q')}:1`, 'done');
  await on.gateway.spy.awaitEnd(`${customer('parent')}:3`, 'done');
  await on.gateway.spy.awaitEnd(`${billId('mixed')}:3`, 'done', 2);
  expect((await rebuild()).status).toBe(202);
  await present(4);
  const [before, after] = await Promise.all([rawDatabase(prefix, 'gateway-g3'), rawDatabase(prefix, 'gateway-g4')]);
  for (const name of ['bills', 'payments', 'links']) {
    const statesOf = ({ db }: typeof before) =>
      db
        .collection(name)
        .find({}, { projection: { state: 1 }, sort: { _id: 1 } })
        .toArray();
    const states = await statesOf(after);
    expect(states.length).toBeGreaterThan(0);
    expect(states).toEqual(await statesOf(before));
  }
  await Promise.all([before.close(), after.close()]);
});

const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'views.ts');
const command = (action: string) =>
  promisify(execFile)(process.execPath, [script, action], { env: { SERVICE_URLS: url, INTERNAL_TOKEN: internalToken } });

test('the command for operators begins a rebuild and ends once it is read', async () => {
  const { stdout } = await command('rebuild');
  expect(stdout).toMatch(/building generation 5: .*\nreading generation 5: 4 bills, 2 payments, 1 customers with links\n$/s);
  expect((await command('show')).stdout).toMatch(/^reading generation 5: [^\n]*\n$/);
  await expect(command('destroy')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run views -- rebuild') });
});
