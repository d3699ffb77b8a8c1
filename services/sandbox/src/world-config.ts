import { z } from 'zod';
import { SandboxConfig } from './config.ts';

const { INGRESS_URLS, PARTNERS_FILE, LOG_LEVEL } = SandboxConfig.shape;

export const WorldConfig = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535),
  BANK_FILE: z.string().min(1).describe('the books of the core bank, one JSON line each'),
  SCHOOL_FILE: z.string().min(1).describe('the books of the schools, one JSON line each; what they sent stands beside it in <file>.sent'),
  PARTNERS_FILE,
  INGRESS_URLS,
  BANK_TOKEN: z.string().regex(/^[\w.~+/-]{16,}=*$/, 'at least 16 characters that a bearer token may have'),
  ISSUER: z.url({ protocol: /^https?$/ }).describe('stands in every access token'),
  JWT_SEED_FILE: z.string().min(1).optional().describe('the seed of the key that signs access tokens; made where it is missing'),
  LOG_LEVEL,
});
export type WorldConfig = z.output<typeof WorldConfig>;
