import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { billIds } from '@scenefi/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppUser, appUser, issueBill } from './app-user.ts';
import { type Cluster, startCluster } from './cluster.ts';

/** Between every two steps of a debit, a credit and a delivery: each kills the first process that comes there, once. */
const places = [
  'after-save payment requested',
  'after-publish payment requested',
  'after-effect reserve',
  'after-save bill leased',
  'after-publish bill leased',
  'after-save payment debiting',
  'after-publish payment debiting',
  'before-effect debit',
  'after-effect debit',
  'after-save payment debited',
  'after-publish payment debited',
  'after-save bill debited',
  'before-effect post',
  'after-effect post',
  'after-save bill written-off',
  'after-save payment settled',
  'before-commit campus.bill.v1',
  'before-commit payments.payment.v1',
  'after-save bill reversing',
  'after-save payment reversing',
  'before-effect credit',
  'after-effect credit',
  'after-save payment reversed',
];
let marks: string;
let cluster: Cluster;

beforeAll(async () => {
  marks = mkdtempSync(join(tmpdir(), 'scenefi-marks-'));
  const env = { FAIL_POINTS: places.join(','), FAIL_MARKS: marks, SESSION_TIMEOUT_MS: '6000', LEASE_MS: '600000' };
  const replicas = { campus: 2, payments: 2, notifier: 2 };
  cluster = await startCluster({ what: 'crashes', keepEarlyMs: 60_000, replicas, env });
});

afterAll(async () => {
  await cluster.stop();
  rmSync(marks, { recursive: true, force: true });
});

type Booked = { key: string; status: string; order: { amountFen: number } };

/** What the core bank's own file says it did under keys of this payment. */
const bookedFor = (paymentId: string): string[] =>
  readFileSync(cluster.bankFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(paymentId))
    .map((line) => JSON.parse(line) as Booked)
    .map(({ key, status, order }) => `${key.slice(paymentId.length + 1)} ${status} ${order.amountFen}`);

/** Pays a bill of a school that behaves as the word says; a gateway that cannot tell yet is asked again under the same key. */
const pay = async (user: AppUser, word: string, statuses: string[]) => {
  const [school] = cluster.schools;
  const bill = await issueBill(cluster, school!, `crash~${word}`);
  const billId = billIds.of(bill.partnerId, bill.billNo);
  await expect.poll(async () => (await user.link(bill)).status, { timeout: 60_000 }).toBe(200);
  await user.bill(billId, 'issued');
  const from = await user.account();
  let paymentId = '';
  await expect
    .poll(
      async () => {
        const { status, body } = await user.pay(billId, bill.amountFen, from, `pay-${word}`);
        if (status === 202) paymentId = body.payment.paymentId;
        return status;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(202);
  return { billId, payment: await user.payment(paymentId, ...statuses) };
};

test('a process killed between any two steps of a debit, a credit and a delivery changes no outcome', { timeout: 600_000 }, async () => {
  const user = await appUser(cluster, 'crash-user');
  const settled = await pay(user, 'none', ['settled']);
  const reversed = await pay(user, 'reject', ['reversed']);
  const refunded = await pay(user, 'refund', ['settled']);
  await user.bill(settled.billId, 'written-off');
  await user.bill(reversed.billId, 'issued');
  await user.bill(refunded.billId, 'refunded');

  expect(bookedFor(settled.payment.paymentId)).toEqual(['debit applied 150000']);
  expect(bookedFor(reversed.payment.paymentId)).toEqual(['debit applied 150000', 'reversal applied 150000']);
  expect(bookedFor(refunded.payment.paymentId)).toEqual(['debit applied 150000', expect.stringMatching(/^refund:\S+ applied 150000$/)]);
  expect(readdirSync(marks).sort(), 'every place killed a process').toEqual([...places].sort());
  await cluster.untilReady();
  expect(await cluster.untilQuiet()).toBe(true);
  expect((await cluster.snapshot()).ledger).toMatchObject({ balanced: true, sumFen: 0, entries: 7 });
});
