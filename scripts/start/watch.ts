import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';

/** One that has much to do, and asks its broker for that, may take seconds. */
const answerMs = 20_000;

export type Address = { name: string; url: string };

const readJson = async (url: string, token: string): Promise<unknown> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};

/** Resolves once every service says it is ready; rejects with what the last one said after the time is over. */
export const untilReady = async (addresses: readonly Address[], timeoutMs: number): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  for (const { name, url } of addresses) {
    let last = 'it does not answer';
    for (;;) {
      try {
        const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
        if (response.ok) break;
        last = JSON.stringify(((await response.json()) as { reasons?: unknown }).reasons);
      } catch {
        // Not listening yet.
      }
      if (Date.now() > deadline) throw new Error(`${name} is not ready after ${timeoutMs / 1000} s: ${last}`);
      await sleep(100);
    }
  }
};

const metric = async ({ url }: Address, name: string): Promise<number> => {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}`);
  const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name}{`) || text.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
};

export type Snapshot = {
  bills: Record<string, number>;
  payments: Record<string, number>;
  /** What waits for people, and for partners. */
  queue: number;
  waitingLetters: number;
  lag: number;
  parked: number;
  ledger: { entries: number; sumFen: number; balanced: boolean };
};

/** What the services themselves say: counts by state, lag, parked messages, the trial balance. */
export const takeSnapshot = async (addresses: readonly Address[], token: string): Promise<Snapshot> => {
  const at = (name: string): Address => addresses.find((address) => address.name === name)!;
  const consumers = addresses.filter(({ name }) => name !== 'ingress' && name !== 'sandbox-world');
  const sum = async (name: string): Promise<number> =>
    (await Promise.all(consumers.map((address) => metric(address, name)))).reduce((total, value) => total + value, 0);
  const [bills, payments, ledger, lag, parked, queue, waitingLetters] = await Promise.all([
    readJson(`${at('campus').url}/internal/bills`, token),
    readJson(`${at('payments').url}/internal/payments`, token),
    readJson(`${at('ledger').url}/internal/trial-balance`, token),
    sum('bus_lag_messages'),
    sum('engine_parked_messages'),
    metric(at('payments'), 'payments_queue_items'),
    metric(at('notifier'), 'notifier_waiting_letters'),
  ]);
  return { bills, payments, ledger, lag, parked, queue, waitingLetters } as Snapshot;
};

/** What goes on asking until people decide: a payment in a queue, a bill that its school never wrote off, one whose debit is unknown. */
const forPeople = (now: string) => [
  { 'state.queue.0': { $exists: true } },
  { 'state.holding.told': 'overdue' },
  { 'state.holding.phase': 'leased', 'state.holding.until': { $lt: now } },
];

/** How many aggregates still have something to publish, or a deadline within the horizon that does not wait for people. */
const openWork = async (mongoUrl: string, databases: readonly string[], horizonMs: number): Promise<number> => {
  const connection = await mongoose.createConnection(mongoUrl, { serverSelectionTimeoutMS: 5_000 }).asPromise();
  try {
    const [now, soon] = [Date.now(), Date.now() + horizonMs].map((ms) => new Date(ms).toISOString()) as [string, string];
    const due = { wakeAt: { $lte: soon }, $nor: forPeople(now) };
    let open = 0;
    for (const database of databases) {
      const db = connection.getClient().db(database);
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
        open += await db.collection(name).countDocuments({ $or: [{ unsent: { $gte: 0 } }, due] });
      }
    }
    return open;
  } finally {
    await connection.close();
  }
};

type Patience = { timeoutMs: number; signal?: AbortSignal };

/** Asks every half second until it holds so many times in a row; answers whether it came to that in time. */
const untilSteady = async (times: number, { timeoutMs, signal }: Patience, holds: () => Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + timeoutMs;
  for (let inARow = 0; performance.now() < deadline; ) {
    inARow = (await holds()) ? inARow + 1 : 0;
    if (inARow === times) return true;
    await sleep(500, undefined, { signal });
  }
  return false;
};

/** Waits until at most `lagMax` messages are unread and none parked, three times in a row; answers whether it came to that. */
export const untilDrained = (
  snapshot: () => Promise<Pick<Snapshot, 'lag' | 'parked'>>,
  { lagMax, ...patience }: Patience & { lagMax: number },
): Promise<boolean> =>
  untilSteady(3, patience, async () => {
    const shot = await snapshot().catch(() => undefined);
    return shot !== undefined && shot.lag <= lagMax && shot.parked === 0;
  });

export type QuietParts = {
  addresses: readonly Address[];
  token: string;
  mongoUrl: string;
  databases: readonly string[];
  horizonMs: number;
  timeoutMs: number;
};

/** Resolves once the groups are at the end, nothing is parked, nothing waits to be published and nothing falls due, twice in a row. */
export const untilQuiet = ({ addresses, token, mongoUrl, databases, horizonMs, timeoutMs }: QuietParts): Promise<boolean> =>
  untilSteady(2, { timeoutMs }, async () => {
    // Whoever does not answer in time is not quiet.
    const shot = await takeSnapshot(addresses, token).catch(() => undefined);
    return shot?.lag === 0 && shot.parked === 0 && (await openWork(mongoUrl, databases, horizonMs)) === 0;
  });
