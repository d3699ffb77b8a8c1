import { AppError, Outage } from '@scenefi/kernel';
import type { FastifyError, FastifyReply } from 'fastify';
import { z } from 'zod';
import { httpErrors } from './errors.ts';

const faultsMax = 50;
const retryAfterS = 2;

/** One fault of a request: where, as names joined by dots (`data.items.0.name`), and what. */
export const Fault = z.object({ path: z.string(), message: z.string() });
export type Fault = z.output<typeof Fault>;

/** The body of every refusal (RFC 9457, `application/problem+json`); `code` is stable and never reused. */
export const Problem = z
  .object({
    type: z.string().describe('urn:scenefi:error:<code>'),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
    detail: z.string().optional(),
    instance: z.string().optional().describe('urn:scenefi:request:<id of the request in the logs>; never in a 401'),
    errors: z.array(Fault).optional(),
  })
  .meta({ id: 'Problem', description: 'What was wrong (RFC 9457)' });
export type Problem = z.output<typeof Problem>;

const Told = z.object({ detail: z.string().optional(), errors: z.array(Fault).optional() }).catch({});

type Issue = { path: readonly PropertyKey[]; message: string };

/** Issues of a zod check as faults, at most 50 of them. Messages name types and limits, never what was sent. */
export const faultsOf = (issues: readonly Issue[]): Fault[] =>
  issues.slice(0, faultsMax).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));

const isFastifyError = (error: unknown): error is FastifyError => error instanceof Error && 'statusCode' in error;

const ofValidation = ({ validation = [], validationContext = 'body' }: FastifyError): AppError =>
  httpErrors.INVALID({
    errors: validation.slice(0, faultsMax).map(({ instancePath, message = 'is not valid' }) => ({
      path: [validationContext, ...instancePath.split('/').filter(Boolean)].join('.'),
      message,
    })),
  });

/** A map, since a code such as `constructor` would be found in an object. */
const ofFramework = new Map<string, () => AppError>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', httpErrors.BODY_TOO_LARGE],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', httpErrors.UNSUPPORTED_MEDIA_TYPE],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', httpErrors.NOT_JSON],
  ['FST_ERR_CTP_INVALID_JSON_BODY', httpErrors.NOT_JSON],
]);

/**
 * Everything that can be thrown on the way of a request, as an error of the tables:
 * an AppError stays, an Outage becomes 503, a fault that Fastify found becomes a 4xx, all else 500 with its cause kept.
 */
export const asAppError = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  if (error instanceof Outage) return httpErrors.UNAVAILABLE({}, { cause: error });
  if (!isFastifyError(error)) return httpErrors.INTERNAL({}, { cause: error });
  if (error.validation) return ofValidation(error);
  const known = ofFramework.get(error.code);
  if (known) return known();
  const refused = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return refused ? httpErrors.BAD_REQUEST({}, { cause: error }) : httpErrors.INTERNAL({}, { cause: error });
};

/**
 * The problem that a caller sees: `details.detail` and `details.errors` of a 4xx are told, everything else stays inside.
 * A 401 names no request, so that every refused sender gets the same bytes.
 */
export const problemOf = (error: AppError, requestId: string): Problem => {
  const { status, code, message: title } = error;
  const { detail, errors } = status < 500 ? Told.parse(error.details) : {};
  return {
    type: `urn:scenefi:error:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(status === 401 ? {} : { instance: `urn:scenefi:request:${requestId}` }),
    ...(errors === undefined ? {} : { errors }),
  };
};

/** Answers with the problem of an error: one that may go away (429, 503) says when to try again, a 401 its `details.challenge`. */
export const sendProblem = (reply: FastifyReply, error: AppError): FastifyReply => {
  if (error.retryable && (error.status === 429 || error.status === 503)) reply.header('retry-after', String(retryAfterS));
  if (typeof error.details.challenge === 'string') reply.header('www-authenticate', error.details.challenge);
  return reply
    .code(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, reply.request.id)));
};
