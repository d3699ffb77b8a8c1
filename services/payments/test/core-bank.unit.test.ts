import { keptLogger } from '@scenefi/testing/scenario';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CoreBank, createCoreBank } from '../src/core-bank.ts';
import { type Bank, bankToken, type Fault, startBank } from './bank-under-test.ts';

const customerId = 'cus_a';
const accountNo = '6200000000000001';
/** Long enough for every answer that comes, and short enough to wait for one that does not. */
const patientMs = 10_000;
const hastyMs = 100;
const orderOf = (key: string) => ({ key, customerId, accountNo, amountFen: 150, memo: 'pay_a' });
const applied = { status: 'applied', at: '2026-09-01T00:00:00.000Z' };

let bank: Bank;
let coreBank: CoreBank;
let logger: ReturnType<typeof keptLogger>;

const bankWithin = (timeoutMs: number, token = bankToken): CoreBank => createCoreBank({ url: bank.url, token, timeoutMs, logger });

beforeAll(async () => {
  bank = await startBank();
});

beforeEach(() => {
  bank.setFault(() => undefined);
  bank.refusals.clear();
  logger = keptLogger();
  coreBank = bankWithin(patientMs);
});

afterAll(() => bank.stop());

test('a debit is answered with when it was applied, in our time', async () => {
  expect(await coreBank.debit(orderOf('k1'))).toEqual(applied);
  expect(await coreBank.debitOf('k1')).toEqual(applied);
});

test('a refusal carries the word of the bank and is an answer for ever', async () => {
  bank.refusals.set(`debits ${accountNo}`, 'account-frozen');
  const refused = { status: 'refused', code: 'account-frozen' };
  expect(await coreBank.debit(orderOf('k2'))).toEqual(refused);
  bank.refusals.clear();
  expect(await coreBank.debit(orderOf('k2'))).toEqual(refused);
});

test('a key that the bank does not know is no outcome, and differs from no answer', async () => {
  expect(await coreBank.debitOf('k3')).toBe('not-found');
  expect(await coreBank.creditOf('k3')).toBe('not-found');
  bank.setFault(() => 'unavailable');
  expect(await coreBank.debitOf('k3')).toBeUndefined();
});

test('a cancellation holds against a debit that comes later, and finds one that came before', async () => {
  expect(await coreBank.cancelDebit('k4')).toEqual({ status: 'refused', code: 'cancelled' });
  expect(await coreBank.debit(orderOf('k4'))).toEqual({ status: 'refused', code: 'cancelled' });
  await coreBank.debit(orderOf('k5'));
  expect(await coreBank.cancelDebit('k5')).toEqual(applied);
});

test('a credit goes to an account or back through a channel, and its key may hold any character', async () => {
  const key = 'pay_a:refund:R/1 %?';
  expect(await coreBank.credit({ key, amountFen: 1, memo: 'm', channel: 'counter', reference: 'P1' })).toEqual(applied);
  expect(await coreBank.creditOf(key)).toEqual(applied);
  expect(bank.calls.at(-2)?.body).toEqual({ key, amountFen: 1, memo: 'm', channel: 'counter', reference: 'P1' });
});

test('accounts of a customer are told as the bank tells them', async () => {
  bank.accounts.set(customerId, [accountNo]);
  expect(await coreBank.accountsOf(customerId)).toEqual([
    { accountNo, masked: '**** 0001', kind: 'current', balanceFen: 1_000_000, currency: 'CNY' },
  ]);
  expect(await coreBank.accountsOf('cus_nobody')).toEqual([]);
});

const faults: Record<Fault, string> = {
  lost: 'the connection breaks before the call is applied',
  'answer-lost': 'the connection breaks after the call was applied',
  unavailable: 'the bank is overloaded',
  silent: 'the answer never comes',
  nonsense: 'the answer is no JSON',
  'other-key': 'the answer is for another key',
  conflict: 'the key was used with other content',
};

describe.each(Object.entries(faults))('%s: %s', (fault) => {
  test('nothing is known, and nothing of customer or account stands in the log', async () => {
    bank.setFault(() => fault as Fault);
    if (fault === 'silent') coreBank = bankWithin(hastyMs);
    expect(await coreBank.debit(orderOf(`${fault}-1`))).toBeUndefined();
    expect(await coreBank.credit(orderOf(`${fault}-1`))).toBeUndefined();
    expect(await coreBank.debitOf('k1')).toBeUndefined();
    expect(await coreBank.cancelDebit(`${fault}-2`)).toBeUndefined();
    expect(JSON.stringify(logger.lines)).not.toMatch(/6200|cus_/);
  });
});

test('a lost answer is found under the key', async () => {
  bank.setFault(({ method }) => (method === 'POST' ? 'answer-lost' : undefined));
  expect(await coreBank.debit(orderOf('found'))).toBeUndefined();
  expect(await coreBank.debitOf('found')).toEqual(applied);
});

test('accounts are unknown where the bank does not answer', async () => {
  bank.setFault(() => 'silent');
  coreBank = bankWithin(hastyMs);
  expect(await coreBank.accountsOf(customerId)).toBeUndefined();
});

test('a bank that refuses our token gives no outcome, and the log says so', async () => {
  const stranger = bankWithin(patientMs, 'another token');
  expect(await stranger.debit(orderOf('stranger'))).toBeUndefined();
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { status: 401 } }]);
});

test('a bank that fails ten times in a row is spared for a while', async () => {
  bank.setFault(() => 'unavailable');
  for (let tries = 0; tries < 10; tries += 1) await coreBank.debit(orderOf('spared'));
  const before = bank.calls.length;
  expect(await coreBank.debit(orderOf('spared'))).toBeUndefined();
  expect(bank.calls).toHaveLength(before);
  expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { reason: expect.stringMatching(/circuit/) } });
});

test('no more calls leave at once than the bank can stand, and each ends within its time', async () => {
  bank.setFault(() => 'silent');
  coreBank = bankWithin(3_000);
  const before = bank.calls.length;
  const answers = Promise.all(Array.from({ length: 40 }, (_, number) => coreBank.debit(orderOf(`many-${number}`))));
  await vi.waitFor(() => expect(bank.calls.length - before).toBe(32), 2_500);
  expect((await answers).every((answer) => answer === undefined)).toBe(true);
});
