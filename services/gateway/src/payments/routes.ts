import { BillId, ChosenItem, PaymentId } from '@scenefi/contracts';
import { type InternalCalls, Problem } from '@scenefi/http';
import { AmountFen, AppError } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CommandHeaders, commandRefusals, idempotencyKeyOf, Next, PageQuery, pageOf, refusals, security } from '../conventions.ts';
import { gatewayErrors } from '../errors.ts';
import type { Generations } from '../generations.ts';
import type { PaymentView } from '../store.ts';
import type { Waiting } from '../waiting.ts';
import { AskedPayment, askedOf, isDecided, Payment, paymentOf } from './payment.ts';

const AccountNo = z.string().regex(/^\d{10,19}$/, '10 to 19 digits');

const BankAccount = z
  .object({
    accountNo: z.string(),
    masked: z.string().describe('**** 0001'),
    kind: z.string(),
    balanceFen: z.int(),
    currency: z.string(),
  })
  .meta({ id: 'BankAccount' });
const Accounts = z.object({ accounts: z.array(BankAccount) });

const PaymentToMake = z
  .object({
    billId: BillId,
    items: z.array(ChosenItem).min(1).max(50).optional().describe('what is chosen, of a bill whose items can be chosen'),
    expectedAmountFen: AmountFen.describe('what the customer was shown; another price refuses the payment'),
    payFrom: AccountNo.describe('the accountNo of one of his accounts'),
  })
  .meta({ id: 'PaymentToMake' });

export type PaymentRoutes = { generations: Generations; waitingPayments: Waiting<PaymentView>; payments: InternalCalls };

/** What payments itself knows of a payment; undefined where it knows none. */
const askOwner = (payments: InternalCalls, paymentId: string): Promise<AskedPayment | undefined> =>
  payments({ method: 'GET', path: `/internal/payments/${paymentId}`, answer: AskedPayment }).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return undefined;
    throw error;
  });

const payRoutes =
  ({ generations, waitingPayments, payments }: PaymentRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    const common = { tags: ['payments'], security };
    app.post(
      '/v1/payments',
      {
        schema: {
          ...common,
          operationId: 'pay',
          summary: 'Pay a bill; what becomes of it is the status of the payment',
          headers: CommandHeaders,
          body: PaymentToMake,
          response: { 202: z.object({ payment: Payment }), ...commandRefusals },
        },
      },
      async ({ headers, body, customer: { customerId, stepUp } }, reply) => {
        const idempotencyKey = idempotencyKeyOf(headers);
        const { billId, expectedAmountFen: amountFen, ...rest } = body;
        const bill = await generations.read((views) => views.billOf(customerId, billId));
        if (!bill) throw gatewayErrors.BILL_NOT_FOUND({ billId });
        const about = { scene: bill.scene, partnerId: bill.partnerId, payableId: bill.payableId };
        const command = { ...rest, customerId, idempotencyKey, about, amountFen, stepUp };
        const asked = await payments({ method: 'POST', path: '/internal/payments', body: command, answer: AskedPayment });
        return reply.code(202).send({ payment: paymentOf(asked) });
      },
    );
    app.get(
      '/v1/payments/:paymentId',
      {
        schema: {
          ...common,
          operationId: 'getPayment',
          summary: 'One payment of the customer; with `waitMs` answered as soon as it is no longer `requested`',
          params: z.object({ paymentId: PaymentId }),
          querystring: z.object({ waitMs: z.coerce.number().int().min(0).max(25_000).default(0) }),
          response: { 200: Payment, ...refusals, 404: Problem },
        },
      },
      async ({ params: { paymentId }, query: { waitMs }, customer: { customerId } }) => {
        const view = (await generations.read((views) => views.payments([paymentId]))).get(paymentId);
        const asked = view ? askedOf(view) : await askOwner(payments, paymentId);
        if (asked?.customerId !== customerId) throw gatewayErrors.PAYMENT_NOT_FOUND({ paymentId });
        if (waitMs === 0 || isDecided(asked)) return paymentOf(asked);
        const isReached = (later: PaymentView | undefined) => later !== undefined && isDecided(later.picture);
        const later = await waitingPayments.until(paymentId, isReached, waitMs);
        return paymentOf(later ? askedOf(later) : asked);
      },
    );
    app.get(
      '/v1/payments',
      {
        schema: {
          ...common,
          operationId: 'listPayments',
          summary: 'The payments of the customer, newest first',
          querystring: PageQuery,
          response: { 200: z.object({ payments: z.array(Payment), next: Next }), ...refusals },
        },
      },
      async ({ query: { cursor, limit }, customer: { customerId } }) => {
        const found = await generations.read((views) => views.paymentsOf(customerId, { before: cursor, limit: limit + 1 }));
        const { items, next } = pageOf(found, limit, ({ picture }) => ({ at: picture.requestedAt, id: picture.paymentId }));
        return { payments: items.map((view) => paymentOf(askedOf(view))), next };
      },
    );
  };

/** The customer's accounts and his payments; payments owns both. */
export const paymentRoutes =
  (options: PaymentRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(payRoutes(options));
    const { payments } = options;
    app.get(
      '/v1/accounts',
      {
        schema: {
          tags: ['accounts'],
          security,
          operationId: 'listAccounts',
          summary: 'The accounts of the customer that he can pay from',
          response: { 200: Accounts, ...refusals },
        },
      },
      ({ customer: { customerId } }) => payments({ method: 'GET', path: `/internal/accounts?customerId=${customerId}`, answer: Accounts }),
    );
  };
