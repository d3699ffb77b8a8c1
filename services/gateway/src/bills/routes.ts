import { BillId } from '@scenefi/contracts';
import { Problem } from '@scenefi/http';
import { OffsetTime, shanghaiTime, toInstant } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Held, LocalTime, Next, PageQuery, pageOf, refusals, security } from '../conventions.ts';
import { gatewayErrors } from '../errors.ts';
import type { Generations } from '../generations.ts';
import type { VisibleBill } from '../store.ts';

const Bill = z
  .object({
    billId: z.string(),
    scene: z.string(),
    partnerId: z.string(),
    reference: z.string().describe("the partner's number of the bill"),
    linkId: z.string().describe('the linked account that it belongs to'),
    holderMasked: z.string(),
    title: z.string(),
    status: z.string(),
    amountFen: z.int().describe('what is owed; where items can be chosen, the least that can be paid'),
    paidFen: z.int(),
    refundedFen: z.int().optional(),
    held: Held.optional().describe('it is being paid at this moment'),
    dueAt: LocalTime,
    payableAfterDue: z.boolean(),
    detail: z.record(z.string(), z.unknown()).describe('what only this scene says, such as the items'),
  })
  .meta({ id: 'Bill' });

const BillQuery = PageQuery.extend({
  status: z
    .string()
    .regex(/^[a-z-]{1,40}$/)
    .optional(),
  dueBefore: OffsetTime.transform(toInstant).optional(),
});

const viewOf = ({ payableId, held, dueAt, ...bill }: VisibleBill) => ({
  ...bill,
  billId: payableId,
  ...(held && { held: { ...held, until: shanghaiTime(held.until) } }),
  dueAt: shanghaiTime(dueAt),
  detail: { ...bill.detail },
});

export type BillRoutes = { generations: Generations };

/** What a customer owes: every bill of the accounts that he follows, whatever the scene. */
export const billRoutes =
  ({ generations }: BillRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    const common = { tags: ['bills'], security };
    app.get(
      '/v1/bills',
      {
        schema: {
          ...common,
          operationId: 'listBills',
          summary: 'Every bill of the linked accounts, the earliest due time first',
          querystring: BillQuery,
          response: { 200: z.object({ bills: z.array(Bill), next: Next }), ...refusals },
        },
      },
      async ({ query: { cursor, limit, ...filter }, customer: { customerId } }) => {
        const found = await generations.read((views) => views.billsOf(customerId, { ...filter, after: cursor, limit: limit + 1 }));
        const { items, next } = pageOf(found, limit, ({ dueAt, payableId }) => ({ at: dueAt, id: payableId }));
        return { bills: items.map(viewOf), next };
      },
    );
    app.get(
      '/v1/bills/:billId',
      {
        schema: {
          ...common,
          operationId: 'getBill',
          summary: 'One bill of a linked account',
          params: z.object({ billId: BillId }),
          response: { 200: Bill, ...refusals, 404: Problem },
        },
      },
      async ({ params: { billId }, customer: { customerId } }) => {
        const bill = await generations.read((views) => views.billOf(customerId, billId));
        if (!bill) throw gatewayErrors.BILL_NOT_FOUND({ billId });
        return viewOf(bill);
      },
    );
  };
