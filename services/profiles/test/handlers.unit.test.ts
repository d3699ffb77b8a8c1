import { createSecretKey } from 'node:crypto';
import { accountIds, CampusBill, payables } from '@scenefi/contracts';
import type { Heard, Sending } from '@scenefi/engine';
import { keyedHash } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import type { Account, AccountCommand } from '../src/account.ts';
import { askedOf } from '../src/customer.ts';
import type { Customer } from '../src/customer-state.ts';
import { askAccount, claimOf, maskedNumber, profileHandlers } from '../src/handlers.ts';
import { accountOf, asking, at, claim, customerId, right } from './profile-words.ts';

const idKey = createSecretKey(Buffer.from('0f'.repeat(32), 'hex'));
const target = { apply: async () => [] };

test('every scene is heard, and each bill says who holds its account since when', () => {
  const subscriptions = profileHandlers(target);
  expect(subscriptions.map(({ contract }) => contract)).toEqual(Object.values(payables).map(({ billed }) => billed));
  const heard = { data: { accountId: accountOf('a'), holderHash: right }, event: { time: at } } as unknown as Heard<never>;
  const [ofCampus] = subscriptions.filter(({ contract }) => contract === CampusBill.billed);
  expect(ofCampus!.map(heard)).toEqual([{ id: accountOf('a'), command: { type: 'Bill', holder: { holderHash: right, billedAt: at } } }]);
});

test.each([
  ['S20260001', '***001'],
  ['123456789012', '***9012'],
  ['1234567890123456', '***3456'],
  ['77001', '***1'],
  ['42', '***'],
])('of the number %s is shown %s', (number, masked) => expect(maskedNumber(number)).toBe(masked));

test('a claim has the ids and hashes that the scenes make, and no clear word', () => {
  const request = {
    customerId,
    scene: 'campus',
    partnerId: 'school-a',
    accountNo: 'STU-77001',
    holderName: '端木赐香',
    idempotencyKey: 'STU-77001-again',
  };
  const claimed = claimOf(request, idKey);
  expect(claimed).toMatchObject({
    accountId: accountIds.keyed(idKey, 'campus', 'school-a', 'STU-77001'),
    holderHash: keyedHash(idKey, 'campus', 'school-a', 'STU-77001', '端木赐香'),
    holderMasked: '端*香',
    accountMasked: '***001',
  });
  expect(JSON.stringify(claimed)).not.toMatch(/STU|77001|木赐/);
  const other = claimOf({ ...request, customerId: `cus_${'d'.repeat(26)}` }, idKey);
  expect([other.linkId === claimed.linkId, other.requestId === claimed.requestId]).toEqual([false, false]);
});

test.each<[what: string, account: Account, outcome: string | undefined]>([
  ['who holds it', { holder: { holderHash: right, billedAt: at }, watchers: [] }, 'billed'],
  ['that it waits for its first bill', { watchers: [customerId] }, 'watched'],
  ['nothing where too many wait already', { watchers: ['somebody'] }, undefined],
])('an account that is asked answers %s', async (_what, state, outcome) => {
  const sent: Sending<AccountCommand>[] = [];
  const send = async (sending: Sending<AccountCommand>) => {
    sent.push(sending);
    return { state, version: 0, repeated: false };
  };
  const customer: Customer = { links: [{ ...claim('a', right), status: 'pending', asking }], wrongNames: [] };
  const [question] = askedOf(customer);
  const answer = await askAccount({ ...target, send })(question!, customer, customerId);
  expect(answer?.outcome).toBe(outcome);
  expect(sent).toEqual([
    { aggregateId: accountOf('a'), id: `${question!.key}:watch`, command: { type: 'Watch', customerId }, body: { customerId } },
  ]);
});
