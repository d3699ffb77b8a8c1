import { createHash, timingSafeEqual } from 'node:crypto';
import type { onRequestHookHandler } from 'fastify';
import { httpErrors } from './errors.ts';

const tokenCharsMin = 16;

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A guard for `/internal/*`: without `Authorization: Bearer <token>` the request ends with 401. Compares in constant time. */
export const requireBearer = (token: string): onRequestHookHandler => {
  if (token.length < tokenCharsMin) throw new Error(`an internal token has at least ${tokenCharsMin} characters`);
  const expected = digestOf(token);
  return (request, _reply, done) => {
    const [, given = ''] = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (timingSafeEqual(digestOf(given), expected)) return done();
    done(httpErrors.UNAUTHORIZED({ challenge: 'Bearer' }));
  };
};
