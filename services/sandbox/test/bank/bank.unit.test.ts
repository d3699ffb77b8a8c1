import { customerIds } from '@scenefi/contracts';
import { testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { openingFen } from '../../src/bank/accounts.ts';
import { createBank } from '../../src/bank/bank.ts';
import type { BankLine } from '../../src/bank/book.ts';
import { createJournal } from '../../src/journal.ts';
import { codeOr, customerId, openBank } from './open-bank.ts';

const at = '2026-09-01T00:00:00.000Z';

test('a debit under one key is booked once, however often and at whatever moment it comes', async () => {
  const { bank, orderOn, balanceFen, clock } = await openBank();
  const order = orderOn('0001');
  const atOnce = await Promise.all(Array.from({ length: 20 }, () => bank.move('debit', order)));
  await clock.advance(60_000);
  for (const outcome of [...atOnce, await bank.move('debit', order), await bank.outcome('debit', order.key)])
    expect(outcome).toEqual({ key: 'k0001', status: 'applied', at });
  expect(await balanceFen('0001')).toBe(openingFen - 150_000);
});

test('other content under a used key is refused, and the first stands', async () => {
  const { bank, orderOn, balanceFen } = await openBank();
  await bank.move('debit', orderOn('0001'));
  for (const other of [{ amountFen: 1 }, { memo: '' }, { accountNo: orderOn('0002').accountNo }])
    expect(await codeOr(bank.move('debit', orderOn('0001', other)))).toBe('SANDBOX_KEY_REUSED');
  expect(await balanceFen('0001')).toBe(openingFen - 150_000);
});

test('other content is refused as well where the first call was lost', async () => {
  const { bank, orderOn } = await openBank();
  expect(await bank.move('debit', orderOn('9102'))).toBe('silence');
  expect(await codeOr(bank.move('debit', orderOn('9102', { amountFen: 1 })))).toBe('SANDBOX_KEY_REUSED');
});

test('debits and credits have keys of their own', async () => {
  const { bank, orderOn, balanceFen } = await openBank();
  await bank.move('debit', orderOn('0001'));
  expect(await codeOr(bank.outcome('credit', 'k0001'))).toBe('SANDBOX_OUTCOME_NOT_KNOWN');
  expect(await bank.move('credit', orderOn('0001'))).toMatchObject({ status: 'applied' });
  expect(await balanceFen('0001')).toBe(openingFen);
});

test('nobody moves money of an account that is not his', async () => {
  const { bank, orderOn } = await openBank();
  const other = customerIds.of('sandbox', 'ben');
  const refused = { key: 'x', status: 'refused', code: 'foreign-account', at };
  expect(await bank.move('debit', orderOn('0001', { key: 'x', customerId: other }))).toEqual(refused);
  await bank.welcome(other);
  expect(await bank.move('debit', orderOn('9101', { key: 'y', customerId: other }))).toEqual({ ...refused, key: 'y' });
  expect(await bank.move('credit', orderOn('0001', { key: 'z', customerId: other }))).toEqual({ ...refused, key: 'z' });
});

test('an account never falls below nothing, and a refusal stays one after money came', async () => {
  const { bank, orderOn, balanceFen } = await openBank();
  const tooMuch = orderOn('0001', { key: 'much', amountFen: openingFen + 1 });
  const refused = { key: 'much', status: 'refused', code: 'insufficient-funds', at };
  expect(await bank.move('debit', tooMuch)).toEqual(refused);
  await bank.move('credit', orderOn('0001', { key: 'more' }));
  expect(await bank.move('debit', tooMuch)).toEqual(refused);
  expect(await bank.move('debit', { ...tooMuch, key: 'again' })).toMatchObject({ status: 'applied' });
  expect(await balanceFen('0001')).toBe(149_999);
});

test('a credit through a channel needs no account and is booked once', async () => {
  const { bank, kept } = await openBank();
  const credit = { key: 'c', channel: 'counter', reference: 'P-1', amountFen: 5, memo: '退款' } as const;
  for (let times = 0; times < 2; times += 1) expect(await bank.move('credit', credit)).toEqual({ key: 'c', status: 'applied', at });
  expect(kept.filter(({ kind }) => kind === 'credit')).toHaveLength(1);
});

test('a cancelled debit is never booked, whether it was sent before or comes after', async () => {
  const { bank, orderOn, balanceFen, reopen } = await openBank();
  const cancelled = { key: 'k9110', status: 'refused', code: 'cancelled', at };
  expect(await bank.move('debit', orderOn('9110'))).toBe('silence');
  expect(await bank.cancelDebit('k9110')).toEqual(cancelled);
  expect(await bank.cancelDebit('k9110')).toEqual(cancelled);
  expect(await bank.move('debit', orderOn('9110'))).toEqual(cancelled);
  expect(await bank.cancelDebit('never-sent')).toEqual({ ...cancelled, key: 'never-sent' });
  const { bank: next } = await reopen();
  expect(await next.move('debit', orderOn('0001', { key: 'never-sent' }))).toEqual({ ...cancelled, key: 'never-sent' });
  expect(await balanceFen('0001')).toBe(openingFen);
});

test('a cancellation that comes too late answers what stands', async () => {
  const { bank, orderOn } = await openBank();
  const applied = await bank.move('debit', orderOn('0001'));
  expect(await bank.cancelDebit('k0001')).toEqual(applied);
});

test('a debit that was to be booked late is not, once it is cancelled', async () => {
  const { bank, orderOn, clock, balanceFen } = await openBank();
  expect(await codeOr(bank.move('debit', orderOn('9103')))).toBe('SANDBOX_BANK_BUSY');
  await bank.cancelDebit('k9103');
  await clock.advance(3_000);
  expect(await bank.outcome('debit', 'k9103')).toMatchObject({ status: 'refused', code: 'cancelled' });
  expect(await balanceFen('9103')).toBe(openingFen);
});

test('a bank that starts anew knows every outcome and every balance', async () => {
  const { bank, orderOn, reopen } = await openBank();
  const applied = await bank.move('debit', orderOn('0001'));
  const refused = await bank.move('debit', orderOn('9106'));
  await bank.move('credit', orderOn('0001', { key: 'back', amountFen: 50_000 }));
  const next = await reopen();
  expect(await next.bank.outcome('debit', 'k0001')).toEqual(applied);
  expect(await next.bank.move('debit', orderOn('9106'))).toEqual(refused);
  expect(await next.balanceFen('0001')).toBe(openingFen - 100_000);
});

test('nothing is told before it is on the disk', async () => {
  const writes: (() => void)[] = [];
  const append = (): Promise<void> => new Promise((done) => void writes.push(done));
  const lines: BankLine[] = [{ kind: 'customer', customerId, at }];
  const journal = createJournal<BankLine>({ append, close: async () => undefined });
  const bank = createBank({ lines, journal, clock: testClock(at) });
  const { orderOn } = await openBank();
  const told: string[] = [];
  const moved = bank.move('debit', orderOn('0001')).then(() => told.push('debit'));
  const asked = bank.outcome('debit', 'k0001').then(() => told.push('outcome'));
  await testClock(at).advance(0);
  expect(told).toEqual([]);
  writes[0]!();
  await Promise.all([moved, asked]);
  expect(told.sort()).toEqual(['debit', 'outcome']);
});

test('a disk that fails is no outcome', async () => {
  const lines: BankLine[] = [{ kind: 'customer', customerId, at }];
  const append = (): Promise<void> => Promise.reject(new Error('no space left'));
  const bank = createBank({ lines, journal: createJournal<BankLine>({ append, close: async () => undefined }), clock: testClock(at) });
  const { orderOn } = await openBank();
  await expect(bank.move('debit', orderOn('0001'))).rejects.toThrow('no space left');
  await expect(bank.outcome('debit', 'k0001')).rejects.toThrow('no space left');
});

test('a customer has one account of each ending, the same in every process, and a stranger has none', async () => {
  const { bank, reopen } = await openBank();
  const accounts = await bank.accounts(customerId);
  expect(accounts.map(({ masked }) => masked.slice(-4))).toEqual(
    '0001 0002 0003 9101 9102 9103 9104 9105 9106 9107 9108 9109 9110'.split(' '),
  );
  expect(new Set(accounts.map(({ accountNo }) => accountNo)).size).toBe(13);
  for (const { accountNo, masked } of accounts)
    expect([accountNo, masked]).toEqual([expect.stringMatching(/^62\d{17}$/), `**** ${accountNo.slice(-4)}`]);
  expect(await (await reopen()).bank.accounts(customerId)).toEqual(accounts);
  expect(await bank.accounts(customerIds.of('sandbox', 'nobody'))).toEqual([]);
});
