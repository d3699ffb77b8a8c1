import { CustomerId } from '@scenefi/contracts';
import type { onRequestAsyncHookHandler } from 'fastify';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { httpErrors } from './errors.ts';

/** Who asks, as the access token says; `stepUp` where he proved himself once more for this token. */
export type Customer = { customerId: CustomerId; stepUp: boolean };

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireCustomer`; no route behind it runs without. */
    customer: Customer;
  }
}

export type TokenRules = { keys: JWTVerifyGetKey; issuer: string; audience: string };

const clockToleranceS = 5;
const stepUpClass = 'step-up';

/** The keys of an authorization server, fetched when a token names one that is not known yet. */
export const remoteKeys = (jwksUrl: string): JWTVerifyGetKey => createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 3_000 });

/** A key set that cannot be had says nothing about the token: that is our trouble, not the caller's. */
const isOurs = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.constructor === errors.JOSEError;

/**
 * A guard for the app's routes: an OAuth 2.1 access token (JWT, EdDSA or ES256; iss, aud and exp checked) whose `sub` is the customer,
 * else 401. Where the keys cannot be had, 503.
 */
export const requireCustomer =
  ({ keys, issuer, audience }: TokenRules): onRequestAsyncHookHandler =>
  async (request) => {
    const [, token = ''] = /^Bearer ([\w.-]{1,4096})$/i.exec(request.headers.authorization ?? '') ?? [];
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['EdDSA', 'ES256'],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: clockToleranceS,
      });
      request.customer = { customerId: CustomerId.parse(payload.sub), stepUp: payload.acr === stepUpClass };
    } catch (cause) {
      if (cause instanceof Error && cause.name !== 'ZodError' && isOurs(cause)) throw httpErrors.UNAVAILABLE({}, { cause });
      throw httpErrors.UNAUTHORIZED({ challenge: 'Bearer' }, { cause });
    }
  };
