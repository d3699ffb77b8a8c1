import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { internalToken, namespace } from '@scenefi/testing/engines';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  accountNo,
  appPaymentIdOf,
  customerId,
  type Desk,
  debit,
  openDesk,
  paymentIdOf,
  sayOfPayment,
  sayPaid,
  sayRefund,
  settle,
} from './payments-under-test.ts';

const other = '6200000000000002';
let desk: Desk;

beforeAll(async () => {
  desk = await openDesk(namespace('queue'));
  desk.bank.accounts.set(customerId, [accountNo, other]);
});

afterEach(() => {
  desk.bank.setFault(() => undefined);
  desk.bank.refusals.clear();
});

afterAll(() => desk.close());

test('a payment that the school rejects is reversed, also where the account takes no money', async () => {
  await debit(desk, 'rejected');
  await desk.untilStage('rejected', 'debited');
  desk.bank.refusals.set(`credits ${accountNo}`, 'account-closed');
  await sayOfPayment(desk.bus, 'rejected', 3, 'writeOffRejected');
  await desk.untilStage('rejected', 'reversed');
  const facts = await desk.factsAbout(appPaymentIdOf('rejected'), 'reversed');
  expect(facts.map(({ verb }) => verb)).toEqual(['requested', 'debited', 'reversing', 'reversed']);
  expect(facts.at(-2)!.data).toMatchObject({ reason: 'write-off-rejected' });
  expect(facts.at(-1)!.data).toMatchObject({ returned: true, reversedFen: 150 });
});

test('a silent school calls people, who may give the money back', async () => {
  await debit(desk, 'silent');
  await desk.untilStage('silent', 'debited');
  await sayOfPayment(desk.bus, 'silent', 3, 'writeOffOverdue');
  await desk.untilView('silent', 'overdue', ({ queue }) => queue.length === 1);
  await desk.resolve('silent', 'reverse', 'wang');
  await desk.resolve('silent', 'reverse', 'li');
  await desk.untilStage('silent', 'reversed');
  expect(await desk.verbs('silent', 'reversed')).toEqual(['requested', 'debited', 'stuck', 'reversing', 'reversed']);
});

test('twenty refunds that come together do not exceed the payment', async () => {
  await settle(desk, 'twenty');
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  await Promise.all(numbers.map((number) => sayRefund(desk.bus, 'twenty', 10 + number, { refundNo: `R${number}`, refundFen: 75 })));
  const ended = ({ refunds }: { refunds: { status: string }[] }) =>
    refunds.length === 20 && refunds.every(({ status }) => status === 'completed' || status === 'refused');
  const { refunds, refundedFen } = await desk.untilView('twenty', 'all refunds ended', ended);
  expect(refunds.filter(({ status }) => status === 'completed')).toHaveLength(2);
  expect(refundedFen).toBe(150);
  const credits = [...desk.bank.books.credits.keys()].filter((key) => key.startsWith(appPaymentIdOf('twenty')));
  expect(credits).toHaveLength(2);
});

test('a refund that the account refuses goes to another account of the same customer, by two people', async () => {
  await settle(desk, 'closed');
  desk.bank.refusals.set(`credits ${accountNo}`, 'account-closed');
  await sayRefund(desk.bus, 'closed', 4, {});
  await desk.untilView('closed', 'returned', ({ refunds }) => refunds[0]?.status === 'returned');
  const of = (account: string) => ({ refundNo: 'R1', accountNo: account });
  await desk.resolve('closed', 'credit-other-account', 'wang', of('6299999999999999'));
  await desk.resolve('closed', 'credit-other-account', 'li', of('6299999999999999'));
  await desk.untilView('closed', 'refused for a stranger', ({ refunds }) => refunds[0]?.status === 'returned');
  expect([...desk.bank.books.credits.keys()].filter((key) => key.startsWith(`${appPaymentIdOf('closed')}:recredit`))).toEqual([]);
  await desk.resolve('closed', 'credit-other-account', 'wang', of(other));
  await desk.resolve('closed', 'credit-other-account', 'li', of(other));
  const done = await desk.untilView('closed', 'recredited', ({ refunds }) => refunds[0]?.status === 'recredited');
  expect(done.queue).toEqual([]);
  expect(JSON.stringify(done)).not.toContain(other);
  expect(await desk.verbs('closed', 'refund-recredited')).toEqual([
    'requested',
    'debited',
    'settled',
    'refund-returned',
    'refund-recredited',
  ]);
});

test('money from elsewhere is refunded through the channel that it came by', async () => {
  await sayPaid(desk.bus, 'counter', 2);
  await sayRefund(desk.bus, 'counter', 3, { paymentId: paymentIdOf('counter'), channel: 'counter', refundFen: 60 });
  const facts = await desk.factsAbout(paymentIdOf('counter'), 'refunded');
  expect(facts.at(-1)).toMatchObject({ verb: 'refunded', data: { status: 'recorded', refundedFen: 60, refund: { refundNo: 'R1' } } });
  const key = `${paymentIdOf('counter')}:refund:R1`;
  expect(desk.bank.calls.find(({ body }) => body.key === key)?.body).toEqual({
    key,
    amountFen: 60,
    memo: paymentIdOf('counter'),
    channel: 'counter',
    reference: 'P1',
  });
});

test('operators see and decide all of this by commands', async () => {
  const command = async (...args: string[]): Promise<string> => {
    const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'payments.ts');
    const env = { ...process.env, PAYMENTS_URL: desk.payments().url, INTERNAL_TOKEN: internalToken };
    const run = promisify(execFile)(process.execPath, [script, ...args], { env });
    return run.then(
      ({ stdout }) => stdout,
      ({ stderr }: { stderr: string }) => stderr,
    );
  };
  await debit(desk, 'desk');
  await desk.untilStage('desk', 'debited');
  await sayOfPayment(desk.bus, 'desk', 3, 'writeOffOverdue');
  await desk.untilView('desk', 'overdue', ({ queue }) => queue.length === 1);
  const id = appPaymentIdOf('desk');
  const decide = (by: string) => command('resolve', id, '--outcome', 'written-off', '--by', by, '--reason', 'the school telephoned');
  expect(await command('queue')).toMatch(`write-off-overdue  ${id}  1.50 yuan  school-a  waits 0 min`);
  expect(await decide('wang')).toBe('proposed by wang; another person has to confirm it\n');
  expect(await command('queue')).toMatch('wang proposes written-off: the school telephoned');
  expect(await decide('wang')).toBe('Another person has to confirm this decision (PAYMENTS_SECOND_PERSON_NEEDED)\n');
  expect(await decide('li')).toBe('resolved; the payment is settled\n');
  expect(JSON.parse(await command('show', id))).toMatchObject({ status: 'settled', resolutions: [{ by: ['wang', 'li'] }] });
});

test('decisions about payments that do not exist, or that say nothing, are refused', async () => {
  expect(await desk.resolve('nobody', 'failed', 'wang')).toMatchObject({ status: 404, body: { code: 'PAYMENTS_PAYMENT_NOT_FOUND' } });
  expect(await desk.resolve('silent', 'whatever', 'wang')).toMatchObject({ status: 400 });
  expect(await desk.resolve('silent', 'failed', '')).toMatchObject({ status: 400 });
});
