import { createSecretKey } from 'node:crypto';
import { serviceConfig } from '@scenefi/runtime';
import { z } from 'zod';

const hexKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
  .transform((digits) => createSecretKey(Buffer.from(digits, 'hex')));

export const CampusConfig = serviceConfig.extend({
  ID_KEY: hexKey.describe('keys the hashes of student numbers and names; changing it changes every account'),
  KEEP_EARLY_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(7 * 24 * 60 * 60 * 1000)
    .describe('how long a notice waits for the bill it is about'),
});
export type CampusConfig = z.output<typeof CampusConfig>;
