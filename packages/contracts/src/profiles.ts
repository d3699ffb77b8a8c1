import { type DataOf, defineFact, type Vocabulary } from '@scenefi/kernel';
import { z } from 'zod';
import { AccountId, CustomerId, PartnerId } from './parties.ts';

/** An account with a partner that a customer follows: `pending` until the first bill of it came. */
export const linkStatuses = ['pending', 'linked', 'refused'] as const;

const link = ({ word }: Vocabulary) =>
  z.object({
    linkId: z.string(),
    scene: z.string(),
    partnerId: PartnerId,
    accountId: AccountId,
    accountMasked: z.string().describe('***0001'),
    holderHash: z.string().describe('keyed hash of the holder name that the customer knew'),
    holderMasked: z.string(),
    status: word(...linkStatuses),
  });

const customer = (vocabulary: Vocabulary) => z.object({ customerId: CustomerId, links: z.array(link(vocabulary)) });

const ofCustomer = (verb: string, title: string) =>
  defineFact({
    type: `profiles.customer.${verb}`,
    topic: 'profiles.customer.v1',
    title,
    data: customer,
    key: ({ customerId }) => customerId,
  });

/** Each carries all links of the customer, so that the newest one is enough. */
export const AccountLinked = ofCustomer('account-linked', 'A customer follows an account with a partner');
export const AccountConfirmed = ofCustomer('account-confirmed', 'The first bill of a linked account has the name that the customer gave');
export const AccountDenied = ofCustomer('account-denied', 'The first bill of a linked account has another name than the customer gave');
export const AccountUnlinked = ofCustomer('account-unlinked', 'A customer follows an account no longer');
export type CustomerLinks = DataOf<typeof AccountLinked>;
export type CustomerLink = CustomerLinks['links'][number];
