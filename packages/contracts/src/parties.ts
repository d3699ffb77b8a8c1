import { defineId, Instant } from '@scenefi/kernel';
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

/** A customer of the bank, as the `sub` of an access token names him. */
export const customerIds = defineId('cus');
export const CustomerId = customerIds.schema;
export type CustomerId = ReturnType<typeof customerIds.of>;

/** What a fact of payments or the ledger is about; a scene drops what is not about it. */
export const About = z.object({ scene: z.string(), partnerId: PartnerId, payableId: z.string() });
export type About = z.output<typeof About>;

/** What was chosen of a bill whose items can be chosen. */
export const ChosenItem = z.object({ itemNo: PartnerRef, quantity: z.int().min(1).max(9) });
export type ChosenItem = z.output<typeof ChosenItem>;

/** Who may hold a payable while it is being paid: at most one of them at a time. */
export const holders = ['app', 'mandate', 'cashier'] as const;
export type Holder = (typeof holders)[number];

/** Until when a payable is held, and by what kind of holder; who it is stays untold. */
export const Held = z.object({ holder: z.string(), until: Instant });
export type Held = { holder: Holder; until: Instant };

/** How money that was not paid in the app came in. Counter and aggregated QR reach the bank, cash and other do not. */
export const channels = ['cash', 'counter', 'aggregated-qr', 'other'] as const;
export type Channel = (typeof channels)[number];

/** Whether money paid through a channel lies with the bank. */
export const heldByBank = (channel: string): boolean => channel === 'counter' || channel === 'aggregated-qr';
