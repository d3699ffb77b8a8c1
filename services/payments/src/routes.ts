import { About, ChosenItem, CustomerId, Held, PartnerRef, PaymentId, PaymentRecorded, paymentIds } from '@scenefi/contracts';
import type { Aggregate } from '@scenefi/engine';
import { Problem, requireBearer } from '@scenefi/http';
import { AmountFen, type Clock, epochMs, Instant, type Random } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BankAccount, type CoreBank } from './core-bank.ts';
import { paymentErrors } from './errors.ts';
import type { Payment, PaymentCommand, QueueItem } from './payment-state.ts';
import { masked, pictureOf } from './picture.ts';
import { outcomes } from './queue.ts';
import type { PaymentQueries } from './store.ts';

const Visible = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'at most 64 visible ASCII characters');
const AccountNo = z.string().regex(/^\d{10,19}$/, '10 to 19 digits');

const PaymentRequest = z
  .object({
    customerId: CustomerId,
    idempotencyKey: Visible,
    about: About,
    amountFen: AmountFen,
    items: z.array(ChosenItem).min(1).max(50).optional(),
    payFrom: AccountNo.describe('the account that is debited'),
    stepUp: z.boolean().describe('whether the customer proved twice who he is'),
  })
  .meta({ id: 'PaymentRequest' });

const Proposal = z.object({ outcome: z.string(), by: z.string(), reason: z.string(), at: Instant, accountMasked: z.string().optional() });
const Asked = z.object({ attempts: z.int(), since: Instant, againAt: Instant }).describe('how often the core bank was asked');

const Item = z.object({
  queue: z.string(),
  refundNo: z.string().optional(),
  since: Instant,
  asked: Asked.optional(),
  proposal: Proposal.optional().describe('what one person decided; another one has to confirm it'),
});

const PaymentView = PaymentRecorded.schema
  .and(
    z.object({
      stage: z.string().describe('the status as payments itself knows it, with `leased` and `debiting`'),
      code: z.string().optional().describe('why it was refused or failed'),
      held: Held.optional(),
      refunds: z.array(z.object({ refundNo: z.string(), amountFen: z.int(), reason: z.string(), status: z.string() })),
      queue: z.array(Item),
      resolutions: z.array(
        z.object({
          queue: z.string(),
          refundNo: z.string().optional(),
          outcome: z.string(),
          by: z.array(z.string()),
          reason: z.string(),
          at: Instant,
        }),
      ),
    }),
  )
  .meta({ id: 'PaymentView' });

const Queue = z
  .object({
    items: z.array(
      Item.extend({
        paymentId: PaymentId,
        about: About,
        amountFen: AmountFen,
        stage: z.string(),
        ageMs: z.int().describe('since it waits'),
      }),
    ),
  })
  .meta({ id: 'PaymentQueue' });

const Resolve = z
  .object({
    outcome: z.enum(outcomes),
    by: z.string().trim().min(1).max(64).describe('who decides'),
    reason: z.string().trim().min(1).max(200),
    refundNo: PartnerRef.optional().describe('the refund, where it is about one'),
    accountNo: AccountNo.optional().describe('of credit-other-account'),
  })
  .meta({ id: 'PaymentResolve' });

const Counts = z.record(z.string(), z.int()).meta({ id: 'PaymentCounts' });
const Accounts = z.object({ accounts: z.array(BankAccount) }).meta({ id: 'BankAccounts' });

const itemOf = ({ name: queue, refundNo, since, proposal }: QueueItem, { calls }: Payment) => {
  const callKey = queue === 'debit-unknown' ? 'debit' : 'reversal';
  const call = calls.find(({ key, about }) => (refundNo === undefined ? key === callKey : about === refundNo));
  const { accountNo, ...proposed } = proposal ?? {};
  return {
    queue,
    ...(refundNo !== undefined && { refundNo }),
    since,
    ...(call && { asked: { attempts: call.attempt, since: call.since, againAt: call.againAt } }),
    ...(proposal && { proposal: { ...proposed, ...(accountNo !== undefined && { accountMasked: masked(accountNo) }) } }),
  };
};

const viewOf = (payment: Payment, paymentId: string) => {
  const { status: stage, refusal, refunds, queue = [], resolutions } = payment;
  const view = {
    ...pictureOf(payment, paymentId),
    stage,
    ...refusal,
    refunds: refunds.map(({ refundNo, amountFen, reason, status }) => ({ refundNo, amountFen, reason, status })),
    queue: queue.map((item) => itemOf(item, payment)),
    resolutions,
  };
  // What we say is held against its schema when it is sent.
  return view as unknown as z.output<typeof PaymentView>;
};

type RoutesOptions = {
  payments: Aggregate<Payment, PaymentCommand>;
  queries: PaymentQueries;
  bank: CoreBank;
  clock: Clock;
  random: Random;
  internalToken: string;
};

