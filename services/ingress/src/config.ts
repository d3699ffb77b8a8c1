import { edgeConfig, SecretKey } from '@scenefi/runtime';
import { z } from 'zod';

export const IngressConfig = edgeConfig.extend({
  CREDENTIAL_KEY: SecretKey.describe('opens the sealed secrets of partners'),
  CAMPUS_URL: z.url({ protocol: /^https?$/ }).describe('answers what schools ask'),
  PUBLISH_DEADLINE_MS: z.coerce.number().int().min(100).max(60_000).default(5_000).describe('how long a partner waits for the log'),
});
export type IngressConfig = z.output<typeof IngressConfig>;
