import { Problem, WebhookId } from '@scenefi/http';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Notice, noticeBodies, type Webhook } from './admit.ts';
import { questionBodies } from './ask.ts';
import { ingressErrors } from './errors.ts';

const bodyLimit = 256 * 1024;
const nothing = Buffer.alloc(0);

const WebhookHeaders = z.object({
  'webhook-id': WebhookId.describe('the same again means the same notice'),
  'webhook-timestamp': z.string().describe('seconds since 1970, at most 300 away from now'),
  'webhook-signature': z.string().describe('`v1,<base64 HMAC-SHA256 of id.timestamp.body>`, several separated by spaces'),
  traceparent: z.string().optional().describe('W3C Trace Context'),
});

const params = z.object({ partnerId: z.string().describe('the name the bank gave to the partner') });
const refusals = { 400: Problem, 401: Problem, 403: Problem, 413: Problem, 415: Problem, 503: Problem };

const noticeSchema = {
  operationId: 'postNotice',
  tags: ['notices'],
  summary: 'Tell what happened; 202 means that it will not be lost, 503 that it must be sent again',
  params,
  headers: WebhookHeaders,
  body: z.union(noticeBodies.map(({ body }) => body)),
  response: { 202: z.object({ noticeId: z.string().describe('<partnerId>:<webhook-id>') }), ...refusals },
};

const questionSchema = {
  operationId: 'postQuestion',
  tags: ['questions'],
  summary: 'Ask about a bill, take it for a cashier, or give it back; answered at once',
  params,
  headers: WebhookHeaders,
  body: z.union(questionBodies.map(({ body }) => body)),
  response: { 200: z.union(questionBodies.map(({ contract }) => contract.answer)), ...refusals, 404: Problem, 409: Problem, 422: Problem },
};

/** The schema of the request is for its readers: a stranger may be told nothing but 401, so every check stands behind the signature. */
const validatorCompiler = () => () => true;

type Params = { partnerId: string };

const textOf = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');

const webhookOf = ({ params, headers, mediaType, body }: FastifyRequest<{ Params: Params }>): Webhook => ({
  partnerId: params.partnerId,
  id: textOf(headers['webhook-id']),
  timestamp: textOf(headers['webhook-timestamp']),
  signature: textOf(headers['webhook-signature']),
  mediaType,
  traceparent: textOf(headers.traceparent),
  body: Buffer.isBuffer(body) ? body : nothing,
});

export type PartnerRoutes = {
  fresh: () => boolean;
  admit: (webhook: Webhook) => Notice;
  append: (notice: Notice, webhook: Webhook) => Promise<void>;
  ask: (webhook: Webhook) => Promise<unknown>;
};

export const partnerRoutes =
  ({ fresh, admit, append, ask }: PartnerRoutes): FastifyPluginAsync =>
  async (app) => {
    // Every media type comes as bytes: which one it is may only be said to somebody whose signature is right.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.addHook('onRequest', async () => {
      if (!fresh()) throw ingressErrors.NOT_READY();
    });
    const limits = { bodyLimit, validatorCompiler };
    app.post<{ Params: Params }>('/v1/partners/:partnerId/notices', { ...limits, schema: noticeSchema }, async (request, reply) => {
      const webhook = webhookOf(request);
      const notice = admit(webhook);
      request.logIds = { partnerId: webhook.partnerId, noticeId: notice.noticeId };
      await append(notice, webhook);
      return reply.code(202).send({ noticeId: notice.noticeId });
    });
    app.post<{ Params: Params }>('/v1/partners/:partnerId/questions', { ...limits, schema: questionSchema }, async (request) => {
      const webhook = webhookOf(request);
      request.logIds = { partnerId: webhook.partnerId };
      return ask(webhook);
    });
  };
