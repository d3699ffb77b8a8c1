import { getJson, namespace, type RawBus, rawBus } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { factIdOf, type Ledger, paymentIdOf, sayRecorded, sayReversed, school, startLedger } from './ledger-under-test.ts';

const prefix = namespace('statements');
const names = Array.from({ length: 205 }, (_, number) => `payment-${number}`);
let ledger: Ledger;
let bus: RawBus;

beforeAll(async () => {
  [ledger, bus] = await Promise.all([startLedger(prefix), rawBus(prefix)]);
  await Promise.all(names.map((name) => sayRecorded(bus, name)));
  await sayReversed(bus, 'payment-0');
  await ledger.spy.awaitEnd(factIdOf('payment-0', 2), 'done');
  for (const name of names) await ledger.spy.awaitEnd(factIdOf(name), 'done');
});

afterAll(async () => {
  await ledger.stop();
  await bus.close();
});

type Line = { entryId: string; at: string; amountFen: number };
type Statement = { lines: Line[]; next: string | null };
type Entries = { entries: { reason: string }[] };

test('the trial balance adds up to nothing', async () => {
  const sumFen = 204 * 150;
  expect(await getJson(ledger, '/internal/trial-balance')).toEqual({
    status: 200,
    body: {
      accounts: [
        { account: 'clearing:counter', debitFen: 205 * 150, creditFen: 150, balanceFen: sumFen },
        { account: `payable:${school}`, debitFen: 150, creditFen: 205 * 150, balanceFen: -sumFen },
      ],
      entries: 206,
      sumFen: 0,
      balanced: true,
    },
  });
});

test('a statement is read page by page, oldest first, each line once', async () => {
  const lines: Line[] = [];
  const pages: number[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const query: string = next && `?after=${encodeURIComponent(next)}`;
    const { status, body } = await getJson<Statement>(ledger, `/internal/accounts/clearing:counter/statement${query}`);
    expect(status).toBe(200);
    lines.push(...body.lines);
    pages.push(body.lines.length);
    next = body.next;
  }
  expect(pages).toEqual([100, 100, 6]);
  expect(new Set(lines.map(({ entryId }) => entryId)).size).toBe(206);
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort());
  expect(lines.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(204 * 150);
});

test('an account without lines has an empty statement', async () => {
  const answer = await getJson(ledger, '/internal/accounts/suspense:nobody/statement');
  expect(answer).toEqual({ status: 200, body: { lines: [], next: null } });
});

test('the entries of a payment are told, and none of one that the ledger does not know', async () => {
  const { body } = await getJson<Entries>(ledger, `/internal/payments/${paymentIdOf('payment-0')}/entries`);
  expect(body.entries.map(({ reason }) => reason)).toEqual(['recorded', 'reversed']);
  const unknown = await getJson(ledger, `/internal/payments/${paymentIdOf('unknown')}/entries`);
  expect(unknown).toEqual({ status: 200, body: { entries: [] } });
});

test.each([
  ['an account that cannot be', '/internal/accounts/anything/statement'],
  ['a cursor that this API did not give', '/internal/accounts/clearing:counter/statement?after=yesterday'],
  ['a payment that cannot be', '/internal/payments/anything/entries'],
])('%s is answered 400', async (_what, path) =>
  expect(await getJson(ledger, path)).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } }),
);

test.each([
  '/internal/trial-balance',
  '/internal/accounts/clearing:counter/statement',
  `/internal/payments/${paymentIdOf('payment-1')}/entries`,
])('without the token %s is answered 401', async (path) => {
  expect(await getJson(ledger, path, '')).toMatchObject({ status: 401, body: { code: 'HTTP_UNAUTHORIZED' } });
  expect(await getJson(ledger, path, 'a-token-of-somebody-else')).toMatchObject({ status: 401 });
});

test('a ledger that reads and answers is ready', async () => {
  expect(await getJson(ledger, '/health/ready', '')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
});
