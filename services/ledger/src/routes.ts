import { EntryPosted, LedgerAccount, PaymentId } from '@scenefi/contracts';
import { Problem, requireBearer } from '@scenefi/http';
import { Instant } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { EntryDocument, LedgerBooks } from './store.ts';

const Balance = z.object({ account: LedgerAccount, debitFen: z.int(), creditFen: z.int(), balanceFen: z.int() });
const TrialBalance = z
  .object({ accounts: z.array(Balance), entries: z.int(), sumFen: z.int(), balanced: z.boolean() })
  .meta({ id: 'TrialBalance' });

const Line = z.object({
  entryId: z.string(),
  paymentId: z.string(),
  reason: z.string(),
  businessDay: z.iso.date(),
  at: Instant,
  amountFen: z.int().describe('debit positive, credit negative'),
});
const Statement = z
  .object({ lines: z.array(Line), next: z.string().nullable().describe('cursor of the next page') })
  .meta({ id: 'Statement' });
const Entries = z.object({ entries: z.array(EntryPosted.schema) }).meta({ id: 'Entries' });

const Cursor = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z~ent_[a-z2-7]{26}$/, 'a cursor that this API gave')
  .transform((text) => {
    const [at = '', entryId = ''] = text.split('~');
    return { at, entryId };
  });

const viewOf = ({ _id, paymentId, about, reason, businessDay, legs }: EntryDocument): EntryPosted =>
  EntryPosted.read({ entryId: _id, paymentId, about, reason, businessDay, legs });

type RoutesOptions = { books: LedgerBooks; internalToken: string };

/** What the bank's accountants ask. */
export const ledgerRoutes =
  ({ books, internalToken }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const common = { tags: ['ledger'], security: [{ internalToken: [] }] };
    app.get(
      '/internal/trial-balance',
      {
        schema: {
          ...common,
          operationId: 'getTrialBalance',
          summary: 'Every account and whether the books balance, in one snapshot',
          response: { 200: TrialBalance, 401: Problem, 503: Problem },
        },
      },
      () => books.trialBalance(),
    );
    app.get(
      '/internal/accounts/:account/statement',
      {
        schema: {
          ...common,
          operationId: 'getStatement',
          summary: 'The lines of one account, oldest first, 100 a page',
          params: z.object({ account: LedgerAccount }),
          querystring: z.object({ after: Cursor.optional() }),
          response: { 200: Statement, 400: Problem, 401: Problem, 503: Problem },
        },
      },
      async ({ params: { account }, query: { after } }) => {
        const lines = await books.statement(account, after);
        const last = lines.length === 100 ? lines.at(-1) : undefined;
        return { lines, next: last ? `${last.at}~${last.entryId}` : null };
      },
    );
    app.get(
      '/internal/payments/:paymentId/entries',
      {
        schema: {
          ...common,
          operationId: 'getEntriesOfPayment',
          summary: 'What the ledger booked for one payment',
          params: z.object({ paymentId: PaymentId }),
          response: { 200: Entries, 400: Problem, 401: Problem, 503: Problem },
        },
      },
      async ({ params: { paymentId } }) => ({ entries: (await books.entriesOfPayment(paymentId)).map(viewOf) }),
    );
  };
