import { billIds } from '@scenefi/contracts';
import { getJson, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppUser, appUser, insist, issueBill } from './app-user.ts';
import { type Cluster, internalToken, postNotice, type School, startCluster } from './cluster.ts';

/** Two of everything that decides, so that every race is one between processes. */
const replicas = { ingress: 2, campus: 2, payments: 2, gateway: 2 };
/** How long a reversal is told before the money goes back. */
const graceMs = 8_000;
let cluster: Cluster;
let queueing: School;

beforeAll(async () => {
  cluster = await startCluster({
    what: 'races',
    keepEarlyMs: 60_000,
    replicas,
    env: { LEASE_MS: '60000', REVERSAL_GRACE_MS: String(graceMs) },
  });
  queueing = cluster.schools[0]!;
});

afterAll(() => cluster.stop());

const ready = async (user: AppUser, billNo: string) => {
  const bill = await issueBill(cluster, queueing, billNo, `S-${billNo.split('~')[0]}`);
  await until('the bill is there to be linked', async () => (await user.link(bill)).status === 200);
  const billId = billIds.of(bill.partnerId, billNo);
  await user.bill(billId, 'issued');
  return { ...bill, billId };
};

/** Debits and credits that the payments' own answers say were done. */
const entriesOf = async (paymentId: string): Promise<string[]> => {
  const { body } = await getJson<{ entries: { reason: string }[] }>(
    { url: cluster.urlOf('ledger') },
    `/internal/payments/${paymentId}/entries`,
    internalToken,
  );
  return body.entries.map(({ reason }) => reason);
};

const final = ['settled', 'refused', 'failed', 'reversed'];

test('of ten people who pay one bill at once one pays, and nine are told who does', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `ten-${index}`);
  const users = await Promise.all(names.map((name, index) => appUser(cluster, name, { gateway: index % 2 ? 'gateway' : 'gateway-2' })));
  const { billId, amountFen } = await ready(users[0]!, 'race-ten');
  await Promise.all(users.map((user) => ready(user, 'race-ten')));
  const accounts = await Promise.all(users.map((user) => user.account()));

  const asked = await Promise.all(users.map((user, index) => user.pay(billId, amountFen, accounts[index]!, 'race-ten')));
  const ended = await Promise.all(users.map((user, index) => user.payment(asked[index]!.body.payment.paymentId, ...final)));

  expect(ended.map(({ status }) => status).sort()).toEqual([...Array(9).fill('refused'), 'settled']);
  const codes = new Set(ended.flatMap(({ code }) => code ?? []));
  for (const code of codes) expect(['CAMPUS_IN_PAYMENT', 'CAMPUS_ALREADY_PAID']).toContain(code);
  expect((await users[0]!.bill(billId, 'written-off')).status).toBe('written-off');
});

test('the same command fifty times over two gateways is one payment', async () => {
  const user = await appUser(cluster, 'fifty');
  const { billId, amountFen } = await ready(user, 'race-fifty');
  const from = await user.account();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => user.pay(billId, amountFen, from, 'same-key', index % 2 ? 'gateway' : 'gateway-2')),
  );

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const ids = new Set(answers.map(({ body }) => body.payment.paymentId));
  expect(ids.size).toBe(1);
  await user.payment([...ids][0]!, 'settled');
  expect(await entriesOf([...ids][0]!)).toEqual(['debited', 'settled']);
  const other = await user.pay(billId, amountFen + 1, from, 'same-key');
  expect([other.status, other.body]).toMatchObject([409, { code: 'ENGINE_ID_REUSED' }]);
});

test('app and cashier never both hold a bill', async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await appUser(cluster, `cashier-${round}`);
    const { billId, billNo, amountFen } = await ready(user, `race-cashier-${round}`);
    const from = await user.account();
    const lease = { url: cluster.ingressUrls[round % 2]!, school: queueing, id: `lease-${round}`, to: 'questions' as const };

    const [paid, leased] = await Promise.all([
      user.pay(billId, amountFen, from, `cashier-${round}`),
      postNotice({ ...lease, type: 'campus.bill.lease', data: { billNo } }),
    ]);
    const payment = await user.payment(paid.body.payment.paymentId, ...final);

    if (leased.status === 200) expect(payment).toMatchObject({ status: 'refused', code: 'CAMPUS_IN_PAYMENT' });
    else {
      expect(leased).toMatchObject({ status: 409, body: { code: expect.stringMatching(/^CAMPUS_(IN_PAYMENT|ALREADY_PAID)$/) } });
      expect(payment.status).toBe('settled');
    }
  }
});

