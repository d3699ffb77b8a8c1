import { createSecretKey } from 'node:crypto';
import { CampusConfig } from '../../services/campus/src/config.ts';
import { LedgerConfig } from '../../services/ledger/src/config.ts';
import { PaymentsConfig } from '../../services/payments/src/config.ts';

/** How long one sweep, retry or parked message waits: everything is shorter than in a bank, and nothing is in another order. */
export const timings = { sweepMs: 600, parkedRetryMs: 300, parkedMaxMs: 6_000 };
export const sendTimeoutMs = 500;
export const sessionTimeoutMs = 1_500;

/** Clocks of two processes are never further apart than twice this. */
export const skewMsMax = 120;

const service = {
  KAFKA_BROKERS: 'broker:9092',
  MONGO_URL: 'mongodb://database',
  INTERNAL_TOKEN: 'a-token-of-the-simulation',
  PORT: '0',
};

export const durations = {
  keepEarlyMs: 5_000,
  leaseMs: 3_000,
  leaseAskMs: 600,
  writeOffAskMs: 900,
  writeOffDeadlineMs: 4_000,
  reversalGraceMs: 1_200,
  bankTimeoutMs: 300,
  callbackTimeoutMs: 300,
  /** How late a call can still take effect at the core bank. */
  latestMs: 3_000,
} as const;

export const dayFenMax = 2_500;
export const paymentFenMax = 5_000;

export const campusConfig = CampusConfig.parse({
  ...service,
  ID_KEY: '5f'.repeat(32),
  KEEP_EARLY_MS: durations.keepEarlyMs,
  LEASE_MS: durations.leaseMs,
  LEASE_ASK_MS: durations.leaseAskMs,
  WRITE_OFF_ASK_MS: durations.writeOffAskMs,
  WRITE_OFF_DEADLINE_MS: durations.writeOffDeadlineMs,
});

const payments = PaymentsConfig.parse({
  ...service,
  CORE_BANK_URL: 'http://bank',
  CORE_BANK_TOKEN: 'a-token-of-the-bank',
  CORE_BANK_TIMEOUT_MS: durations.bankTimeoutMs,
  LEASE_MARGIN_MS: 400,
  DEBIT_ASK_MS: 500,
  DEBIT_STUCK_AFTER: 3,
  DEBIT_KEEP_ASKING_MS: 700,
  DEBIT_LATEST_MS: durations.latestMs,
  REVERSAL_GRACE_MS: durations.reversalGraceMs,
  PER_PAYMENT_MAX_FEN: paymentFenMax,
  PER_DAY_MAX_FEN: dayFenMax,
});

/** The address of the core bank names the process, so that its books know who calls. */
export const paymentsConfig = (process: string): PaymentsConfig => ({ ...payments, CORE_BANK_URL: `http://bank/${process}` });

export const ledgerConfig = LedgerConfig.parse(service);

export const mailboxRules = { retryScale: 0.004, callbackTimeoutMs: durations.callbackTimeoutMs };
export const probeMs = 700;

export type Partner = { partnerId: string; onSilence: 'queue' | 'reverse' };

/** The contract of the first school has people decide about silence; money of the other goes back. */
export const partners: readonly Partner[] = [
  { partnerId: 'school-a', onSilence: 'queue' },
  { partnerId: 'school-b', onSilence: 'reverse' },
];

export const partnerKey = createSecretKey(Buffer.alloc(32, 7));
