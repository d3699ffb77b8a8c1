import { BillId, CampusBill } from '@scenefi/contracts';
import { Problem, requireBearer } from '@scenefi/http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { campusErrors } from './errors.ts';
import { pictureOf } from './picture.ts';
import type { BillQueries } from './store.ts';

type RoutesOptions = { bills: BillQueries; internalToken: string };

const Counts = z.record(z.string(), z.int()).meta({ id: 'BillCounts' });

/** What our own services and operators may ask; partners and the app do not come here. */
export const campusRoutes =
  ({ bills, internalToken }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const security = [{ internalToken: [] }];
    const tags = ['bills'];
    app.get(
      '/internal/bills/:billId',
      {
        schema: {
          operationId: 'getBill',
          summary: 'The public picture of one bill',
          tags,
          security,
          params: z.object({ billId: BillId }),
          response: { 200: CampusBill.billed.schema, 400: Problem, 401: Problem, 404: Problem, 503: Problem },
        },
      },
      async ({ params: { billId } }) => {
        const bill = await bills.byId(billId);
        if (!bill?.terms) throw campusErrors.BILL_NOT_FOUND({ billId });
        return CampusBill.billed.read(pictureOf(billId, bill, bill.terms));
      },
    );
    app.get(
      '/internal/bills',
      {
        schema: {
          operationId: 'countBills',
          summary: 'How many bills are in which state',
          tags,
          security,
          response: { 200: Counts, 401: Problem, 503: Problem },
        },
      },
      () => bills.countByStatus(),
    );
  };
