import { entryIds } from '@scenefi/contracts';
import { createApp, Problem } from '@scenefi/http';
import { type Instant, instantOf } from '@scenefi/kernel';
import { keptLogger, keptMeter, testRandom } from '@scenefi/testing/scenario';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cursor, cursorOf, type Place, pageOf } from '../../services/gateway/src/conventions.ts';
import { ledgerRoutes } from '../../services/ledger/src/routes.ts';
import { runs } from './runs.ts';

const internalToken = 'a-token-for-people-inside';
const account = 'clearing:campus';
const instant = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') }).map(instantOf);
const place: fc.Arbitrary<Place> = fc.record({ at: instant, id: fc.stringMatching(/^[a-z0-9_:]{1,64}$/) }, { noNullPrototype: true });
const noise = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text).toString('base64url')),
  fc.tuple(instant, fc.string()).map(([at, id]) => Buffer.from(`${at}~${id}`).toString('base64url')),
  fc.tuple(instant, fc.string()).map(([at, id]) => `${at}~${id}`),
);

test('every place of the app leads back to itself through its cursor, and no cursor is too long', () => {
  fc.assert(
    fc.property(place, (ended) => {
      expect(Cursor.parse(cursorOf(ended))).toEqual(ended);
    }),
    runs,
  );
});

test('a text that is no cursor is refused, never thrown over; one that is taken holds only a time and an id', () => {
  fc.assert(
    fc.property(noise, (text) => {
      const read = Cursor.safeParse(text);
      if (!read.success) return;
      expect(read.data.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(read.data.id).toMatch(/^[a-z0-9_:]{1,64}$/);
    }),
    { ...runs, numRuns: 1_000 },
  );
});

test('pages by their cursors tell everything once and in order', () => {
  const sorted = fc
    .uniqueArray(place, { maxLength: 40, selector: ({ at, id }) => `${at}~${id}` })
    .map((places) => places.sort((left, right) => (`${left.at}~${left.id}` < `${right.at}~${right.id}` ? -1 : 1)));
  fc.assert(
    fc.property(sorted, fc.integer({ min: 1, max: 10 }), (all, limit) => {
      const told: Place[] = [];
      for (let next: string | null | undefined; next !== null; ) {
        const after = next === undefined ? undefined : Cursor.parse(next);
        const from = after === undefined ? 0 : all.findIndex(({ at, id }) => at === after.at && id === after.id) + 1;
        const page = pageOf(all.slice(from, from + limit + 1), limit, (item) => item);
        told.push(...page.items);
        next = page.next;
      }
      expect(told).toEqual(all);
    }),
    runs,
  );
});

type After = { at: string; entryId: string };
let asked: (After | undefined)[] = [];
let last: { at: Instant; entryId: string };
const line = () => ({ ...last, paymentId: `pay_${'a'.repeat(26)}`, reason: 'settled', businessDay: '2026-01-01', amountFen: 1 });

/** Books with one full page, so that every statement has a next one. */
const books = {
  statement: async (_account: string, after?: After) => {
    asked.push(after);
    return Array.from({ length: 100 }, line);
  },
} as unknown as Parameters<typeof ledgerRoutes>[0]['books'];

const app = createApp({
  name: 'ledger',
  version: '0.1.0',
  logger: keptLogger(),
  meter: keptMeter(),
  random: testRandom(),
  development: false,
  health: { ready: () => [] },
  metricsText: () => '',
});

const statement = (after?: string) =>
  app.inject({
    url: `/internal/accounts/${encodeURIComponent(account)}/statement`,
    query: after === undefined ? {} : { after },
    headers: { authorization: `Bearer ${internalToken}` },
  });

beforeAll(async () => {
  app.register(ledgerRoutes({ books, internalToken }));
  await app.ready();
});

afterAll(() => app.close());

test('the next page of a statement begins where the page before ended', async () => {
  const entry = fc.record({ at: instant, entryId: fc.string().map((name) => entryIds.of(name)) }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(entry, async (ended) => {
      last = ended;
      const { next } = (await statement()).json() as { next: string };
      asked = [];
      expect((await statement(next)).statusCode).toBe(200);
      expect(asked).toEqual([ended]);
    }),
    { ...runs, numRuns: 50 },
  );
});

test('no text for a cursor of a statement gets further than a 400', async () => {
  await fc.assert(
    fc.asyncProperty(noise, async (text) => {
      asked = [];
      const answer = await statement(text);
      if (answer.statusCode === 200) expect(asked[0]?.entryId).toMatch(/^ent_[a-z2-7]{26}$/);
      else {
        expect(answer.statusCode).toBe(400);
        expect(Problem.parse(answer.json()).code).toBe('HTTP_INVALID');
        expect(asked).toEqual([]);
      }
    }),
    { ...runs, numRuns: 300 },
  );
});
