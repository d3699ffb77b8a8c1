import { createSecretKey } from 'node:crypto';
import { billIds, noticeCeType } from '../../../packages/contracts/src/index.ts';
import type { Aggregate } from '../../../packages/engine/src/index.ts';
import { type Clock, instantOf } from '../../../packages/kernel/src/index.ts';
import { billScene } from '../../../services/campus/src/bill.ts';
import type { Bill, BillCommand } from '../../../services/campus/src/bill-state.ts';
import { campusHandlers } from '../../../services/campus/src/handlers.ts';
import { ledgerHandlers } from '../../../services/ledger/src/handlers.ts';
import { createLedger } from '../../../services/ledger/src/ledger.ts';
import type { EntryDocument } from '../../../services/ledger/src/store.ts';
import { notifierHandlers } from '../../../services/notifier/src/handlers.ts';
import { mailboxScene } from '../../../services/notifier/src/mailbox.ts';
import { dayLimitScene } from '../../../services/payments/src/day-limit.ts';
import { paymentHandlers } from '../../../services/payments/src/handlers.ts';
import { paymentScene } from '../../../services/payments/src/payment.ts';
import type { Payment, PaymentCommand } from '../../../services/payments/src/payment-state.ts';
import type { Partner } from '../../../services/sandbox/src/partners.ts';
import { type RawBalance, topicNames } from '../evidence.ts';
import { memoryBooks } from './in-memory-books.ts';
import { logger, type MemoryLog, memoryService } from './in-memory-service.ts';
import { bankExecutors, createWorld, limitExecutors, postExecutors } from './in-memory-world.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
export const keepEarlyMs = 7 * 24 * hourMs;

const secret = createSecretKey(Buffer.alloc(32, 2));

/** The first school's contract has people decide about silence; of the others the payment is reversed. */
export const partners: readonly Partner[] = [
  { partnerId: 'school-0', name: '东湖小学', secret, onSilence: 'queue' },
  { partnerId: 'school-1', name: '西山中学', secret, onSilence: 'reverse' },
  { partnerId: 'school-2', name: '南门小学', secret, onSilence: 'reverse' },
];

const billRules = {
  keepEarlyMs,
  leaseMs: 10 * minuteMs,
  leaseAskMs: 30 * secondMs,
  writeOffAskMs: 10 * minuteMs,
  writeOffDeadlineMs: 2 * hourMs,
  onSilence: (partnerId: string) => partners.find((partner) => partner.partnerId === partnerId)?.onSilence ?? 'queue',
};

const paymentRules = {
  paymentFenMax: 5_000_000,
  stepUpFenMin: 2_000_000,
  leaseMarginMs: 10 * secondMs,
  callMs: 9 * secondMs,
  askMs: 5 * secondMs,
  stuckAfter: 6,
  keepAskingMs: minuteMs,
  latestMs: 24 * hourMs,
  reversalGraceMs: 10 * minuteMs,
};

/** Brings a notice to the log as ingress does. */
const createPost = (publisher: ReturnType<typeof memoryService>['publisher'], clock: Clock) => {
  let count = 0;
  return async (partnerId: string, billNo: string, noticeId: string, body: string): Promise<void> => {
    count += 1;
    const traceparent = `00-${String(count).padStart(32, '0')}-${String(count).padStart(16, '0')}-01`;
    const time = instantOf(clock.now());
    const attributes = { id: noticeId, source: '/scenefi/ingress', type: noticeCeType('campus'), time, correlationId: noticeId, partnerId };
    const event = { ...attributes, traceparent, classification: 'C2', value: body } as const;
    await publisher.publish({ topic: topicNames.notices, key: billIds.of(partnerId, billNo), events: [event] });
  };
};

/** Every service with its real engine, handlers and scenes, and the sandbox's own bank and schools, on one log in memory. */
export const createServices = (clock: Clock) => {
  const log: MemoryLog = new Map();
  const entries = new Map<string, EntryDocument>();
  const balances = new Map<string, RawBalance>();
  const world = createWorld({
    clock,
    logger,
    send: async ({ notice: { noticeId, body }, partnerId, billNo }) => {
      await post(partnerId, billNo, noticeId, body);
      return 'accepted';
    },
  });
  let bills: Aggregate<Bill, BillCommand> | undefined;
  let movements: Aggregate<Payment, PaymentCommand> | undefined;

  const campus = memoryService({
    name: 'campus',
    heard: [topicNames.notices, topicNames.payments],
    clock,
    log,
    subscriptions: ({ engine }) => {
      bills = engine.aggregate(billScene(billRules), { collection: 'bills' });
      return campusHandlers(bills, createSecretKey(Buffer.alloc(32, 1)));
    },
  });
  const payments = memoryService({
    name: 'payments',
    heard: [topicNames.bills],
    clock,
    log,
    subscriptions: ({ engine }) => {
      const limits = engine.aggregate(dayLimitScene({ dayFenMax: 4_000_000 }), { collection: 'day_limits' });
      const effects = { ...limitExecutors(limits), ...bankExecutors(world.bank) };
      movements = engine.aggregate(paymentScene(paymentRules), { collection: 'payments', effects });
      return paymentHandlers(movements);
    },
  });
  const ledger = memoryService({
    name: 'ledger',
    heard: [topicNames.payments],
    clock,
    log,
    subscriptions: ({ publisher }) => ledgerHandlers(createLedger({ books: memoryBooks(entries, balances), publisher, clock, logger })),
  });
  const notifier = memoryService({
    name: 'notifier',
    heard: [topicNames.bills, topicNames.payments, topicNames.refusals],
    clock,
    log,
    subscriptions: ({ engine }) => {
      const rules = { retryScale: 1, callbackTimeoutMs: 10 * secondMs };
      const effects = postExecutors(world.schools, clock);
      return notifierHandlers(engine.aggregate(mailboxScene(rules), { collection: 'mailboxes', effects }));
    },
  });
  const post = createPost(campus.publisher, clock);
  if (!bills || !movements) throw new Error('the services have not been put together');
  return {
    all: [campus, payments, ledger, notifier],
    campus,
    payments,
    notifier,
    bills,
    movements,
    world,
    log,
    entries,
    balances,
    post,
    clock,
  };
};
export type Services = ReturnType<typeof createServices>;
