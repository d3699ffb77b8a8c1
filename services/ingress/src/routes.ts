import { Problem, WebhookId } from '@scenefi/http';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Notice, noticeBodies, type Webhook } from './admit.ts';
import { ingressErrors } from './errors.ts';

const bodyLimit = 256 * 1024;
const nothing = Buffer.alloc(0);

/** The documents tell what a webhook must be; here everything passes as it came, since a stranger is told nothing but 401. */
const documentedAs = (schema: z.ZodType) => ({ ...z.toJSONSchema(schema, { io: 'input' }), $schema: undefined });

const RawBody = z
  .unknown()
  .transform((body) => (Buffer.isBuffer(body) ? body : nothing))
  .meta(documentedAs(z.union(noticeBodies.map(({ body }) => body))));

const header = z.string().default('');
const WebhookHeaders = z
  .object({ 'webhook-id': header, 'webhook-timestamp': header, 'webhook-signature': header, traceparent: z.string().optional() })
  .meta(
    documentedAs(
      z.object({
        'webhook-id': WebhookId.describe('the same again means the same notice'),
        'webhook-timestamp': z.string().describe('seconds since 1970, at most 300 away from now'),
        'webhook-signature': z.string().describe('`v1,<base64 HMAC-SHA256 of id.timestamp.body>`, several separated by spaces'),
        traceparent: z.string().optional().describe('W3C Trace Context'),
      }),
    ),
  );

const schema = {
  operationId: 'postNotice',
  tags: ['notices'],
  summary: 'Tell what happened; 202 means that it will not be lost, 503 that it must be sent again',
  params: z.object({ partnerId: z.string().describe('the name the bank gave to the partner') }),
  headers: WebhookHeaders,
  body: RawBody,
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

type NoticeRequest = FastifyRequest<{ Params: { partnerId: string }; Body: Buffer }> & { headers: z.output<typeof WebhookHeaders> };

const webhookOf = ({ params, headers, mediaType, body }: NoticeRequest): Webhook => ({
  partnerId: params.partnerId,
  id: headers['webhook-id'],
  timestamp: headers['webhook-timestamp'],
  signature: headers['webhook-signature'],
  mediaType,
  body,
});

export type NoticeRoutes = {
  fresh: () => boolean;
  admit: (webhook: Webhook) => Notice;
  append: (notice: Notice, webhook: Webhook, traceparent: string | undefined) => Promise<void>;
};

export const noticeRoutes =
  ({ fresh, admit, append }: NoticeRoutes): FastifyPluginAsyncZod =>
  async (app) => {
    // Every media type comes as bytes: which one it is may only be said to somebody whose signature is right.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post('/v1/partners/:partnerId/notices', { bodyLimit, schema }, async (request, reply) => {
      if (!fresh()) throw ingressErrors.NOT_READY();
      const webhook = webhookOf(request);
      const notice = admit(webhook);
      request.logIds = { partnerId: webhook.partnerId, noticeId: notice.noticeId };
      await append(notice, webhook, request.headers.traceparent);
      return reply.code(202).send({ noticeId: notice.noticeId });
    });
  };
