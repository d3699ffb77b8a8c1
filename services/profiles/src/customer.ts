import { AccountConfirmed, AccountDenied, AccountLinked, AccountUnlinked, type CustomerLink } from '@scenefi/contracts';
import { addMs, type Context, type Effect, type Instant, type Scene, shanghaiTime, type WakeUp } from '@scenefi/kernel';
import { type AskingRules, firstAsking, nextAsking } from './asking.ts';
import { type Customer, type CustomerCommand, type CustomerFact, evolve, type Link, noLinks } from './customer-state.ts';
import { profileErrors } from './errors.ts';

/** Within how long three wrong names lock a customer, and for how long. */
export type CustomerRules = AskingRules & { lockMs: number };

const linksMax = 50;
const wrongNamesMax = 3;

type Of<Type extends CustomerCommand['type']> = Extract<CustomerCommand, { type: Type }>;

const linkOf = ({ links }: Customer, accountId: string): Link | undefined => links.find((link) => link.accountId === accountId);

const lockOf = ({ lockedUntil }: Customer, at: Instant): Instant | undefined => (lockedUntil && at < lockedUntil ? lockedUntil : undefined);

/** A name that was refused may be tried again, and is judged again. */
const link = ({ claimed }: Of<'Link'>, customer: Customer, { at }: Context, rules: CustomerRules): CustomerFact[] => {
  const { accountId, requestId, holderHash } = claimed;
  const known = linkOf(customer, accountId);
  if (known?.requestId === requestId) return [];
  if (known && known.holderHash === holderHash && known.status !== 'refused') return [];
  const lockedUntil = lockOf(customer, at);
  if (lockedUntil) throw profileErrors.LOCKED({ detail: `try again after ${shanghaiTime(lockedUntil)}` });
  if (!known && customer.links.length >= linksMax) throw profileErrors.TOO_MANY_LINKS({ detail: `${linksMax} accounts are followed` });
  return [{ type: 'customer.account-linked', accountId, claimed, asking: firstAsking(at, rules) }];
};

/**
 * Wrong names count over all accounts, and against this customer alone: a stranger who guesses locks nobody else out.
 * Within a lock nothing is judged, or many guesses sent at once would all be answered.
 */
const judge = ({ accountId, holderHash }: Of<'Judge'>, customer: Customer, { at }: Context, { lockMs }: CustomerRules): CustomerFact[] => {
  const waiting = linkOf(customer, accountId);
  // One that was confirmed stays when the number goes to somebody else, whose bills it does not show.
  if (waiting?.status !== 'pending') return [];
  const lockedUntil = lockOf(customer, at);
  if (lockedUntil) return waiting.heldUntil === lockedUntil ? [] : [{ type: 'customer.judging-held', accountId, until: lockedUntil }];
  if (waiting.holderHash === holderHash) return [{ type: 'customer.account-confirmed', accountId }];
  const lately = customer.wrongNames.filter((given) => at < addMs(given, lockMs));
  const denied: CustomerFact = { type: 'customer.account-denied', accountId };
  return lately.length + 1 < wrongNamesMax ? [denied] : [denied, { type: 'customer.locked', until: addMs(at, lockMs) }];
};

/** Only the answer to the present request ends the asking. */
const awaitBill = ({ accountId, requestId }: Of<'AwaitBill'>, customer: Customer): CustomerFact[] => {
  const waiting = linkOf(customer, accountId);
  return waiting?.asking && waiting.requestId === requestId ? [{ type: 'customer.bill-awaited', accountId }] : [];
};

const unlink = ({ linkId }: Of<'Unlink'>, { links }: Customer): CustomerFact[] => {
  const gone = links.find((known) => known.linkId === linkId);
  return gone ? [{ type: 'customer.account-unlinked', accountId: gone.accountId }] : [];
};

/** When a link is asked about next, unless the account tells of it first. */
const askAtOf = ({ asking, heldUntil }: Link): Instant | undefined => asking?.until ?? heldUntil;

const askAgain = ({ links }: Customer, { at }: Context, rules: CustomerRules): CustomerFact[] =>
  links.flatMap((waiting): CustomerFact[] => {
    const askAt = askAtOf(waiting);
    if (!askAt || at < askAt) return [];
    const asking = waiting.asking ? nextAsking(waiting.asking, at, rules) : firstAsking(at, rules);
    return [{ type: 'customer.asked-again', accountId: waiting.accountId, asking }];
  });

const wakeAt = ({ links }: Customer): WakeUp | undefined => {
  const [at] = links.flatMap((waiting) => askAtOf(waiting) ?? []).sort();
  return at && { at, takes: false };
};

/** The accounts that have not answered yet are asked who holds them; after a lock the question is another one, with its own answer. */
export const askedOf = ({ links }: Customer): Effect[] =>
  links.flatMap(({ accountId, linkId, requestId, asking, heldUntil }) =>
    asking ? [{ kind: 'ask', key: [linkId, requestId, ...(heldUntil ? [heldUntil] : [])].join(':'), ...asking, about: accountId }] : [],
  );

/** What others see of a link. */
export const linkView = ({ requestId: _own, asking: _open, heldUntil: _held, ...link }: Link): CustomerLink => link;

/** A customer and the accounts that he follows, each confirmed by the name on its bills. */
export const customerScene = (rules: CustomerRules): Scene<Customer, CustomerCommand, CustomerFact> => ({
  name: 'customer',
  initial: noLinks,
  decide: (command, customer, context) => {
    switch (command.type) {
      case 'Link':
        return link(command, customer, context, rules);
      case 'Judge':
        return judge(command, customer, context, rules);
      case 'AwaitBill':
        return awaitBill(command, customer);
      case 'Unlink':
        return unlink(command, customer);
      case 'Wake':
        return askAgain(customer, context, rules);
      default:
        return command satisfies never;
    }
  },
  evolve,
  contracts: {
    'customer.account-linked': AccountLinked,
    'customer.account-confirmed': AccountConfirmed,
    'customer.account-denied': AccountDenied,
    'customer.account-unlinked': AccountUnlinked,
    'customer.bill-awaited': 'private',
    'customer.asked-again': 'private',
    'customer.judging-held': 'private',
    'customer.locked': 'private',
  },
  publish: (_fact, { links }, customerId) => ({ customerId, links: links.map(linkView) }),
  wakeAt,
  effectsOf: askedOf,
});
