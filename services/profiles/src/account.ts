import type { Context, Effect, Instant, Scene } from '@scenefi/kernel';
import { type Asking, type AskingRules, firstAsking, nextAsking } from './asking.ts';

/** Whose name stands on the newest bill of an account, and when that was billed. */
export type Holder = { holderHash: string; billedAt: Instant };

export type Account = {
  holder?: Holder;
  /** Customers who linked it before its first bill and are still to be told of it. */
  watchers: readonly string[];
  telling?: Asking;
};

export type AccountCommand =
  | { type: 'Bill'; holder: Holder }
  | { type: 'Watch'; customerId: string }
  | { type: 'ForgetWatcher'; customerId: string }
  | { type: 'Wake' };

export type AccountFact =
  | { type: 'account.billed'; holder: Holder; telling?: Asking }
  | { type: 'account.watched'; customerId: string }
  | { type: 'account.watcher-told'; customerId: string }
  | { type: 'account.told-again'; telling: Asking };

/** More who wait are not kept; they ask by themselves until there is a bill. */
const watchersMax = 200;

/** Bills of one account come in any order; of two that were billed in the same millisecond every order chooses the same. */
const isNewer = (holder: Holder, known: Holder): boolean =>
  holder.billedAt === known.billedAt ? holder.holderHash > known.holderHash : holder.billedAt > known.billedAt;

const bill = ({ holder }: { holder: Holder }, account: Account, { at }: Context, rules: AskingRules): AccountFact[] => {
  if (account.holder && !isNewer(holder, account.holder)) return [];
  const telling = account.telling ?? (account.watchers.length > 0 ? firstAsking(at, rules) : undefined);
  return [{ type: 'account.billed', holder, ...(telling && { telling }) }];
};

/** Once there is a bill, who asks has his answer at once and need not be told. */
const watch = ({ customerId }: { customerId: string }, { holder, watchers }: Account): AccountFact[] =>
  holder || watchers.includes(customerId) || watchers.length >= watchersMax ? [] : [{ type: 'account.watched', customerId }];

const evolve = (account: Account, fact: AccountFact): Account => {
  switch (fact.type) {
    case 'account.billed':
      return { ...account, holder: fact.holder, ...(fact.telling && { telling: fact.telling }) };
    case 'account.watched':
      return { ...account, watchers: [...account.watchers, fact.customerId] };
    case 'account.watcher-told': {
      const { telling, ...rest } = account;
      const watchers = account.watchers.filter((customerId) => customerId !== fact.customerId);
      return { ...rest, watchers, ...(telling && watchers.length > 0 && { telling }) };
    }
    case 'account.told-again':
      return { ...account, telling: fact.telling };
    default:
      return fact satisfies never;
  }
};

/** Every watcher is told who holds the account, whatever he believed it to be. */
const effectsOf = ({ holder, watchers, telling }: Account, accountId: string): Effect[] =>
  holder && telling
    ? watchers.map((customerId) => ({
        kind: 'tell',
        key: `${accountId}:${customerId}:${holder.holderHash}`,
        ...telling,
        about: customerId,
      }))
    : [];

/** An account with a partner: who holds it by its newest bill, and who waits for its first. Nothing of it is public. */
export const accountScene = (rules: AskingRules): Scene<Account, AccountCommand, AccountFact> => ({
  name: 'account',
  initial: { watchers: [] },
  decide: (command, account, context) => {
    switch (command.type) {
      case 'Bill':
        return bill(command, account, context, rules);
      case 'Watch':
        return watch(command, account);
      case 'ForgetWatcher': {
        const { customerId } = command;
        return account.watchers.includes(customerId) ? [{ type: 'account.watcher-told', customerId }] : [];
      }
      case 'Wake':
        return account.telling && account.telling.until <= context.at
          ? [{ type: 'account.told-again', telling: nextAsking(account.telling, context.at, rules) }]
          : [];
      default:
        return command satisfies never;
    }
  },
  evolve,
  contracts: {
    'account.billed': 'private',
    'account.watched': 'private',
    'account.watcher-told': 'private',
    'account.told-again': 'private',
  },
  publish: () => undefined,
  wakeAt: ({ telling }) => telling && { at: telling.until, takes: false },
  effectsOf,
});
