import { Milliseconds, SecretKey, serviceConfig } from '@scenefi/runtime';
import type { z } from 'zod';

const minuteMs = 60 * 1000;
const dayMs = 24 * 60 * minuteMs;

export const CampusConfig = serviceConfig.extend({
  ID_KEY: SecretKey.describe('keys the hashes of student numbers and names; changing it changes every account'),
  KEEP_EARLY_MS: Milliseconds.default(7 * dayMs).describe('how long a notice waits for the bill it is about'),
  LEASE_MS: Milliseconds.default(3 * minuteMs).describe('how long one payer may take until the debit is sent'),
  LEASE_ASK_MS: Milliseconds.default(minuteMs / 2).describe(
    'how soon payments is asked again about a lease that is over; doubles ten times',
  ),
  WRITE_OFF_ASK_MS: Milliseconds.default(10 * minuteMs).describe('how often a school is asked to write a payment off'),
  WRITE_OFF_DEADLINE_MS: Milliseconds.default(dayMs).describe('how long a school may stay silent before its contract decides'),
});
export type CampusConfig = z.output<typeof CampusConfig>;
