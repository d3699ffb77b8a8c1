import { BillId, BillLeaseQuestion, BillQuestion, BillReleaseQuestion, billIds, CampusBill, leaseIds, PartnerId } from '@scenefi/contracts';
import type { Aggregate } from '@scenefi/engine';
import { Problem, requireBearer } from '@scenefi/http';
import { AppError, definedErrors } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Bill, BillCommand, CashierCommand } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { owedFen } from './items.ts';
import { heldOf } from './lease.ts';
import { pictureOf } from './picture.ts';
import type { BillQueries } from './store.ts';

type Bills = Pick<Aggregate<Bill, BillCommand>, 'send'>;
type RoutesOptions = { bills: Bills; queries: BillQueries; internalToken: string };

const noticesMax = 10;

const Counts = z.record(z.string(), z.int()).meta({ id: 'BillCounts' });

const asked = { partnerId: PartnerId, requestId: z.string().min(1).max(100).describe('the same again gets the same answer') };
const Question = z
  .discriminatedUnion('type', [
    z.object({ ...asked, type: z.literal(BillQuestion.type), data: BillQuestion.schema }),
    z.object({ ...asked, type: z.literal(BillLeaseQuestion.type), data: BillLeaseQuestion.schema }),
    z.object({ ...asked, type: z.literal(BillReleaseQuestion.type), data: BillReleaseQuestion.schema }),
  ])
  .meta({ id: 'CampusQuestion' });
type Question = z.output<typeof Question>;
const Answer = z.union([BillQuestion.answer, BillLeaseQuestion.answer, BillReleaseQuestion.answer]).meta({ id: 'CampusAnswer' });
type Answer = z.output<typeof Answer>;

/** The engine keeps no more than the code of a refusal; a repeat is refused in the same words and with the same status. */
const inFirstWords = (error: unknown): unknown => {
  const defined = error instanceof AppError && definedErrors().find(({ code }) => code === error.code);
  return defined ? new AppError(defined.code, defined.row, error.details) : error;
};

const createAnswers = (bills: Bills, queries: BillQueries) => {
  const billOf = async (billId: string, billNo: string): Promise<Bill> => {
    const bill = await queries.byId(billId);
    // Before the command: its refusal would make a document of every number that somebody asks for.
    if (!bill?.terms) throw campusErrors.BILL_NOT_FOUND({ billNo });
    return bill;
  };

  const command = async ({ partnerId, requestId, type, data }: Question, billId: string, own: CashierCommand): Promise<Bill> => {
    await billOf(billId, data.billNo);
    const sending = { aggregateId: billId, id: `question|${partnerId}|${requestId}`, command: own, body: { type, data } };
    const { state } = await bills.send(sending).catch((error: unknown) => Promise.reject(inFirstWords(error)));
    return state;
  };

  const standing = async ({ partnerId, data: { billNo } }: Question, billId: string): Promise<Answer> => {
    const [bill, refused] = await Promise.all([queries.byId(billId), queries.refusedNotices(billId, partnerId)]);
    const heard = bill?.heard ?? [];
    if (!bill?.terms && !bill?.kept.length && heard.length === 0 && refused.length === 0) throw campusErrors.BILL_NOT_FOUND({ billNo });
    return {
      billNo,
      status: bill?.status ?? 'announced',
      ...(bill?.terms && { amountFen: owedFen(bill.items, bill.terms.selection) }),
      ...(bill?.holding && { held: heldOf(bill.holding) }),
      notices: [...heard, ...refused].sort((one, other) => (one.at > other.at ? -1 : 1)).slice(0, noticesMax),
    };
  };

  const leased = async (question: Question, billId: string): Promise<Answer> => {
    const { billNo } = question.data;
    const leaseId = leaseIds.of(question.partnerId, question.requestId);
    const { holding, past } = await command(question, billId, { type: 'LeaseByCashier', leaseId, billNo });
    const lease = [holding, ...past].find((one) => one?.leaseId === leaseId);
    if (lease?.until === undefined || lease.amountFen === undefined) throw campusErrors.NOT_YOUR_LEASE({ billNo });
    return { billNo, leaseId, until: lease.until, amountFen: lease.amountFen };
  };

  return async (question: Question): Promise<Answer> => {
    const { type, partnerId, data } = question;
    const billId = billIds.of(partnerId, data.billNo);
    switch (type) {
      case 'campus.bill.question':
        return standing(question, billId);
      case 'campus.bill.lease':
        return leased(question, billId);
      case 'campus.bill.release': {
        const { status } = await command(question, billId, { type: 'ReleaseByCashier', leaseId: question.data.leaseId });
        return { billNo: data.billNo, status };
      }
      default:
        return type satisfies never;
    }
  };
};

/** What our own services and operators may ask, and what partners ask through ingress; the app does not come here. */
export const campusRoutes = ({ bills, queries, internalToken }: RoutesOptions): FastifyPluginAsyncZod => {
  const answer = createAnswers(bills, queries);
  return async (app) => {
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
        const bill = await queries.byId(billId);
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
      () => queries.countByStatus(),
    );
    app.post(
      '/internal/questions',
      {
        schema: {
          operationId: 'askCampus',
          summary: 'What a school asks, in its name: how a bill stands, a lease for a cashier, its release',
          tags,
          security,
          body: Question,
          response: { 200: Answer, 400: Problem, 401: Problem, 404: Problem, 409: Problem, 422: Problem, 503: Problem },
        },
      },
      ({ body }) => answer(body),
    );
  };
};
