import { CustomerId } from '@scenefi/contracts';
import { Problem, requireBearer } from '@scenefi/http';
import { SumFen } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Bank } from './bank.ts';
import { Credit, Debit, Outcome, type Side } from './book.ts';
import type { Silence } from './silence.ts';

const Accounts = z.object({
  accounts: z.array(
    z.object({
      accountNo: z.string(),
      masked: z.string().describe('**** 0001'),
      kind: z.enum(['savings', 'current']),
      balanceFen: SumFen,
      currency: z.literal('CNY'),
    }),
  ),
});

const Keyed = z.object({ key: z.string().max(200) });

type RoutesOptions = { bank: Bank; silence: Silence; token: string };

const tags = ['bank'];
const refused = { 400: Problem, 401: Problem };
const moved = { 200: Outcome, ...refused, 409: Problem, 500: Problem, 503: Problem };
const known = { 200: Outcome, ...refused, 404: Problem };

/** What a core bank answers to the service that moves money. */
export const bankRoutes =
  ({ bank, silence, token }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(token));
    app.addHook('preClose', async () => silence.end());
    const move = (side: Side, body: typeof Debit | typeof Credit, texts: { operationId: string; summary: string }): void => {
      app.post(`/${side}s`, { schema: { ...texts, tags, body, response: moved } }, async ({ body: order, raw }, reply) => {
        const outcome = await bank.move(side, order);
        if (outcome !== 'silence') return outcome;
        reply.hijack();
        silence.hold(raw.socket);
        return reply;
      });
    };
    move('debit', Debit, { operationId: 'postDebit', summary: 'Debit an account, once per key' });
    move('credit', Credit, { operationId: 'postCredit', summary: 'Credit an account or a channel, once per key' });
    app.get(
      '/debits/:key',
      { schema: { operationId: 'getDebit', summary: 'What stands under the key of a debit', tags, params: Keyed, response: known } },
      ({ params }) => bank.outcome('debit', params.key),
    );
    app.get(
      '/credits/:key',
      { schema: { operationId: 'getCredit', summary: 'What stands under the key of a credit', tags, params: Keyed, response: known } },
      ({ params }) => bank.outcome('credit', params.key),
    );
    app.post(
      '/debits/:key/cancel',
      {
        schema: {
          operationId: 'cancelDebit',
          summary: 'Refuse a debit for ever that has no outcome yet; answers what stands',
          tags,
          params: Keyed,
          response: { 200: Outcome, ...refused },
        },
      },
      ({ params }) => bank.cancelDebit(params.key),
    );
    app.get(
      '/accounts',
      {
        schema: {
          operationId: 'listAccounts',
          summary: 'The accounts of a customer; none of somebody unknown',
          tags,
          querystring: z.object({ customerId: CustomerId }),
          response: { 200: Accounts, ...refused },
        },
      },
      async ({ query }) => ({ accounts: await bank.accounts(query.customerId) }),
    );
  };
