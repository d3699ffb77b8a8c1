import { Milliseconds } from '@scenefi/runtime';
import { z } from 'zod';

const Url = z.url({ protocol: /^https?$/ });

export const SandboxConfig = z.object({
  INGRESS_URLS: z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim().replace(/\/+$/, '')))
    .pipe(z.array(Url).min(1)),
  GATEWAY_URL: Url.optional().describe('where the app is answered; without it and WORLD_URL nobody pays in the app'),
  WORLD_URL: Url.optional().describe('where users of the app sign in'),
  PARTNERS_FILE: z.string().min(1).describe('JSON array of { partnerId, name, secret, onSilence? }'),
  JOURNAL_FILE: z.string().min(1).describe('where intents and answers are kept, one JSON line each'),
  MODE: z.enum(['once', 'steady']).default('once'),
  SEED: z.coerce.number().int().min(0).default(1),
  /** Stands in every bill number; made from the clock where none is given. */
  RUN: z
    .string()
    .regex(/^[a-z0-9]{1,20}$/, 'at most 20 lower case letters and digits')
    .optional(),
  BILLS: z.coerce.number().int().min(1).default(200),
  RATE_PER_SECOND: z.coerce.number().positive().max(1_000).default(2).describe('bills begun a second, in steady mode'),
  APP_SHARE: z.coerce.number().min(0).max(1).default(0.2).describe('share of the bills that the app plays a part in, in steady mode'),
  DUE_SOON_MS: Milliseconds.default(4_000).describe('how far ahead the due time of an expiring bill lies'),
  IN_FLIGHT_MAX: z.coerce.number().int().min(1).max(1_000).default(64),
  REQUEST_TIMEOUT_MS: Milliseconds.default(10_000),
  SEND_DEADLINE_MS: Milliseconds.default(180_000).describe('how long a webhook without an answer is sent again'),
  STOP_TIMEOUT_MS: Milliseconds.default(10_000).describe('how long the bills under way may take to their end after the first signal'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
export type SandboxConfig = z.output<typeof SandboxConfig>;
