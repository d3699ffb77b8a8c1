import { createSecretKey, type KeyObject } from 'node:crypto';
import { PartnerId, PartnerRef } from '@scenefi/contracts';
import { httpErrors, Problem, verifyWebhook } from '@scenefi/http';
import type { Clock, Random } from '@scenefi/kernel';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sandboxErrors } from '../errors.ts';
import type { Partner } from '../partners.ts';
import { BillBook } from './books.ts';
import type { Schools } from './schools.ts';
import { readWebhookBody, WebhookBody } from './webhook.ts';

type RoutesOptions = { schools: Schools; partners: readonly Partner[]; clock: Clock; random: Random };

const tags = ['schools'];
const ofSchool = z.object({ partnerId: PartnerId });

const textOf = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');

/** Who posts is told nothing but 401 until the signature is right, so the body is checked behind it. */
const unchecked = () => () => true;

const webhookSchema = {
  operationId: 'postWebhook',
  summary: 'Tell a school something; 200 means that it stands in its books',
  tags,
  params: ofSchool,
  body: WebhookBody,
  response: { 200: z.object({ webhookId: z.string() }), 400: Problem, 401: Problem, 415: Problem, 503: Problem },
};

/** What the systems of schools answer to the bank. */
export const schoolRoutes =
  ({ schools, partners, clock, random }: RoutesOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const keys = new Map<string, KeyObject>(partners.map(({ partnerId, secret }) => [partnerId, secret]));
    const stranger = createSecretKey(random.bytes(32));
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post(
      '/schools/:partnerId/webhooks',
      { schema: webhookSchema, validatorCompiler: unchecked },
      async ({ params: { partnerId }, headers, mediaType, body: given }, reply) => {
        const bytes: unknown = given;
        const body = Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
        const webhookId = textOf(headers['webhook-id']);
        const signed = { id: webhookId, timestamp: textOf(headers['webhook-timestamp']), signature: textOf(headers['webhook-signature']) };
        const key = keys.get(partnerId) ?? stranger;
        if (!verifyWebhook({ keys: [key], ...signed, body, nowMs: clock.now() })) throw sandboxErrors.WEBHOOK_UNAUTHORIZED();
        if (mediaType !== 'application/json') throw httpErrors.UNSUPPORTED_MEDIA_TYPE({ detail: 'application/json' });
        const act = await schools.take({ partnerId, webhookId, ...readWebhookBody(body) });
        if (reply.raw.destroyed) act();
        else reply.raw.once('close', act);
        return { webhookId };
      },
    );
    app.get(
      '/schools/:partnerId/books',
      {
        schema: {
          operationId: 'getBooks',
          summary: 'What the own books of a school say, by bill',
          tags,
          params: ofSchool,
          querystring: z.object({ billNo: PartnerRef.optional() }),
          response: { 200: z.object({ bills: z.array(BillBook) }), 400: Problem },
        },
      },
      async ({ params: { partnerId }, query: { billNo } }) => ({
        bills: billNo === undefined ? schools.books.of(partnerId) : schools.books.ofBill(partnerId, billNo),
      }),
    );
  };
