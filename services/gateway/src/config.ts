import { serviceConfig } from '@scenefi/runtime';
import { z } from 'zod';

const Address = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address' }).transform((url) => url.replace(/\/$/, ''));
const Count = z.coerce.number().int().positive();

export const GatewayConfig = serviceConfig.extend({
  PAYMENTS_URL: Address.describe('the service that owns payments and accounts'),
  PROFILES_URL: Address.describe('the service that owns linked accounts'),
  JWKS_URL: z.url({ protocol: /^https?$/ }).describe('the public keys of the authorization server'),
  ISSUER: z.string().min(1).describe('the `iss` that access tokens must have'),
  AUDIENCE: z.string().min(1).default('scenefi-app').describe('the `aud` that access tokens must have'),
  VIEWS_POLL_MS: Count.default(1_000).describe('how often it is looked whether another generation of views is to be read'),
  WAIT_POLL_MS: Count.default(150).describe('how often the views are read for those who wait'),
  REQUESTS_PER_SECOND: Count.default(20).describe('what one customer may ask in the long run; five times as much at once'),
});
export type GatewayConfig = z.output<typeof GatewayConfig>;
