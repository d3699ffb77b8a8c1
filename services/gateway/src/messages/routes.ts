import { shanghaiTime } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LocalTime, Next, PageQuery, pageOf, refusals, security } from '../conventions.ts';
import type { Generations } from '../generations.ts';
import { messageOf } from './message.ts';

const Message = z
  .object({
    messageId: z.string(),
    paymentId: z.string(),
    billId: z.string(),
    at: LocalTime,
    zh: z.string(),
    en: z.string(),
  })
  .meta({ id: 'Message' });

export type MessageRoutes = { generations: Generations };

/** What happened to the customer's payments, in words. */
export const messageRoutes =
  ({ generations }: MessageRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/messages',
      {
        schema: {
          tags: ['messages'],
          security,
          operationId: 'listMessagesOfCustomer',
          summary: 'What happened to the payments of the customer, newest first, as text',
          querystring: PageQuery,
          response: { 200: z.object({ messages: z.array(Message), next: Next }), ...refusals },
        },
      },
      async ({ query: { cursor, limit }, customer: { customerId } }) => {
        const found = await generations.read((views) => views.momentsOf(customerId, { before: cursor, limit: limit + 1 }));
        const messages = found.map(messageOf);
        const { items, next } = pageOf(messages, limit, ({ at, messageId }) => ({ at, id: messageId }));
        return { messages: items.map(({ at, ...message }) => ({ ...message, at: shanghaiTime(at) })), next };
      },
    );
  };
