import type { CustomerLink } from '@scenefi/contracts';
import { defineId, defineLifecycle, type Instant } from '@scenefi/kernel';
import type { Asking } from './asking.ts';

export const linkIds = defineId('lnk');

/** What a customer says about an account, and the request he said it with: the same request counts once. No clear name, no number. */
export type Claimed = Omit<CustomerLink, 'status'> & { requestId: string };

/**
 * `asking` as long as the account has not answered at all; then it tells of its first bill by itself.
 * `heldUntil` is the end of the lock that an answer came into; the account is asked anew after it.
 */
export type Link = Claimed & { status: CustomerLink['status']; asking?: Asking; heldUntil?: Instant };

export type Customer = {
  links: readonly Link[];
  /** When the last wrong names were given; the third one locks. */
  wrongNames: readonly Instant[];
  lockedUntil?: Instant;
};

export const noLinks: Customer = { links: [], wrongNames: [] };

export type CustomerCommand =
  | { type: 'Link'; claimed: Claimed }
  | { type: 'Judge'; accountId: string; holderHash: string }
  | { type: 'AwaitBill'; accountId: string; requestId: string }
  | { type: 'Unlink'; linkId: string }
  | { type: 'Wake' };

export type CustomerFact =
  | { type: 'customer.account-linked'; accountId: string; claimed: Claimed; asking: Asking }
  | { type: 'customer.account-confirmed'; accountId: string }
  | { type: 'customer.account-denied'; accountId: string }
  | { type: 'customer.account-unlinked'; accountId: string }
  | { type: 'customer.bill-awaited'; accountId: string }
  | { type: 'customer.asked-again'; accountId: string; asking: Asking }
  | { type: 'customer.judging-held'; accountId: string; until: Instant }
  | { type: 'customer.locked'; until: Instant };

export const linkLifecycle = defineLifecycle('link', {
  none: { 'customer.account-linked': 'pending' },
  pending: {
    'customer.account-confirmed': 'linked',
    'customer.account-denied': 'refused',
    'customer.account-linked': 'pending',
    'customer.account-unlinked': 'none',
    'customer.bill-awaited': 'pending',
    'customer.asked-again': 'pending',
    'customer.judging-held': 'pending',
  },
  linked: { 'customer.account-linked': 'pending', 'customer.account-unlinked': 'none' },
  refused: { 'customer.account-linked': 'pending', 'customer.account-unlinked': 'none' },
});

/** What becomes of the one link that a fact is about; one that is `none` is gone. */
const moved = (link: Link | undefined, fact: Exclude<CustomerFact, { type: 'customer.locked' }>): Link | undefined => {
  const status = linkLifecycle.next(link?.status ?? 'none', fact.type);
  if (status === 'none') return undefined;
  if (fact.type === 'customer.account-linked') return { ...fact.claimed, status, asking: fact.asking };
  if (!link) return undefined;
  const { asking: _answered, ...answered } = link;
  if (fact.type === 'customer.asked-again') return { ...answered, status, asking: fact.asking };
  if (fact.type === 'customer.judging-held') return { ...answered, status, heldUntil: fact.until };
  const { heldUntil: _over, ...judged } = answered;
  return { ...judged, status };
};

export const evolve = (customer: Customer, fact: CustomerFact, at: Instant): Customer => {
  if (fact.type === 'customer.locked') return { ...customer, wrongNames: [], lockedUntil: fact.until };
  const link = moved(
    customer.links.find(({ accountId }) => accountId === fact.accountId),
    fact,
  );
  const others = customer.links.filter(({ accountId }) => accountId !== fact.accountId);
  const wrongNames = fact.type === 'customer.account-denied' ? [...customer.wrongNames.slice(-1), at] : customer.wrongNames;
  return { ...customer, links: link ? [...others, link] : others, wrongNames };
};
