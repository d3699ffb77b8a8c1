import { noticeData, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, postNotice, startCluster } from './cluster.ts';

const sessionMs = 6_000;
let cluster: Cluster;
let bus: Awaited<ReturnType<typeof rawBus>>;
let campus: Awaited<ReturnType<typeof rawDatabase>>;

beforeAll(async () => {
  const env = { SESSION_TIMEOUT_MS: String(sessionMs), TABLE_REFRESH_MS: '500' };
  cluster = await startCluster({ what: 'edges', replicas: { ingress: 2, campus: 2 }, env });
  bus = await rawBus(cluster.prefix);
  campus = await rawDatabase(cluster.prefix, 'campus');
});

afterAll(async () => {
  await bus.close();
  await campus.close();
  await cluster.stop();
});

const issued = 'campus.bill.issued';
const paid = 'campus.bill.paid';
const post = (id: string, type: string, data: object, more: object = {}) =>
  postNotice({ url: cluster.ingressUrls[0]!, school: cluster.schools[0]!, id, type, data, ...more });

const billStatus = async (billNo: string): Promise<string | undefined> => {
  const bill = await campus.db.collection('bills').findOne({ 'state.terms.billNo': billNo });
  return bill?.state.status;
};

const factsAbout = async (topic: string, reference: string) =>
  (await bus.read(topic)).filter(({ value }) => (JSON.parse(value ?? '{}') as { reference?: string }).reference === reference);

const uniqueIds = (records: readonly { headers: Record<string, string> }[]): string[] => [
  ...new Set(records.map(({ headers }) => headers.ce_id!)),
];

test('fifty identical posts over two replicas of ingress are one bill, one payment and one entry', async () => {
  const before = await cluster.snapshot();
  const send = (url: string) => post('fifty-1', issued, noticeData.issued('FIFTY'), { url, atS: Math.floor(Date.now() / 1000) });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => send(cluster.ingressUrls[index % 2]!)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const payments = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      post('fifty-2', paid, noticeData.paid('FIFTY', 'P1'), { url: cluster.ingressUrls[index % 2]! }),
    ),
  );
  expect(new Set(payments.map(({ status }) => status))).toEqual(new Set([202]));
  await cluster.untilQuiet();
  expect(uniqueIds(await factsAbout('campus.bill.v1', 'FIFTY'))).toHaveLength(2);
  expect((await cluster.snapshot()).ledger.entries).toBe(before.ledger.entries + 1);
});

test('a repeat after a restart of every service changes nothing', async () => {
  await post('again-1', issued, noticeData.issued('AGAIN'));
  await post('again-2', paid, noticeData.paid('AGAIN', 'P1'));
  await cluster.untilQuiet();
  const before = await cluster.snapshot();
  for (const name of ['ingress', 'ingress-2', 'campus', 'campus-2', 'payments', 'ledger']) cluster.signal(name, 'SIGKILL');
  await until('every service is down', () => cluster.said.filter((line) => line.includes('SIGKILL')).length >= 6);
  await cluster.untilReady();
  expect((await post('again-1', issued, noticeData.issued('AGAIN'))).status).toBe(202);
  expect((await post('again-2', paid, noticeData.paid('AGAIN', 'P1'))).status).toBe(202);
  await cluster.untilQuiet();
  const { bills, payments, ledger } = await cluster.snapshot();
  expect({ bills, payments, ledger }).toEqual({ bills: before.bills, payments: before.payments, ledger: before.ledger });
});

test('a key that is rotated counts at once, and one that is revoked counts no longer, without a restart', async () => {
  const school = cluster.schools[1]!;
  const fresh = await cluster.registry.issueKey(school.partnerId);
  const send = (secret: string, id: string) =>
    postNotice({ url: cluster.ingressUrls[1]!, school: { ...school, secret }, id, type: issued, data: noticeData.issued(id) });
  await until('the new key is taken', async () => (await send(fresh.secret, 'rotated-1')).status === 202);
  expect((await send(school.secret, 'rotated-2')).status).toBe(202);
  await cluster.registry.revokeKey(school.partnerId, school.keyId);
  await until('the old key is refused', async () => (await send(school.secret, 'rotated-3')).status === 401);
  expect((await send(fresh.secret, 'rotated-4')).status).toBe(202);
});

test('a replica of campus that sleeps past its session and goes on does no harm', async () => {
  const billNos = Array.from({ length: 60 }, (_, index) => `ZOMBIE-${index}`);
  const half = billNos.length / 2;
  for (const billNo of billNos.slice(0, half)) await post(`${billNo}-i`, issued, noticeData.issued(billNo));
  cluster.signal('campus', 'SIGSTOP');
  for (const billNo of billNos.slice(half)) await post(`${billNo}-i`, issued, noticeData.issued(billNo));
  for (const billNo of billNos) await post(`${billNo}-p`, paid, noticeData.paid(billNo, 'P1'));
  // The other replica must have taken the partitions over before the sleeper wakes.
  await until(
    'the other replica has done it all',
    async () =>
      (await campus.db.collection('bills').countDocuments({ 'state.status': 'paid-elsewhere', 'state.terms.billNo': /^ZOMBIE/ })) === 60,
  );
  cluster.signal('campus', 'SIGCONT');
  await cluster.untilReady();
  await cluster.untilQuiet();
  for (const billNo of billNos) expect(await billStatus(billNo)).toBe('paid-elsewhere');
  const facts = (await bus.read('campus.bill.v1')).filter(({ value }) => value?.includes('"ZOMBIE-'));
  expect(uniqueIds(facts)).toHaveLength(120);
  expect((await cluster.snapshot()).ledger.balanced).toBe(true);
});
