import { defineId } from '@scenefi/kernel';
import { z } from 'zod';

/** The scenes that partners may be allowed to serve. */
export const scenes = ['campus'] as const;
export type SceneName = (typeof scenes)[number];

/** A partner's own name for itself in URLs: lower case, digits and hyphens. */
export const PartnerId = z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/);

/** A number that a partner gave to something of its own; at most 64 visible characters. */
export const PartnerRef = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'at most 64 visible ASCII characters')
  .describe('a number of the partner');

export const billIds = defineId('bill');
export const BillId = billIds.schema;
export type BillId = ReturnType<typeof billIds.of>;

export const paymentIds = defineId('pay');
export const PaymentId = paymentIds.schema;
export type PaymentId = ReturnType<typeof paymentIds.of>;

/** A customer's account with a partner (a student number, a 户号), as a keyed hash. */
export const accountIds = defineId('acc');
export const AccountId = accountIds.schema;
export type AccountId = ReturnType<typeof accountIds.of>;

export const entryIds = defineId('ent');
export const EntryId = entryIds.schema;
export type EntryId = ReturnType<typeof entryIds.of>;

/** What a fact of payments or the ledger is about; a scene drops what is not about it. */
export const About = z.object({ scene: z.string(), partnerId: PartnerId, payableId: z.string() });
export type About = z.output<typeof About>;

/** How money that was not paid in the app came in. Counter and aggregated QR reach the bank, cash and other do not. */
export const channels = ['cash', 'counter', 'aggregated-qr', 'other'] as const;
export type Channel = (typeof channels)[number];

/** Whether money paid through a channel lies with the bank. */
export const heldByBank = (channel: string): boolean => channel === 'counter' || channel === 'aggregated-qr';
