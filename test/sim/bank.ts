import type { Life } from './life.ts';
import type { Fault, World } from './world.ts';

/** One line of the bank's books: what stands under a key for ever. */
export type Booking = {
  key: string;
  side: 'debit' | 'credit';
  status: 'applied' | 'refused';
  code?: string;
  at: string;
  amountFen: number;
  /** The payment that the order names; nothing where only a cancellation was stored. */
  paymentId: string;
  customerId?: string;
  channel?: string;
  atMs: number;
};

type Order = {
  key: string;
  amountFen: number;
  memo: string;
  customerId?: string;
  accountNo?: string;
  channel?: string;
  reference?: string;
};

export type Bank = {
  readonly books: ReadonlyMap<string, Booking>;
  /** The network call of one process. */
  fetch(life: Life, url: string, init: RequestInit): Promise<{ status: number; text: () => Promise<string> }>;
  onApplied(listener: (booking: Booking) => void): void;
  away: boolean;
};

const faults: readonly Fault[] = ['away', 'answer-lost', 'late', 'slow', 'crash-before', 'crash-after'];

const outage = (): Error => new TypeError('fetch failed');

/** The core bank: its books, and what it says to a call. What it has once said under a key it says for ever. */
export const createBank = (world: World): Bank => {
  const books = new Map<string, Booking>();
  const listeners: ((booking: Booking) => void)[] = [];
  const now = (): string => new Date(world.scheduler.now()).toISOString();

  const refusalOf = (side: Booking['side'], { key }: Order): string | undefined => {
    const chance = world.chance(key, 'bank');
    if (side === 'debit') return chance < 0.12 ? 'insufficient-funds' : undefined;
    return chance < 0.1 ? 'account-closed' : undefined;
  };

  const book = (side: Booking['side'], order: Order): Booking => {
    const { key, amountFen, memo: paymentId, customerId, channel } = order;
    const known = books.get(key);
    if (known) {
      const isCancelled = known.code === 'cancelled';
      if (!isCancelled && (known.amountFen !== amountFen || known.side !== side)) world.violate('one key, one order', key);
      return known;
    }
    const code = refusalOf(side, order);
    const booking: Booking = {
      key,
      side,
      status: code ? 'refused' : 'applied',
      at: now(),
      amountFen,
      paymentId,
      atMs: world.scheduler.now(),
      ...(code && { code }),
      ...(customerId && { customerId }),
      ...(channel && { channel }),
    };
    books.set(key, booking);
    world.say(() => `BANK ${side} ${key} of ${amountFen} ${booking.status}`);
    if (!code) for (const listener of listeners) listener(booking);
    return booking;
  };

  /** A cancellation is stored as a refusal, so that the debit is never applied after it. */
  const cancel = (key: string): Booking => {
    const known = books.get(key);
    if (known) return known;
    const at = now();
    const cancelled: Booking = { key, side: 'debit', status: 'refused', code: 'cancelled', at, amountFen: 0, paymentId: '', atMs: 0 };
    books.set(key, cancelled);
    world.say(() => `BANK debit ${key} is cancelled`);
    return cancelled;
  };

  const found = (booking: Booking | undefined) => {
    if (!booking) return { status: 404, text: async () => '' };
    const { key, status, at, code } = booking;
    return { status: 200, text: async () => JSON.stringify({ key, status, at, ...(code && { code }) }) };
  };

  const answer = (method: string, path: string, body: Order) => {
    const [, what, key = '', verb] = path.split('/').map(decodeURIComponent);
    if (what?.startsWith('accounts')) return { status: 200, text: async () => JSON.stringify({ accounts: [] }) };
    if (method === 'GET') return found(books.get(key));
    if (verb === 'cancel') return found(cancel(key));
    return found(book(what === 'debits' ? 'debit' : 'credit', body));
  };

  const bank: Bank = {
    books,
    fetch: (life, url, { method = 'GET', body, signal }) => {
      const path = url.slice(url.indexOf(life.name) + life.name.length);
      const call = life.call<ReturnType<typeof answer>>({
        side: 'bank',
        what: `${method} ${path}`,
        possible: faults,
        outage,
        deed: (reply, fail) => {
          if (bank.away) fail(outage());
          else reply(answer(method, path, body ? JSON.parse(String(body)) : undefined));
        },
      });
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        call.then(resolve, reject);
      });
    },
    onApplied: (listener) => void listeners.push(listener),
    away: false,
  };
  return bank;
};
