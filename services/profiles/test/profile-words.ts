import type { Asking } from '../src/asking.ts';
import type { Claimed, CustomerCommand, CustomerFact } from '../src/customer-state.ts';

export const at = '2026-09-01T00:00:00.000Z';
export const aDayLater = '2026-09-02T00:00:00.000Z';
export const aYearLater = '2027-09-01T00:00:00.000Z';
export const dayMs = 24 * 60 * 60 * 1000;
export const askAgainMs = 5_000;
export const rules = { askAgainMs, lockMs: dayMs };

export const customerId = `cus_${'c'.repeat(26)}`;
export const right = 'hash-of-the-holder';
export const wrong = 'hash-of-a-stranger';

const hashOf = (letters: string): string => letters.repeat(26).slice(0, 26);

/** Accounts a, b, c … of one partner. */
export const accountOf = (letters: string): Claimed['accountId'] => `acc_${hashOf(letters)}`;
export const linkIdOf = (letters: string): string => `lnk_${hashOf(letters)}`;

export const claim = (letter: string, holderHash: string, requestId = `request-${letter}-${holderHash}`): Claimed => ({
  linkId: linkIdOf(letter),
  requestId,
  scene: 'campus',
  partnerId: 'school-a',
  accountId: accountOf(letter),
  accountMasked: '***001',
  holderHash,
  holderMasked: '王*明',
});

export const asking: Asking = { attempt: 0, until: '2026-09-01T00:00:05.000Z' };
export const askedAgain: Asking = { attempt: 1, until: '2026-09-01T00:00:15.000Z' };

export const link = (...of: Parameters<typeof claim>): CustomerCommand => ({ type: 'Link', claimed: claim(...of) });
export const judge = (letter: string, holderHash = right): CustomerCommand => ({ type: 'Judge', accountId: accountOf(letter), holderHash });
export const awaitBill = (letter: string, requestId = `request-${letter}-${right}`): CustomerCommand => ({
  type: 'AwaitBill',
  accountId: accountOf(letter),
  requestId,
});
export const unlink = (letter: string): CustomerCommand => ({ type: 'Unlink', linkId: linkIdOf(letter) });
export const wake: { type: 'Wake' } = { type: 'Wake' };

export const linked = (letter: string, holderHash = right, requestId?: string): CustomerFact => ({
  type: 'customer.account-linked',
  accountId: accountOf(letter),
  claimed: claim(letter, holderHash, requestId),
  asking,
});
export const confirmed = (letter: string): CustomerFact => ({ type: 'customer.account-confirmed', accountId: accountOf(letter) });
export const denied = (letter: string): CustomerFact => ({ type: 'customer.account-denied', accountId: accountOf(letter) });
export const unlinked = (letter: string): CustomerFact => ({ type: 'customer.account-unlinked', accountId: accountOf(letter) });
export const awaited = (letter: string): CustomerFact => ({ type: 'customer.bill-awaited', accountId: accountOf(letter) });
export const held = (letter: string): CustomerFact => ({ type: 'customer.judging-held', accountId: accountOf(letter), until: aDayLater });
export const locked: CustomerFact = { type: 'customer.locked', until: aDayLater };
