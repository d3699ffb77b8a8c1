import type { Aggregate, EffectResult, Executors } from '@scenefi/engine';
import { AppError, shanghaiDay } from '@scenefi/kernel';
import type { Platform, Service } from '@scenefi/runtime';
import type { PaymentsConfig } from './config.ts';
import { type BankAnswer, type CoreBank, type CreditOrder, createCoreBank } from './core-bank.ts';
import { type DayLimit, type DayLimitCommand, dayLimitScene, limitIds } from './day-limit.ts';
import { paymentErrors } from './errors.ts';
import { paymentHandlers } from './handlers.ts';
import { paymentScene } from './payment.ts';
import type { Payment, PaymentCommand, PaymentRules } from './payment-state.ts';
import { paymentRoutes } from './routes.ts';
import { paymentQueries } from './store.ts';

type Result = EffectResult<PaymentCommand>;
type Request = NonNullable<Payment['request']>;

const requestOf = ({ request }: Payment): Request => {
  if (!request) throw new Error('a payment that nobody requested has nothing to be done outside');
  return request;
};

/** The limit of the day is another aggregate of this service, met like anything else outside: by calls that may be repeated. */
const limitExecutors = (limits: Aggregate<DayLimit, DayLimitCommand>): Executors<Payment, PaymentCommand> => {
  const ask = async (type: DayLimitCommand['type'], key: string, payment: Payment, paymentId: string): Promise<void> => {
    const { customerId, requestedAt, amountFen } = requestOf(payment);
    const command: DayLimitCommand = { type, paymentId, amountFen };
    await limits.send({ aggregateId: limitIds.of(customerId, shanghaiDay(requestedAt)), id: key, command, body: command });
  };
  return {
    reserve: async ({ key }, payment, paymentId): Promise<Result> => {
      try {
        await ask('Reserve', key, payment, paymentId);
        return { outcome: 'reserved', command: { type: 'LimitReserved' } };
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== paymentErrors.OVER_DAY_LIMIT().code) throw error;
        return { outcome: 'exceeded', command: { type: 'LimitExceeded' } };
      }
    },
    commit: async ({ key }, payment, paymentId): Promise<Result> => {
      await ask('Commit', key, payment, paymentId);
      return { outcome: 'committed', command: { type: 'LimitCommitted' } };
    },
    release: async ({ key }, payment, paymentId): Promise<Result> => {
      await ask('Release', key, payment, paymentId);
      return { outcome: 'released', command: { type: 'LimitReleased' } };
    },
  };
};

const debitResult = (answer: BankAnswer | undefined): Result | undefined => {
  if (!answer) return undefined;
  const { status } = answer;
  if (status === 'applied') return { outcome: status, command: { type: 'DebitApplied', debitedAt: answer.at } };
  return { outcome: status, command: { type: 'DebitRefused', code: answer.code } };
};

const creditResult = (answer: BankAnswer | undefined, key: string, refundNo: string | undefined): Result | undefined => {
  if (!answer) return undefined;
  const { status: outcome } = answer;
  if (refundNo === undefined) return { outcome, command: { type: outcome === 'applied' ? 'CreditApplied' : 'CreditRefused' } };
  return { outcome, command: { type: outcome === 'applied' ? 'RefundApplied' : 'RefundDenied', refundNo, key } };
};

/** Where a credit goes: back to the account that paid, to another one that people chose, or through the channel it came by. */
const creditOrderOf = (payment: Payment, key: string, paymentId: string, refundNo: string | undefined): CreditOrder => {
  const refund = payment.refunds.find((one) => one.refundNo === refundNo);
  const memo = paymentId;
  const { received } = payment;
  if (received) return { key, amountFen: refund?.amountFen ?? 0, memo, channel: received.channel, reference: received.reference };
  const { customerId, payFrom, amountFen } = requestOf(payment);
  return { key, amountFen: refund?.amountFen ?? amountFen, memo, customerId, accountNo: refund?.accountNo ?? payFrom };
};

