import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import mongoose from 'mongoose';
import { legsOf, postingOf } from '../audit/expected-legs.ts';
import { firstAppearances } from '../audit/facts.ts';
import { readDatabases } from '../audit/raw-databases.ts';
import { readTopics } from '../audit/raw-topics.ts';
import { namespace, type Town } from './town.ts';

const rebuildTimeoutMs = 120_000;
const views = ['bills', 'payments', 'links'] as const;
const problemsMax = 10;

type Ways = { town: Town; mongoUrl: string; brokers: readonly string[]; signal: AbortSignal };

type Pointer = { present?: { generation: number }; building?: { generation: number } };

const ask = async ({ town, signal }: Ways, path: string, method = 'GET'): Promise<{ status: number; body: unknown }> => {
  const headers = { authorization: `Bearer ${town.token}` };
  const response = await fetch(town.urlOf('gateway') + path, {
    method,
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  return { status: response.status, body: await response.json() };
};

/** Builds the views anew from the first fact on; answers the generation that was read before and the one that is read now. */
const rebuildViews = async (ways: Ways): Promise<[before: number, now: number]> => {
  const before = ((await ask(ways, '/internal/views')).body as Pointer).present?.generation ?? 0;
  const { status, body } = await ask(ways, '/internal/views/rebuild', 'POST');
  if (status >= 400) throw new Error(`the views could not be built anew: ${status} ${JSON.stringify(body)}`);
  const deadline = performance.now() + rebuildTimeoutMs;
  while (performance.now() < deadline) {
    const { present } = (await ask(ways, '/internal/views')).body as Pointer;
    if ((present?.generation ?? 0) > before) return [before, present!.generation];
    await sleep(500, undefined, { signal: ways.signal });
  }
  throw new Error(`the views were not built anew in ${rebuildTimeoutMs / 1000} s`);
};

const statesOf = async (connection: mongoose.Connection, generation: number, collection: string): Promise<Map<string, unknown>> => {
  const db = connection.getClient().db(`${namespace.replaceAll('.', '-')}gateway-g${generation}`);
  const documents = await db
    .collection(collection)
    .find({}, { projection: { state: 1 } })
    .toArray();
  return new Map(documents.map(({ _id, state }) => [String(_id), state]));
};

/** What two generations of views say differently. */
const compareViews = async (mongoUrl: string, [before, now]: [number, number]): Promise<string[]> => {
  const connection = await mongoose.createConnection(mongoUrl, { serverSelectionTimeoutMS: 10_000 }).asPromise();
  try {
    const problems: string[] = [];
    for (const collection of views) {
      const [lived, replayed] = [await statesOf(connection, before, collection), await statesOf(connection, now, collection)];
      for (const id of new Set([...lived.keys(), ...replayed.keys()]))
        if (!isDeepStrictEqual(lived.get(id), replayed.get(id))) problems.push(`${collection} ${id} is shown otherwise after a replay`);
    }
    return problems;
  } finally {
    await connection.close();
  }
};

type Balance = { debitFen: number; creditFen: number };

const addTo = (sums: Map<string, Balance>, account: string, debitFen: number, creditFen: number): void => {
  const old = sums.get(account) ?? { debitFen: 0, creditFen: 0 };
  sums.set(account, { debitFen: old.debitFen + debitFen, creditFen: old.creditFen + creditFen });
};

/** The facts of payments, folded into balances in memory, against the balances that the ledger came to. */
const compareLedger = async ({ brokers, mongoUrl }: Ways): Promise<string[]> => {
  const { balances } = await readDatabases(mongoUrl, namespace);
  const { topics } = await readTopics(brokers.join(','), namespace);
  const [kept, folded] = [new Map<string, Balance>(), new Map<string, Balance>()];
  for (const { account, debitFen, creditFen } of balances) addTo(kept, account, debitFen, creditFen);
  for (const fact of firstAppearances(topics.payments)) {
    const posting = postingOf(fact);
    for (const { account, amountFen } of posting ? legsOf(posting) : [])
      addTo(folded, account, Math.max(0, amountFen), Math.max(0, -amountFen));
  }
  return [...new Set([...kept.keys(), ...folded.keys()])]
    .filter((account) => !isDeepStrictEqual(kept.get(account), folded.get(account)))
    .map((account) => `account ${account} stands otherwise after a replay`);
};

/** Replays every fact into empty views and into an empty ledger, and tells what comes out otherwise. */
export const replay = async (ways: Ways): Promise<string[]> => {
  const generations = await rebuildViews(ways);
  const problems = [...(await compareViews(ways.mongoUrl, generations)), ...(await compareLedger(ways))];
  const more = problems.length - problemsMax;
  return more > 0 ? [...problems.slice(0, problemsMax), `and ${more} more differ after a replay`] : problems;
};
