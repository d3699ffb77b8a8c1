import { Instant } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireBearer } from './bearer.ts';
import { httpErrors } from './errors.ts';
import { Problem } from './problems.ts';

/** A parked or dead message without its body, which may hold clear names. */
export const MessageSummary = z
  .object({
    id: z.string(),
    kind: z.enum(['parked', 'dead']),
    messageId: z.string().optional().describe('ce_id'),
    type: z.string().optional().describe('ce_type'),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
    key: z.string(),
    code: z.string(),
    at: Instant.describe('since when it is parked, or when it died'),
    redrivenAt: Instant.optional(),
  })
  .meta({ id: 'MessageSummary' });
export type MessageSummary = z.output<typeof MessageSummary>;

export const MessageDetail = MessageSummary.extend({
  reason: z.string(),
  headers: z.record(z.string(), z.string()),
  bodyBase64: z.string().nullable().describe('the bytes of the message; null for a tombstone'),
}).meta({ id: 'MessageDetail' });
export type MessageDetail = z.output<typeof MessageDetail>;

export const MessageRedrive = z
  .object({ status: z.string().describe('done, repeat, refused, parked …'), code: z.string().optional() })
  .meta({ id: 'MessageRedrive' });
export type MessageRedrive = z.output<typeof MessageRedrive>;

/** What the routes need of a service; every call may reject with an Outage. */
export type MessageBacklog = {
  list(limit: number): Promise<MessageSummary[]>;
  show(id: string): Promise<MessageDetail | undefined>;
  /** Refuses an id that it does not know with an AppError of status 404. */
  redrive(id: string): Promise<MessageRedrive>;
};

const MessageId = z.object({ id: z.string().min(1).max(500) });
const tags = ['messages'];
const security = [{ internalToken: [] }];
const refused = { 400: Problem, 401: Problem, 503: Problem };

type MessagesOptions = { backlog: MessageBacklog; internalToken: string };

/** `/internal/messages`: list, show and re-drive what is parked or dead; everything behind the internal token. */
export const messagesRoutes =
  ({ backlog, internalToken }: MessagesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.addHook('onRequest', requireBearer(internalToken));
    app.get(
      '/internal/messages',
      {
        schema: {
          operationId: 'listMessages',
          tags,
          security,
          summary: 'Parked and dead messages, without their bodies',
          querystring: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
          response: { 200: z.object({ messages: z.array(MessageSummary) }), ...refused },
        },
      },
      async ({ query }) => ({ messages: await backlog.list(query.limit) }),
    );
    app.get(
      '/internal/messages/:id',
      {
        schema: {
          operationId: 'getMessage',
          tags,
          security,
          summary: 'One parked or dead message with its body',
          params: MessageId,
          response: { 200: MessageDetail, ...refused, 404: Problem },
        },
      },
      async ({ params: { id } }) => {
        const message = await backlog.show(id);
        if (!message) throw httpErrors.NOT_FOUND({ id });
        return message;
      },
    );
    app.post(
      '/internal/messages/:id/redrive',
      {
        schema: {
          operationId: 'redriveMessage',
          tags,
          security,
          summary: 'Decide a message once more; twice is harmless',
          params: MessageId,
          response: { 200: MessageRedrive, ...refused, 404: Problem },
        },
      },
      async ({ params: { id } }) => backlog.redrive(id),
    );
  };
