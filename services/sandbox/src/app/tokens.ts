import { createPrivateKey, createPublicKey } from 'node:crypto';
import { customerIds } from '@scenefi/contracts';
import type { Clock } from '@scenefi/kernel';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';

/** Everything of an Ed25519 private key in PKCS #8 but its 32 bytes (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const algorithm = 'EdDSA';
const audience = 'scenefi-app';
const expiresInS = 3_600;

export type Grant = { user: string; stepUp: boolean };

type TokensOptions = { seed: Buffer; issuer: string; clock: Clock };

/** Signs what a customer's app carries: who he is, and whether he has just proven it a second time. */
export const createTokens = async ({ seed, issuer, clock }: TokensOptions) => {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicJwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(publicJwk);

  return {
    /** What others check tokens with (RFC 7517). */
    jwks: { keys: [{ ...publicJwk, kid, alg: algorithm, use: 'sig' }] },
    issue: async ({ user, stepUp }: Grant) => {
      const customerId = customerIds.of('sandbox', user);
      const nowS = Math.floor(clock.now() / 1000);
      const token = await new SignJWT(stepUp ? { acr: 'step-up' } : {})
        .setProtectedHeader({ alg: algorithm, kid, typ: 'JWT' })
        .setSubject(customerId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + expiresInS)
        .sign(privateKey);
      return { token, customerId, expiresInS };
    },
  };
};

export type Tokens = Awaited<ReturnType<typeof createTokens>>;
