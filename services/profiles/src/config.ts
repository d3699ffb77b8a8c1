import { Milliseconds, SecretKey, serviceConfig } from '@scenefi/runtime';
import type { z } from 'zod';

export const ProfilesConfig = serviceConfig.extend({
  ID_KEY: SecretKey.describe('keys the hashes of account numbers and names; the same in every scene, or no name ever fits'),
  LOCK_MS: Milliseconds.default(24 * 60 * 60 * 1000).describe('within how long three wrong names lock a customer, and for how long'),
  ASK_AGAIN_MS: Milliseconds.default(5_000).describe('after how long a question without an answer is asked again; twice as long each time'),
});
export type ProfilesConfig = z.output<typeof ProfilesConfig>;
