import { context, type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Message } from '@scenefi/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type Settle = (messages: readonly Message[]) => Promise<void>;

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const tracer = trace.getTracer('scenefi');

/** The span that a `traceparent` (W3C Trace Context) names; undefined for none or a broken one. */
const spanContextOf = (traceparent: string | undefined) => {
  const [, traceId, spanId, flags] = traceparentPattern.exec(traceparent ?? '') ?? [];
  return traceId && spanId ? { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16), isRemote: true } : undefined;
};

const linksOf = (messages: readonly Message[]): Link[] =>
  messages.flatMap(({ event }) => {
    const linked = spanContextOf(event?.traceparent);
    return linked ? [{ context: linked }] : [];
  });

const failed = (span: Span, error: unknown): void => {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
};

/** Starts the OpenTelemetry SDK where an exporter is configured, and answers what stops it; without one nothing is loaded or traced. */
export const startTraces = async (service: string, env: NodeJS.ProcessEnv): Promise<(() => Promise<void>) | undefined> => {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined;
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: `scenefi-${service}` });
  sdk.start();
  return () => sdk.shutdown();
};

/** One span per slice, linked to the traces of its messages: a slice belongs to many of them. */
export const tracedSettle =
  (settle: Settle): Settle =>
  async (messages) => {
    const [first] = messages;
    const options = { kind: SpanKind.CONSUMER, links: linksOf(messages), attributes: { 'messaging.batch.message_count': messages.length } };
    const span = tracer.startSpan(`settle ${first?.topic ?? 'nothing'}`, options, ROOT_CONTEXT);
    try {
      await context.with(trace.setSpan(ROOT_CONTEXT, span), () => settle(messages));
    } catch (error) {
      failed(span, error);
      throw error;
    } finally {
      span.end();
    }
  };

/** One span per request, continuing the caller's trace; it is named after the route, never after the URL. */
export const traceRequests = (app: FastifyInstance): void => {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', async (request) => {
    const { traceparent } = request.headers;
    const parent = spanContextOf(typeof traceparent === 'string' ? traceparent : undefined);
    const name = `${request.method} ${request.routeOptions.url ?? 'unmatched'}`;
    spans.set(
      request,
      tracer.startSpan(name, { kind: SpanKind.SERVER }, parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT),
    );
  });
  app.addHook('onResponse', async (request, reply) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (span && reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
};
