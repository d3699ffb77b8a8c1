import { Problem, WebhookId } from '@scenefi/http';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Notice, noticeBodies, type Webhook } from './admit.ts';
import { ingressErrors } from './errors.ts';

const bodyLimit = 256 * 1024;
const nothing = Buffer.alloc(0);

const WebhookHeaders = z.object({
  'webhook-id': WebhookId.describe('the same again means the same notice'),
  'webhook-timestamp': z.string().describe('seconds since 1970, at most 300 away from now'),
  'webhook-signature': z.string().describe('`v1,<base64 HMAC-SHA256 of id.timestamp.body>`, several separated by spaces'),
  traceparent: z.string().optional().describe('W3C Trace Context'),
});

const schema = {
  operationId: 'postNotice',
  tags: ['notices'],
  summary: 'Tell what happened; 202 means that it will not be lost, 503 that it must be sent again',
  params: z.object({ partnerId: z.string().describe('the name the bank gave to the partner') }),
  headers: WebhookHeaders,
  body: z.union(noticeBodies.map(({ body }) => body)),
  response: {
    202: z.object({ noticeId: z.string().describe('<partnerId>:<webhook-id>') }),
    400: Problem,
    401: Problem,
    403: Problem,
    413: Problem,
    415: Problem,
    503: Problem,
  },
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

export type NoticeRoutes = {
  fresh: () => boolean;
  admit: (webhook: Webhook) => Notice;
  append: (notice: Notice, webhook: Webhook) => Promise<void>;
};

export const noticeRoutes =
  ({ fresh, admit, append }: NoticeRoutes): FastifyPluginAsync =>
  async (app) => {
    // Every media type comes as bytes: which one it is may only be said to somebody whose signature is right.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post<{ Params: Params }>('/v1/partners/:partnerId/notices', { bodyLimit, schema, validatorCompiler }, async (request, reply) => {
      if (!fresh()) throw ingressErrors.NOT_READY();
      const webhook = webhookOf(request);
      const notice = admit(webhook);
      request.logIds = { partnerId: webhook.partnerId, noticeId: notice.noticeId };
      await append(notice, webhook);
      return reply.code(202).send({ noticeId: notice.noticeId });
    });
  };
