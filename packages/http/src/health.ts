import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** Why a process cannot serve now, as sentences; none means ready. */
export type Health = { ready(): readonly string[] };

const Alive = z.object({ status: z.literal('live') });
const Readiness = z.object({ status: z.enum(['ready', 'unready']), reasons: z.array(z.string()) });

/** What operators and their machines ask; none of it is business. */
export const operationsPaths: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics']);

type HealthOptions = { health: Health; metricsText: () => string | Promise<string> };

/** `/health/live` answers as long as the process turns, `/health/ready` 503 with the reasons, `/metrics` the Prometheus text. */
export const addHealth = (app: FastifyInstance, { health, metricsText }: HealthOptions): void => {
  app.register(async (plugin) => {
    const routes = plugin.withTypeProvider<ZodTypeProvider>();
    const tags = ['operations'];
    routes.get(
      '/health/live',
      { schema: { operationId: 'getLiveness', tags, summary: 'Whether the process turns', response: { 200: Alive } } },
      async () => ({ status: 'live' as const }),
    );
    routes.get(
      '/health/ready',
      {
        schema: {
          operationId: 'getReadiness',
          tags,
          summary: 'Whether the service can take requests, and if not, why',
          response: { 200: Readiness, 503: Readiness },
        },
      },
      async (_request, reply) => {
        const reasons = [...health.ready()];
        const ready = reasons.length === 0;
        return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unready', reasons });
      },
    );
    const text = { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } };
    routes.get(
      '/metrics',
      { schema: { operationId: 'getMetrics', tags, summary: 'What the process counts about itself', response: { 200: text } } },
      async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText()),
    );
  });
};
