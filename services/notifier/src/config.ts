import { Milliseconds, SecretKey, serviceConfig } from '@scenefi/runtime';
import { z } from 'zod';

export const NotifierConfig = serviceConfig.extend({
  CREDENTIAL_KEY: SecretKey.describe('opens the sealed secrets of partners'),
  ALLOW_PRIVATE_CALLBACKS: z.stringbool().default(false).describe('posts to http and to private addresses too; for development only'),
  RETRY_SCALE: z.coerce.number().positive().max(1).default(1).describe('shortens the retry table and the probes for a demonstration'),
  PROBE_MS: Milliseconds.default(5 * 60 * 1000).describe('how long between two probes of a partner that is paused'),
  CALLBACK_TIMEOUT_MS: Milliseconds.max(60_000).default(10_000).describe('how long one call to a partner may take'),
});
export type NotifierConfig = z.output<typeof NotifierConfig>;