/** Calls of the core bank. From the second try on it is first asked what it knows, since the first may have arrived. */
const bankExecutors = (bank: CoreBank): Executors<Payment, PaymentCommand> => {
  /** A refund goes to another account only if that belongs to the customer; undefined where the bank does not say. */
  const mayCredit = async (payment: Payment, refundNo: string | undefined): Promise<boolean | undefined> => {
    const accountNo = payment.refunds.find((one) => one.refundNo === refundNo)?.accountNo;
    if (accountNo === undefined) return true;
    const accounts = await bank.accountsOf(requestOf(payment).customerId);
    return accounts?.some((account) => account.accountNo === accountNo);
  };
  return {
    debit: async ({ key, attempt }, payment, paymentId) => {
      const known = attempt > 1 ? await bank.debitOf(key) : 'not-found';
      if (known !== 'not-found') return debitResult(known);
      const { customerId, payFrom, amountFen } = requestOf(payment);
      return debitResult(await bank.debit({ key, customerId, accountNo: payFrom, amountFen, memo: paymentId }));
    },
    cancel: async ({ key }) => debitResult(await bank.cancelDebit(key)),
    credit: async ({ key, attempt, about }, payment, paymentId) => {
      const callKey = key.slice(paymentId.length + 1);
      const known = attempt > 1 ? await bank.creditOf(key) : 'not-found';
      if (known !== 'not-found') return creditResult(known, callKey, about);
      const mine = await mayCredit(payment, about);
      // Only before anything was sent: what may be on its way already is asked for, not denied.
      if (mine === false && attempt === 1) return creditResult({ status: 'refused', code: 'foreign-account' }, callKey, about);
      if (!mine) return undefined;
      return creditResult(await bank.credit(creditOrderOf(payment, key, paymentId, about)), callKey, about);
    },
    look: async ({ key, about }, _payment, paymentId) => {
      const known = await bank.creditOf(key);
      return known === 'not-found' ? undefined : creditResult(known, key.slice(paymentId.length + 1), about);
    },
  };
};

export const rulesOf = (config: PaymentsConfig): PaymentRules => ({
  paymentFenMax: config.PER_PAYMENT_MAX_FEN,
  stepUpFenMin: config.STEP_UP_FROM_FEN,
  leaseMarginMs: config.LEASE_MARGIN_MS,
  // A look, a question for the accounts, and the credit itself.
  callMs: 3 * config.CORE_BANK_TIMEOUT_MS,
  askMs: config.DEBIT_ASK_MS,
  stuckAfter: config.DEBIT_STUCK_AFTER,
  keepAskingMs: config.DEBIT_KEEP_ASKING_MS,
  latestMs: config.DEBIT_LATEST_MS,
  reversalGraceMs: config.REVERSAL_GRACE_MS,
});

/** Every movement of money: payments of the app and their way back, and money that came from elsewhere. */
export const buildPayments = async ({
  config,
  engine,
  store,
  clock,
  random,
  logger,
  meter,
}: Platform<PaymentsConfig>): Promise<Service> => {
  const { CORE_BANK_URL: url, CORE_BANK_TOKEN: token, CORE_BANK_TIMEOUT_MS: timeoutMs, INTERNAL_TOKEN: internalToken } = config;
  const bank = createCoreBank({ url, token, timeoutMs, logger });
  const limits = engine.aggregate(dayLimitScene({ dayFenMax: config.PER_DAY_MAX_FEN }), { collection: 'day_limits' });
  const effects = { ...limitExecutors(limits), ...bankExecutors(bank) };
  const payments = engine.aggregate(paymentScene(rulesOf(config)), { collection: 'payments', effects });
  const queries = await paymentQueries(store);
  meter.gauge('payments_queue_items', queries.countQueued);
  return {
    subscriptions: paymentHandlers(payments),
    routes: [paymentRoutes({ payments, queries, bank, clock, random, internalToken })],
  };
};