test('a bill closed while it is being debited ends closed, or paid: never both, and never with the money gone', async () => {
  const closeWhilePaid = async (round: number): Promise<void> => {
    const user = await appUser(cluster, `close-${round}`);
    // A school that writes nothing off, so that only the race decides.
    const { billId, billNo, amountFen } = await ready(user, `race-close-${round}~never`);
    const from = await user.account();
    const close = { billNo, reason: '学生转学' };

    const [paid] = await Promise.all([
      user.pay(billId, amountFen, from, `close-${round}`),
      insist(cluster.ingressUrls[round % 2]!, queueing, `close-${round}`, 'campus.bill.closed', close),
    ]);
    const payment = await user.payment(paid.body.payment.paymentId, 'refused', 'reversed');
    await user.bill(billId, 'closed');

    const entries = await entriesOf(payment.paymentId);
    expect(entries).toEqual(payment.status === 'refused' ? [] : ['debited', 'reversed']);
  };
  await Promise.all([0, 1, 2, 3, 4].map(closeWhilePaid));
});

test('a write-off against a reversal ends in one of three ways, and the books agree with each', { timeout: 240_000 }, async () => {
  const ends = new Map<string, string[]>([
    ['settled', ['debited', 'settled']],
    ['reversed', ['debited', 'reversed']],
    ['disputed', ['debited', 'reversed']],
  ]);
  const seen = new Set<string>();
  // The write-off comes before, about at, and after the moment at which the credit is sent.
  const delaysMs = [0, 3_000, graceMs - 400, graceMs - 100, graceMs + 100, graceMs + 400, 2 * graceMs];
  await Promise.all(
    delaysMs.map(async (delayMs) => {
      const user = await appUser(cluster, `against-${delayMs}`);
      const { billId, billNo, amountFen } = await ready(user, `race-against-${delayMs}~never`);
      const paid = await user.pay(billId, amountFen, await user.account(), `against-${delayMs}`);
      const { paymentId } = paid.body.payment;
      await user.payment(paymentId, 'debited');
      await insist(cluster.ingressUrls[0]!, queueing, `reject-${delayMs}`, 'campus.bill.write-off-rejected', {
        billNo,
        paymentId,
        reason: '不能销账',
      });
      await user.payment(paymentId, 'reversing');
      const startedAt = performance.now();
      await until('the moment has come', () => performance.now() - startedAt >= delayMs);
      const writeOff = { billNo, paymentId, amountFen, writtenOffAt: '2026-09-01T10:00:00+08:00' };
      await insist(cluster.ingressUrls[1]!, queueing, `off-${delayMs}`, 'campus.bill.written-off', writeOff);
      const bill = await user.bill(billId, 'written-off', 'disputed');
      const { status } = await user.payment(paymentId, bill.status === 'written-off' ? 'settled' : 'disputed');
      seen.add(status);
      await expect.poll(() => entriesOf(paymentId), { timeout: 20_000 }).toEqual(ends.get(status));
    }),
  );
  expect(seen).toEqual(new Set(['settled', 'disputed']));
});

test('twenty refunds at once never give back more than was paid', async () => {
  const user = await appUser(cluster, 'twenty');
  const { billId, billNo, amountFen } = await ready(user, 'race-twenty');
  const paid = await user.pay(billId, amountFen, await user.account(), 'twenty');
  const { paymentId } = paid.body.payment;
  await user.payment(paymentId, 'settled');

  const part = amountFen / 5;
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      insist(cluster.ingressUrls[index % 2]!, queueing, `refund-${index}`, 'campus.refund.requested', {
        billNo,
        paymentId,
        refundNo: `RF-${index}`,
        amountFen: part,
        reason: '退课',
      }),
    ),
  );

  const { db, close } = await rawDatabase(cluster.prefix, 'payments');
  const statuses = await until('every refund has ended', async () => {
    const payments = db.collection<{ _id: string; state: { refunds: { status: string }[] } }>('payments');
    const found = (await payments.findOne({ _id: paymentId }))?.state.refunds.map(({ status }) => status) ?? [];
    return found.length === 20 && !found.includes('crediting') && found;
  });
  await close();
  expect(statuses.filter((status) => status === 'completed')).toHaveLength(5);
  expect(statuses.filter((status) => status === 'refused')).toHaveLength(15);
  await expect.poll(async () => (await entriesOf(paymentId)).filter((reason) => reason === 'refunded').length, { timeout: 30_000 }).toBe(5);
  await user.bill(billId, 'refunded');
});
