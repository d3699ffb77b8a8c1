import { deliveryIds, PartnerId, tellings } from '@scenefi/contracts';
import { Problem, requireBearer } from '@scenefi/http';
import { Instant, OffsetTime, toInstant } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notifierErrors } from './errors.ts';
import type { Cursor, Delivery, DeliveryQueries } from './store.ts';

const pageMax = 100;
const replayMax = 500;

const Status = z.enum(['waiting', 'taken', 'given-up']);

const AnswerStatus = z.union([z.int(), z.enum(['no-callback', 'address-refused', 'unreachable', 'timeout'])]);

export const DeliverySummary = z
  .object({
    deliveryId: deliveryIds.schema.describe('the webhook-id'),
    about: z.string().describe('deliveries about one thing keep their order'),
    partnerId: PartnerId,
    telling: z.enum(tellings),
    timestamp: Instant.describe('when it happened'),
    status: Status,
    tries: z.int().describe('of the present series'),
    due: Instant.exactOptional().describe('a letter that waits is not tried before'),
    lastStatus: AnswerStatus.exactOptional().describe('the HTTP status of the last try, or why there is none'),
  })
  .meta({ id: 'DeliverySummary' });

export const DeliveryDetail = DeliverySummary.extend({
  data: z.record(z.string(), z.unknown()),
  answers: z.array(z.object({ at: Instant, tookMs: z.int(), status: AnswerStatus, answer: z.string() })),
}).meta({ id: 'DeliveryDetail' });

export const DeliveryPage = z
  .object({ deliveries: z.array(DeliverySummary), next: z.string().nullable().describe('cursor of the next page') })
  .meta({ id: 'DeliveryPage' });

export const PartnerStandings = z
  .object({
    partners: z.array(
      z.object({
        partnerId: PartnerId,
        waiting: z.int().describe('letters that wait'),
        failures: z.int().describe('since the last success'),
        pausedSince: Instant.exactOptional(),
        nextProbeAt: Instant.exactOptional(),
      }),
    ),
  })
  .meta({ id: 'PartnerStandings' });

export const Replayed = z.object({ replayed: z.int(), next: z.string().nullable().describe('more of them: ask again from here') });
export const Resumed = z.object({ mailboxes: z.int().describe('how many go on at once') });

const CursorText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z~dlv_[a-z2-7]{26}$/, 'a cursor that this API gave')
  .transform((text): Cursor => {
    const [timestamp = '', deliveryId = ''] = text.split('~');
    return { timestamp: timestamp as Instant, deliveryId };
  });

const ReplayOrder = z.union([
  z.strictObject({ deliveryId: deliveryIds.schema }),
  z.strictObject({ partnerId: PartnerId, from: OffsetTime, to: OffsetTime, after: CursorText.optional() }),
]);

const cursorAfter = (page: readonly Delivery[], size: number): string | null => {
  const last = page.length < size ? undefined : page.at(-1)?.letter;
  return last ? `${last.timestamp}~${last.deliveryId}` : null;
};

const summaryOf = ({ mailboxId, partnerId, letter }: Delivery): z.output<typeof DeliverySummary> => {
  const { deliveryId, telling, timestamp, status, tries, due, answers } = letter;
  const last = answers.at(-1);
  return {
    deliveryId: deliveryId as z.output<typeof DeliverySummary>['deliveryId'],
    about: mailboxId,
    partnerId,
    telling,
    timestamp,
    status,
    tries,
    ...(status === 'waiting' && { due }),
    ...(last && { lastStatus: last.status }),
  };
};

const detailOf = (delivery: Delivery): z.output<typeof DeliveryDetail> => {
  const { data, answers } = delivery.letter;
  return { ...summaryOf(delivery), data: { ...data }, answers: [...answers] };
};

type RoutesOptions = {
  deliveries: DeliveryQueries;
  /** Sends letters again, those of one mailbox in its order. */
  replay: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Lets a paused partner be tried at once; answers how many mailboxes go on. */
  resume: (partnerId: string) => Promise<number>;
  internalToken: string;
};

/** What operators see of deliveries, and what they can do about them. */
export const deliveryRoutes =
  ({ deliveries, replay, resume, internalToken }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    const common = { tags: ['deliveries'], security: [{ internalToken: [] }] };
    const refused = { 400: Problem, 401: Problem, 503: Problem };
    const query = z.object({ partnerId: PartnerId.optional(), status: Status.optional(), after: CursorText.optional() });
    const byId = z.object({ deliveryId: deliveryIds.schema });
    const byPartner = z.object({ partnerId: PartnerId });

    const list = { operationId: 'listDeliveries', summary: 'Deliveries, the newest first', querystring: query };
    app.get('/internal/deliveries', { schema: { ...common, ...list, response: { 200: DeliveryPage, ...refused } } }, async (request) => {
      const { partnerId, status, after } = request.query;
      const asked = { ...(partnerId && { partnerId }), ...(status && { status }), ...(after && { after }) };
      const page = await deliveries.list({ ...asked, newestFirst: true, limit: pageMax });
      return { deliveries: page.map(summaryOf), next: cursorAfter(page, pageMax) };
    });

    const get = { operationId: 'getDelivery', summary: 'One delivery with what it says and how it was answered', params: byId };
    const found = { 200: DeliveryDetail, ...refused, 404: Problem };
    app.get('/internal/deliveries/:deliveryId', { schema: { ...common, ...get, response: found } }, async ({ params: { deliveryId } }) => {
      const delivery = await deliveries.byId(deliveryId);
      if (!delivery) throw notifierErrors.DELIVERY_NOT_FOUND({ deliveryId });
      return detailOf(delivery);
    });

    const again = { operationId: 'replayDeliveries', summary: 'Send again under the same webhook-id; order is kept', body: ReplayOrder };
    const replayed = { 200: Replayed, ...refused, 404: Problem };
    app.post('/internal/deliveries/replay', { schema: { ...common, ...again, response: replayed } }, async ({ body }) => {
      if ('deliveryId' in body) {
        const delivery = await deliveries.byId(body.deliveryId);
        if (!delivery) throw notifierErrors.DELIVERY_NOT_FOUND({ deliveryId: body.deliveryId });
        await replay([delivery]);
        return { replayed: 1, next: null };
      }
      const { partnerId, from, to, after } = body;
      const range = { partnerId, from: toInstant(from), to: toInstant(to), ...(after && { after }) };
      const page = await deliveries.list({ ...range, newestFirst: false, limit: replayMax });
      await replay(page);
      return { replayed: page.length, next: cursorAfter(page, replayMax) };
    });

    const standings = { operationId: 'listPartnerStandings', summary: 'Partners with deliveries that wait, or whose server failed' };
    const standing = { 200: PartnerStandings, ...refused };
    app.get('/internal/partners', { schema: { ...common, ...standings, response: standing } }, async () => ({
      partners: await deliveries.partners(),
    }));

    const goOn = { operationId: 'resumePartner', summary: 'Try a paused partner at once', params: byPartner };
    const resumed = { 200: Resumed, ...refused };
    app.post('/internal/partners/:partnerId/resume', { schema: { ...common, ...goOn, response: resumed } }, async ({ params }) => ({
      mailboxes: await resume(params.partnerId),
    }));
  };
