import { serviceConfig } from '@scenefi/runtime';
import { z } from 'zod';

const whole = z.coerce.number().int().positive();
const secondMs = 1_000;
const hourMs = 60 * 60 * secondMs;

export const PaymentsConfig = serviceConfig.extend({
  CORE_BANK_URL: z
    .string()
    .regex(/^https?:\/\/[^/]+[^?#]*$/, 'an http:// or https:// address')
    .transform((url) => url.replace(/\/$/, '')),
  CORE_BANK_TOKEN: z.string().regex(/^[\x21-\x7e]{8,}$/, 'at least 8 visible characters'),
  CORE_BANK_TIMEOUT_MS: whole.default(3 * secondMs).describe('how long one call to the core bank may take'),
  LEASE_MARGIN_MS: whole.default(10 * secondMs).describe('what must be left of a lease when the debit is sent'),
  DEBIT_ASK_MS: whole.default(5 * secondMs).describe('when an unanswered call is made again; doubles up to 64 times of it'),
  DEBIT_STUCK_AFTER: whole.default(6).describe('after so many tries without an answer people are called'),
  DEBIT_KEEP_ASKING_MS: whole.default(60 * secondMs).describe('how often the core bank is asked about what people decided by hand'),
  DEBIT_LATEST_MS: whole.default(24 * hourMs).describe('how late a call can still take effect at the core bank'),
  REVERSAL_GRACE_MS: whole.default(60 * secondMs).describe('how long a reversal is told before the money goes back'),
  PER_PAYMENT_MAX_FEN: whole.default(5_000_000),
  PER_DAY_MAX_FEN: whole.default(20_000_000).describe('per customer and day of the bank'),
  STEP_UP_FROM_FEN: whole.default(2_000_000).describe('from this amount on the customer proves twice who he is'),
});
export type PaymentsConfig = z.output<typeof PaymentsConfig>;
