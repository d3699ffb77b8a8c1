import { type CustomerLink, customerIds, paymentIds } from '@scenefi/contracts';
import type { Instant } from '@scenefi/kernel';
import type { PaymentPicture } from '../src/store.ts';
import type { Moment } from '../src/view.ts';

export const at: Instant = '2026-09-01T02:00:00.000Z';
export const customerId = customerIds.of('a-customer');
export const paymentId = paymentIds.of('app', customerId, 'a-key');

export const payment = (fields: Partial<PaymentPicture> = {}): PaymentPicture => ({
  paymentId,
  about: { scene: 'campus', partnerId: 'school-a', payableId: `bill_${'a'.repeat(26)}` },
  status: 'requested',
  channel: 'app',
  amountFen: 150_000,
  reversedFen: 0,
  customerId,
  payFromMasked: '**** 0001',
  requestedAt: at,
  ...fields,
});

export const moment = (version: number, fact: string, fields: Partial<Moment> = {}): Moment => ({ version, fact, at, ...fields });

export const link = (fields: Partial<CustomerLink> = {}): CustomerLink => ({
  linkId: `lnk_${'a'.repeat(26)}`,
  scene: 'campus',
  partnerId: 'school-a',
  accountId: `acc_${'a'.repeat(26)}`,
  accountMasked: '***0001',
  holderHash: 'hash-of-wang-xiaoming',
  holderMasked: '王*明',
  status: 'linked',
  ...fields,
});