const tags = ['payments'];
const security = [{ internalToken: [] }];
const params = z.object({ paymentId: PaymentId });
const common = { 400: Problem, 401: Problem, 503: Problem };

/** A customer pays: the same key with the same body meets its own payment. */
const requestRoute =
  ({ payments }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/internal/payments',
      {
        schema: {
          operationId: 'requestPayment',
          summary: 'A customer pays in the app',
          tags,
          security,
          body: PaymentRequest,
          response: { 202: PaymentView, 409: Problem, 422: Problem, ...common },
        },
      },
      async ({ body }, reply) => {
        const { idempotencyKey, items, ...rest } = body;
        const paymentId = paymentIds.of('app', body.customerId, idempotencyKey);
        const command: PaymentCommand = { type: 'Request', request: { ...rest, ...(items && { items }) } };
        const id = `app|${body.customerId}|payments|${idempotencyKey}`;
        // How the customer proved who he is may differ when he asks again; what he wants may not.
        const { stepUp: _proof, ...content } = body;
        const { state } = await payments.send({ aggregateId: paymentId, id, command, body: content });
        return reply.code(202).send(viewOf(state, paymentId));
      },
    );
  };

/** What people see and decide where the core bank or a partner leaves a payment without an answer. */
const queueRoutes =
  ({ payments, queries, clock, random }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/internal/queue',
      {
        schema: {
          operationId: 'listQueue',
          summary: 'What waits for people, the first to wait first, at most 200 payments',
          tags,
          security,
          response: { 200: Queue, 401: Problem, 503: Problem },
        },
      },
      async () => {
        const items = (await queries.queued()).flatMap(({ paymentId, payment }) => {
          const { about, amountFen } = pictureOf(payment, paymentId);
          const of = { paymentId, about, amountFen, stage: payment.status };
          return (payment.queue ?? []).map((item) => ({
            ...itemOf(item, payment),
            ...of,
            ageMs: Math.max(0, clock.now() - epochMs(item.since)),
          }));
        });
        return { items } as z.output<typeof Queue>;
      },
    );
    app.post(
      '/internal/payments/:paymentId/resolve',
      {
        schema: {
          operationId: 'resolvePayment',
          summary: 'A decision of people; one that moves money needs a second person',
          tags,
          security,
          params,
          body: Resolve,
          response: { 200: PaymentView, 404: Problem, 409: Problem, 422: Problem, ...common },
        },
      },
      async ({ params: { paymentId }, body }) => {
        if (!(await queries.byId(paymentId))) throw paymentErrors.PAYMENT_NOT_FOUND({ paymentId });
        const { refundNo, accountNo, ...rest } = body;
        const which = { ...(refundNo !== undefined && { refundNo }), ...(accountNo !== undefined && { accountNo }) };
        // A person who decides again decides anew: what the state makes of it is the only guard.
        const id = `operator|resolve|${random.bytes(16).toString('hex')}`;
        const { state } = await payments.send({ aggregateId: paymentId, id, command: { type: 'Resolve', ...rest, ...which }, body });
        return viewOf(state, paymentId);
      },
    );
  };

const readRoutes =
  ({ queries, bank }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/internal/payments/:paymentId',
      {
        schema: {
          operationId: 'getPayment',
          summary: 'One payment as it stands',
          tags,
          security,
          params,
          response: { 200: PaymentView, 404: Problem, ...common },
        },
      },
      async ({ params: { paymentId } }) => {
        const payment = await queries.byId(paymentId);
        if (!payment || payment.status === 'none') throw paymentErrors.PAYMENT_NOT_FOUND({ paymentId });
        return viewOf(payment, paymentId);
      },
    );
    app.get(
      '/internal/payments',
      {
        schema: {
          operationId: 'countPayments',
          summary: 'How many payments are in which state',
          tags,
          security,
          response: { 200: Counts, 401: Problem, 503: Problem },
        },
      },
      () => queries.countByStatus(),
    );
    app.get(
      '/internal/accounts',
      {
        schema: {
          operationId: 'listAccounts',
          summary: 'The accounts of a customer at the core bank',
          tags,
          security,
          querystring: z.object({ customerId: CustomerId }),
          response: { 200: Accounts, ...common },
        },
      },
      async ({ query: { customerId } }) => {
        const accounts = await bank.accountsOf(customerId);
        if (!accounts) throw paymentErrors.BANK_UNAVAILABLE();
        return { accounts };
      },
    );
  };

/** What our own services and operators may ask and say. */
export const paymentRoutes =
  (options: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(options.internalToken));
    for (const routes of [requestRoute, queueRoutes, readRoutes]) await app.register(routes(options));
  };
