import { type AppError, type Logger, type Meter, Outage } from '@scenefi/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { operationsPaths } from './health.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Ids that the line in the log carries; set only once it is known who the caller is. */
    logIds: Readonly<Record<string, string>> | undefined;
    /** The code of the problem that was answered. */
    problemCode: string | undefined;
  }
}

type Observers = { logger: Logger; meter: Meter };

/** The pattern of the route, never the URL: a path may carry what must not stand in a log or multiply a metric. */
const routeOf = (request: FastifyRequest): string => (request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'));

/** One line and two metrics per request: pattern, method, status, milliseconds, ids, code. No header, no body, no URL. */
export const observeRequests = (app: FastifyInstance, { logger, meter }: Observers): void => {
  app.decorateRequest('logIds', undefined);
  app.decorateRequest('problemCode', undefined);
  app.addHook('onResponse', (request, reply, done) => {
    const url = routeOf(request);
    const status = String(reply.statusCode);
    const ms = reply.elapsedTime;
    const route = `${request.method} ${url}`;
    meter.count('http_requests_total', { route, status });
    meter.observe('http_request_seconds', ms / 1000, { route });
    const code = request.problemCode;
    const fields = { requestId: request.id, route, status, ms: Math.round(ms), ...(code && { code }), ...request.logIds };
    // What was taken stands on the log itself; a line for each would cost as much as checking its signature.
    if (operationsPaths.has(url) || reply.statusCode < 400) logger.debug('request answered', fields);
    else logger.info('request answered', fields);
    done();
  });
};

/** Where an error was thrown, without its message: that may quote what was sent. */
const placeOf = (error: unknown) =>
  error instanceof Error
    ? {
        error: error.name,
        at: error.stack
          ?.split('\n')
          .filter((line) => line.trimStart().startsWith('at '))
          .slice(0, 8),
      }
    : { error: typeof error };

/** Tells people about a failure of ours (5xx); a refusal stands in the line of its request only. */
export const reportFailure = (logger: Logger, error: AppError, requestId: string): void => {
  const { code, details, cause } = error;
  if (error.status < 500) return;
  if (cause instanceof Outage) logger.warn('a dependency is away', { requestId, code, reason: cause.message });
  else if (error.retryable) logger.warn('request answered with a failure', { requestId, code, ...details });
  else logger.error('request failed', { requestId, code, ...details, ...placeOf(cause ?? error) });
};
