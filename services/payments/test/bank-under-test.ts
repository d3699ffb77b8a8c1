import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const bankToken = 'a-token-of-the-bank';

/** How a call goes wrong: before it is applied, after it, or with an answer that is none. */
export type Fault = 'lost' | 'answer-lost' | 'unavailable' | 'silent' | 'nonsense' | 'other-key' | 'conflict';

type Books = 'debits' | 'credits';
type Stored = { key: string; status: 'applied' | 'refused'; code?: string; at: string };
export type BankCall = { method: string; path: string; body: Record<string, unknown> };

const at = '2026-09-01T08:00:00.000+08:00';

/** A core bank in this process: keys that are kept for ever, and faults that a test chooses call by call. */
export const startBank = async () => {
  const books = { debits: new Map<string, Stored>(), credits: new Map<string, Stored>() };
  const calls: BankCall[] = [];
  const refusals = new Map<string, string>();
  const accounts = new Map<string, string[]>();
  let faultOf: (call: BankCall) => Fault | undefined = () => undefined;

  const applied = (book: Books, { key, accountNo }: Record<string, unknown>): Stored => {
    const known = books[book].get(String(key));
    if (known) return known;
    const code = refusals.get(`${book} ${accountNo}`);
    const stored: Stored = code ? { key: String(key), status: 'refused', code, at } : { key: String(key), status: 'applied', at };
    books[book].set(stored.key, stored);
    return stored;
  };

  const cancelled = (key: string): Stored => {
    const stored: Stored = books.debits.get(key) ?? { key, status: 'refused', code: 'cancelled', at };
    books.debits.set(key, stored);
    return stored;
  };

  const outcome = ({ method, path, body }: BankCall): { status: number; json: unknown } => {
    const { pathname, searchParams } = new URL(path, 'http://bank');
    const [, book = '', key = '', cancel] = pathname.split('/').map(decodeURIComponent);
    if (book === 'accounts') {
      const own = accounts.get(searchParams.get('customerId') ?? '') ?? [];
      const details = { kind: 'current', balanceFen: 1_000_000, currency: 'CNY' };
      return {
        status: 200,
        json: { accounts: own.map((accountNo) => ({ accountNo, masked: `**** ${accountNo.slice(-4)}`, ...details })) },
      };
    }
    if (cancel) return { status: 200, json: cancelled(key) };
    if (method === 'POST') return { status: 200, json: applied(book as Books, body) };
    const stored = books[book as Books].get(key);
    return stored ? { status: 200, json: stored } : { status: 404, json: { code: 'BANK_NOT_FOUND' } };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const call: BankCall = { method: request.method ?? '', path: request.url ?? '', body: body ? JSON.parse(body) : {} };
    calls.push(call);
    const end = (status: number, value: string): void => void response.writeHead(status).end(value);
    if (request.headers.authorization !== `Bearer ${bankToken}`) return end(401, '{}');
    const fault = faultOf(call);
    if (fault === 'silent') return;
    if (fault === 'lost') return void request.socket.destroy();
    if (fault === 'unavailable') return end(503, 'overloaded');
    if (fault === 'conflict') return end(409, '{}');
    const { status, json } = outcome(call);
    if (fault === 'answer-lost') return void request.socket.destroy();
    if (fault === 'nonsense') return end(200, '<html>');
    if (fault === 'other-key') return end(200, JSON.stringify({ ...(json as Stored), key: 'another' }));
    end(status, JSON.stringify(json));
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    books,
    calls,
    /** What the bank refuses for an account, by `debits <accountNo>` or `credits <accountNo>`. */
    refusals,
    accounts,
    setFault: (choose: typeof faultOf): void => {
      faultOf = choose;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type Bank = Awaited<ReturnType<typeof startBank>>;
