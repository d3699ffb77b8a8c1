import { expect, test } from 'vitest';
import { openingFen } from '../../src/bank/accounts.ts';
import { codeOr, openBank } from './open-bank.ts';

const busy = 'SANDBOX_BANK_BUSY';
const failed = 'SANDBOX_BANK_FAILED';
const notKnown = 'SANDBOX_OUTCOME_NOT_KNOWN';
const applied = { status: 'applied' };
const debitedFen = openingFen - 150_000;
const refused = (code: string) => ({ status: 'refused', code });

type Case = {
  /** What the first calls under one key come to, in turn. */
  calls: unknown[];
  /** What stands under the key after the first call. */
  standsAfterFirst: unknown;
  balanceFen: number;
};

const debits: Record<string, Case> = {
  '0001': { calls: [applied, applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '0002': { calls: [applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '0003': { calls: [applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '9101': { calls: ['silence', applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '9102': { calls: ['silence', 'silence', applied, applied], standsAfterFirst: notKnown, balanceFen: debitedFen },
  '9103': { calls: [busy, busy, busy], standsAfterFirst: notKnown, balanceFen: openingFen },
  '9104': { calls: [failed, failed, applied], standsAfterFirst: notKnown, balanceFen: debitedFen },
  '9105': {
    calls: [refused('insufficient-funds'), refused('insufficient-funds')],
    standsAfterFirst: refused('insufficient-funds'),
    balanceFen: openingFen,
  },
  '9106': { calls: [refused('account-frozen')], standsAfterFirst: refused('account-frozen'), balanceFen: openingFen },
  '9107': { calls: [applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '9108': { calls: [applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '9109': { calls: [applied], standsAfterFirst: applied, balanceFen: debitedFen },
  '9110': { calls: Array.from({ length: 50 }, () => 'silence'), standsAfterFirst: notKnown, balanceFen: openingFen },
};

const creditedFen = openingFen + 150_000;
const credits: Record<string, Case> = {
  '0001': { calls: [applied, applied], standsAfterFirst: applied, balanceFen: creditedFen },
  '9105': { calls: [applied], standsAfterFirst: applied, balanceFen: creditedFen },
  '9107': {
    calls: [refused('account-closed'), refused('account-closed')],
    standsAfterFirst: refused('account-closed'),
    balanceFen: openingFen,
  },
  '9108': { calls: ['silence', applied], standsAfterFirst: applied, balanceFen: creditedFen },
  '9109': { calls: [busy, busy, applied], standsAfterFirst: notKnown, balanceFen: creditedFen },
};

const play = async (side: 'debit' | 'credit', ending: string, { calls, standsAfterFirst, balanceFen }: Case): Promise<void> => {
  const { bank, orderOn, balanceFen: balanceNow } = await openBank();
  const seen: unknown[] = [];
  let first: unknown;
  for (const _call of calls) {
    seen.push(await codeOr(bank.move(side, orderOn(ending))));
    first ??= await codeOr(bank.outcome(side, `k${ending}`));
  }
  const matching = (wanted: unknown): unknown => (typeof wanted === 'string' ? wanted : expect.objectContaining(wanted as object));
  expect(seen).toEqual(calls.map(matching));
  expect(first).toEqual(matching(standsAfterFirst));
  expect(await balanceNow(ending)).toBe(balanceFen);
};

test.each(Object.keys(debits))('a debit of an account that ends in %s goes as the table says', (ending) =>
  play('debit', ending, debits[ending]!),
);

test.each(Object.keys(credits))('a credit to an account that ends in %s goes as the table says', (ending) =>
  play('credit', ending, credits[ending]!),
);

test('a late debit is booked three seconds after its first call, once', async () => {
  const { bank, orderOn, clock, balanceFen, kept } = await openBank();
  await codeOr(bank.move('debit', orderOn('9103')));
  await clock.advance(2_000);
  expect(await codeOr(bank.move('debit', orderOn('9103')))).toBe(busy);
  await clock.advance(999);
  expect(await codeOr(bank.outcome('debit', 'k9103'))).toBe(notKnown);
  await clock.advance(1);
  expect(await bank.outcome('debit', 'k9103')).toEqual({ key: 'k9103', status: 'applied', at: '2026-09-01T00:00:03.000Z' });
  await clock.advance(10_000);
  expect(await bank.move('debit', orderOn('9103'))).toMatchObject(applied);
  expect(await balanceFen('9103')).toBe(debitedFen);
  expect(kept.filter(({ kind }) => kind === 'debit')).toHaveLength(1);
});

test('each key has its own course: another payment from the same account is lost twice again', async () => {
  const { bank, orderOn } = await openBank();
  for (const key of ['one', 'two']) {
    const calls = [];
    for (let call = 0; call < 3; call += 1) calls.push(await bank.move('debit', orderOn('9102', { key })));
    expect(calls).toEqual(['silence', 'silence', expect.objectContaining(applied)]);
  }
});
