import { isDeepStrictEqual } from 'node:util';
import type { Evidence, RawEntry } from './evidence.ts';
import { type Legs, legsOf, postingOf } from './expected-legs.ts';
import { type Fact, firstAppearances } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';
import { pictureOf } from './payment-cases.ts';

const dayMs = 24 * 60 * 60 * 1000;
const shanghaiAheadMs = dayMs / 3;

const shanghaiDay = (time: string): string => new Date(Date.parse(time) + shanghaiAheadMs).toISOString().slice(0, 10);
const sum = (legs: Legs): number => legs.reduce((total, { amountFen }) => total + amountFen, 0);

const words = (legs: Legs): string =>
  legs
    .map(({ account, amountFen }) => `${account} ${amountFen}`)
    .sort()
    .join(', ');

/** One entry against the fact that asked for it. */
const checkEntry = (entry: RawEntry, fact: Fact): Finding[] => {
  const posting = postingOf(fact);
  if (!posting) return [{ problem: `entry ${entry._id} was posted for ${fact.id}, which moves no money` }];
  const legs = legsOf(posting);
  const problems: string[] = [];
  if (words(entry.legs) !== words(legs)) problems.push(`has the legs ${words(entry.legs)} instead of ${words(legs)}`);
  if (entry.businessDay !== shanghaiDay(fact.time)) problems.push(`stands on ${entry.businessDay} instead of ${shanghaiDay(fact.time)}`);
  if (!isDeepStrictEqual(entry.about, pictureOf(fact).about)) problems.push('is about something else than its payment');
  return problems.map((problem) => ({ problem: `entry ${entry._id} for ${fact.id} ${problem}` }));
};

/** One entry for every fact that moves money, and none besides. Lost and doubled are counted for the planned bills only. */
const checkPosted = ({ entries, topics }: Evidence, ownBillIds: ReadonlySet<string>): Finding[] => {
  const facts = firstAppearances(topics.payments);
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const of = (paymentId: string, reason: string): string => `the entry for ${paymentId} ${reason}`;
  const wanted = facts.flatMap((fact) => {
    const posting = postingOf(fact);
    const { paymentId, about } = pictureOf(fact);
    return posting ? [{ effect: of(paymentId, posting.reason), own: ownBillIds.has(about?.payableId) }] : [];
  });
  const compared = (own: boolean): Finding[] =>
    compareEffects(
      own ? 'ledger' : 'ledger, of another run',
      wanted.filter((one) => one.own === own).map(({ effect }) => effect),
      entries.filter(({ about }) => ownBillIds.has(about.payableId) === own).map(({ paymentId, reason }) => of(paymentId, reason)),
    );
  const legs = entries.flatMap((entry): Finding[] => {
    const unbalanced = sum(entry.legs) === 0 ? [] : [{ problem: `entry ${entry._id} is unbalanced by ${sum(entry.legs)} fen` }];
    const fact = byId.get(entry.postedFor);
    if (!fact) return [...unbalanced, { problem: `entry ${entry._id} was posted for ${entry.postedFor}, which payments never said` }];
    return [...unbalanced, ...checkEntry(entry, fact)];
  });
  return [...compared(true), ...compared(false).map(({ problem }) => ({ problem })), ...legs];
};

/** The facts of the ledger say what its entries say. */
const checkTold = ({ entries, topics }: Evidence): Finding[] => {
  const byId = new Map(entries.map((entry) => [entry._id, entry]));
  return firstAppearances(topics.entries).flatMap((fact): Finding[] => {
    const entry = byId.get(fact.key);
    if (!entry) return [];
    const { _id: entryId, paymentId, about, reason, businessDay, legs } = entry;
    const same = isDeepStrictEqual(fact.data, { entryId, paymentId, about, reason, businessDay, legs });
    return same ? [] : [{ problem: `the fact ${fact.id} says something else than entry ${entryId}` }];
  });
};

export type Sums = { debitFen: number; creditFen: number };

const addTo = (sums: Map<string, Sums>, account: string, { debitFen, creditFen }: Sums): void => {
  const old = sums.get(account) ?? { debitFen: 0, creditFen: 0 };
  sums.set(account, { debitFen: old.debitFen + debitFen, creditFen: old.creditFen + creditFen });
};

/** Balances are kept per partition; their sums must be the fold of all entries. */
const checkBalances = ({ entries, balances }: Evidence): Finding[] => {
  const folded = new Map<string, Sums>();
  const kept = new Map<string, Sums>();
  for (const { account, amountFen } of entries.flatMap(({ legs }) => legs))
    addTo(folded, account, { debitFen: Math.max(0, amountFen), creditFen: Math.max(0, -amountFen) });
  for (const balance of balances) addTo(kept, balance.account, balance);
  const none: Sums = { debitFen: 0, creditFen: 0 };
  return [...new Set([...folded.keys(), ...kept.keys()])].flatMap((account): Finding[] => {
    const [must, is] = [folded.get(account) ?? none, kept.get(account) ?? none];
    if (must.debitFen === is.debitFen && must.creditFen === is.creditFen) return [];
    const text = ({ debitFen, creditFen }: Sums): string => `debit ${debitFen}, credit ${creditFen}`;
    return [{ problem: `account ${account} stands at ${text(is)}, and its entries come to ${text(must)}` }];
  });
};

/** What the whole ledger comes to: zero, if it balances. */
export const ledgerSum = ({ balances }: Evidence): number =>
  balances.reduce((total, { debitFen, creditFen }) => total + debitFen - creditFen, 0);

export const checkLedger = (evidence: Evidence, ownBillIds: ReadonlySet<string>): Finding[] => {
  const total = ledgerSum(evidence);
  return [
    ...checkPosted(evidence, ownBillIds),
    ...checkTold(evidence),
    ...checkBalances(evidence),
    ...(total === 0 ? [] : [{ problem: `the balances of the ledger come to ${total} fen instead of 0` }]),
  ];
};
