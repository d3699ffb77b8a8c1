import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';

/** Appends one body under a key and resolves once the broker has acknowledged. */
export type Append = (key: string, body: Buffer, id: string) => Promise<void>;

/**
 * What everybody would write by hand: raw body, one HMAC, `JSON.parse`, append, 202.
 * No schemas, no limits, no metrics, no log: the least that a signed webhook costs with Fastify.
 */
export const serveSignedPosts = async (append: Append, stop: () => Promise<void>): Promise<void> => {
  const key = createSecretKey(Buffer.from(process.env.SECRET!.slice('whsec_'.length), 'base64'));
  const app = Fastify({ logger: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.get('/health/ready', () => ({ ready: true }));
  app.post('/v1/partners/:partnerId/notices', async (request, reply) => {
    const body = request.body as Buffer;
    const id = String(request.headers['webhook-id']);
    const timestamp = String(request.headers['webhook-timestamp']);
    const given = Buffer.from(String(request.headers['webhook-signature']).slice('v1,'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send({});
    const { data } = JSON.parse(body.toString()) as { data: { billNo: string } };
    await append(data.billNo, body, id);
    return reply.code(202).send({ noticeId: id });
  });
  // A bench that was killed leaves nobody behind.
  process.once('disconnect', () => process.exit(1));
  process.once(
    'SIGTERM',
    () =>
      void app
        .close()
        .then(stop)
        .then(() => process.exit(0)),
  );
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
};
