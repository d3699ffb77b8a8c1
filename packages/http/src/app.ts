import type { Logger, Meter, Random } from '@scenefi/kernel';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { refuseConnection } from './client-errors.ts';
import { limitCrowd } from './crowd.ts';
import { addDocuments } from './documents.ts';
import { httpErrors } from './errors.ts';
import { addHealth, type Health } from './health.ts';
import { observeRequests, reportFailure } from './observe.ts';
import { asAppError, sendProblem } from './problems.ts';

export type AppOptions = {
  name: string;
  version: string;
  logger: Logger;
  meter: Meter;
  /** Makes the ids of requests differ between processes. */
  random: Random;
  /** Shows Swagger UI at `/docs`. */
  development: boolean;
  /** The largest body a route takes unless it says otherwise; 256 KiB. */
  bodyLimitBytes?: number;
  health: Health;
  metricsText: () => string | Promise<string>;
};

/** A sender that trickles bytes is cut off; the check runs every second, since Node's own rhythm is half a minute. */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};
const connectionsMax = 10_000;
const requestsMax = 2_000;
const paramLengthMax = 500;

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

const addSecurityHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.routeOptions.url?.startsWith('/docs')) reply.headers(securityHeaders);
    done();
  });
};

/**
 * A Fastify app with everything an edge of ours has: zod schemas, OpenAPI 3.1, problems (RFC 9457), health, metrics,
 * one log line per request, and limits against slow or endless senders. Register routes as plugins, then `listen`.
 * An AppError becomes its status and code, an Outage 503 with `Retry-After`, anything else a 500 that tells nothing.
 */
export const createApp = (options: AppOptions): FastifyInstance => {
  const { logger, random, bodyLimitBytes = 256 * 1024 } = options;
  const process = random.bytes(4).toString('hex');
  let requests = 0;
  const nextId = (): string => {
    requests += 1;
    return `${process}-${requests.toString(36)}`;
  };
  const app = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: limits.requestTimeout,
    http: limits,
    exposeHeadRoutes: false,
    // What still arrives while the process stops is answered; refusing it would be a second, bare kind of 503.
    return503OnClosing: false,
    routerOptions: { maxParamLength: paramLengthMax },
    genReqId: nextId,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, asAppError(error)),
  });
  app.server.maxConnections = connectionsMax;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => {
    const failure = asAppError(error);
    request.problemCode = failure.code;
    reportFailure(logger, failure, request.id);
    return sendProblem(reply, failure);
  });
  app.setNotFoundHandler((request, reply) => {
    request.problemCode = 'HTTP_NOT_FOUND';
    return sendProblem(reply, httpErrors.NOT_FOUND());
  });
  addSecurityHeaders(app);
  limitCrowd(app, requestsMax);
  observeRequests(app, options);
  addDocuments(app, options);
  addHealth(app, options);
  return app;
};
