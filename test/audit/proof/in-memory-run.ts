import { createHash, createSecretKey } from 'node:crypto';
import { billIds, noticeCeType } from '../../../packages/contracts/src/index.ts';
import { type Clock, instantOf } from '../../../packages/kernel/src/index.ts';
import { billScene } from '../../../services/campus/src/bill.ts';
import { campusHandlers } from '../../../services/campus/src/handlers.ts';
import { ledgerHandlers } from '../../../services/ledger/src/handlers.ts';
import { createLedger } from '../../../services/ledger/src/ledger.ts';
import type { Asked, EntryDocument, LedgerBooks } from '../../../services/ledger/src/store.ts';
import { paymentHandlers } from '../../../services/payments/src/handlers.ts';
import { paymentScene } from '../../../services/payments/src/payment.ts';
import type { JournalLine } from '../../../services/sandbox/src/journal.ts';
import { type Plan, planBill } from '../../../services/sandbox/src/plan.ts';
import { type SeededRandom, seededRandom } from '../../../services/sandbox/src/seeded-random.ts';
import type { PlannedNotice } from '../../../services/sandbox/src/told-bill.ts';
import { type Evidence, type RawBalance, type RawBill, type RawEntry, type RawReceived, type TopicRole, topicNames } from '../evidence.ts';
import { digestJournal } from '../journal.ts';
import { type MemoryLog, memoryService, recordsOf } from './in-memory-service.ts';

const startMs = Date.UTC(2026, 8, 1, 15, 59, 50);
const dayMs = 24 * 60 * 60 * 1000;
const keepEarlyMs = 7 * dayMs;
const dueSoonMs = 4_000;

const createTimers = () => {
  let nowMs = startMs;
  let timers: { atMs: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    clock,
    /** Moves the time on and lets every sweep that fell due come to its end, so often. */
    advance: async (ms: number, rounds = 1): Promise<void> => {
      nowMs += ms;
      for (let round = 0; round < rounds; round += 1) {
        const due = timers.filter(({ atMs }) => atMs <= nowMs);
        timers = timers.filter(({ atMs }) => atMs > nowMs);
        for (const { run } of due) run();
        await settled();
        nowMs += 500;
      }
    },
  };
};

/** The books of the ledger in memory: what stands is given back, the rest is posted. */
const memoryBooks = (entries: Map<string, EntryDocument>, balances: Map<string, RawBalance>): LedgerBooks => {
  const unused = (): never => {
    throw new Error('nobody asks');
  };
  const post = async (asked: readonly Asked[]): Promise<Map<string, EntryDocument>> => {
    const stood = new Map(asked.flatMap(({ document }) => (entries.has(document._id) ? [[document._id, entries.get(document._id)!]] : [])));
    for (const { document, partition } of asked) {
      if (stood.has(document._id)) continue;
      entries.set(document._id, document);
      for (const { account, amountFen } of document.legs) {
        const _id = `${account}|${partition}`;
        const { debitFen, creditFen } = balances.get(_id) ?? { debitFen: 0, creditFen: 0 };
        balances.set(_id, { _id, account, debitFen: debitFen + Math.max(0, amountFen), creditFen: creditFen + Math.max(0, -amountFen) });
      }
    }
    return stood;
  };
  return { post, trialBalance: unused, entriesOfPayment: unused, statement: unused };
};

type Posting = { plan: Plan; notice: PlannedNotice; role: 'plan' | 'repeat' };

/** One order that the manner of each step allows, with copies at once and stragglers some notices later. */
const orderOf = (plan: Plan, random: SeededRandom): Posting[] => {
  const postings: Posting[] = [];
  for (const { manner, notices } of plan.steps) {
    for (const notice of manner === 'in order' ? notices : random.shuffled(notices)) {
      const copies = Math.min(plan.noise.copies.get(notice) ?? 1, 4);
      for (let copy = 0; copy < copies; copy += 1) postings.push({ plan, notice, role: copy === 0 ? 'plan' : 'repeat' });
    }
  }
  for (const notice of plan.noise.stragglers) {
    const first = postings.findIndex((posting) => posting.notice === notice);
    postings.splice(random.between(first + 1, postings.length), 0, { plan, notice, role: 'repeat' });
  }
  return postings;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Plays planned endings through the real engine, scenes and ledger, in an order and at a pace that `chance` decides, with
 * redeliveries, and gives what an auditor would find. `endings` are names of endings, one bill each.
 */
export const playInMemory = async (endings: readonly string[], chance: number, run = 'r1'): Promise<Evidence> => {
  const random = seededRandom(chance, 99);
  const { clock, advance } = createTimers();
  const log: MemoryLog = new Map();
  const entries = new Map<string, EntryDocument>();
  const balances = new Map<string, RawBalance>();
  const campus = memoryService({
    name: 'campus',
    heard: topicNames.notices,
    clock,
    log,
    subscriptions: ({ engine }) =>
      campusHandlers(engine.aggregate(billScene({ keepEarlyMs }), { collection: 'bills' }), createSecretKey(Buffer.alloc(32, 1))),
  });
  const payments = memoryService({
    name: 'payments',
    heard: topicNames.bills,
    clock,
    log,
    subscriptions: ({ engine }) => paymentHandlers(engine.aggregate(paymentScene, { collection: 'payments' })),
  });
  const ledger = memoryService({
    name: 'ledger',
    heard: topicNames.payments,
    clock,
    log,
    subscriptions: ({ publisher, logger }) =>
      ledgerHandlers(createLedger({ books: memoryBooks(entries, balances), publisher, clock, logger })),
  });
  const services = [campus, payments, ledger];
  const consumeSome = async (): Promise<void> => {
    for (const service of services) await service.consume(random.between(1, 20), { redelivered: random.happens(0.2) });
  };
  const consumeAll = async (): Promise<void> => {
    while (services.some((service) => service.behind() > 0)) await consumeSome();
  };

  const lines: JournalLine[] = [{ kind: 'started', run, seed: chance, mode: 'once' }];
  let sends = 0;
  const post = async ({ plan, notice, role }: Posting): Promise<void> => {
    const { noticeId, webhookId, type, body } = notice;
    const { partnerId, billNo } = plan;
    sends += 1;
    const bodySha256 = sha256(body);
    lines.push({ kind: 'intent', noticeId, partnerId, webhookId, billNo, type, role, expect: 'accepted', bodySha256, send: sends });
    const key = billIds.of(partnerId, billNo);
    const time = instantOf(clock.now());
    const traceparent = `00-${String(sends).padStart(32, '0')}-${String(sends).padStart(16, '0')}-01`;
    const attributes = { id: noticeId, source: '/scenefi/ingress', type: noticeCeType('campus'), time, correlationId: noticeId, partnerId };
    await campus.publisher.publish({
      topic: topicNames.notices,
      key,
      events: [{ ...attributes, traceparent, classification: 'C2', value: body }],
    });
    lines.push({ kind: 'answer', noticeId, send: sends, status: 202 });
  };

  const hoursOld: Posting[] = [];
  const waiting = [...endings.entries()];
  const active: Posting[][] = [];
  while (waiting.length > 0 || active.length > 0) {
    if (waiting.length > 0 && active.length < 12) {
      const [index, ending] = waiting.shift()!;
      const numbers = { run, index, partnerId: `school-${index % 3}`, schoolName: '东湖小学', nowMs: clock.now(), dueSoonMs };
      const plan = planBill(chance, ending, numbers);
      const notices = plan.steps.flatMap((step) => step.notices.map(({ noticeId, body }) => ({ noticeId, bodySha256: sha256(body) })));
      const { partnerId, billNo, expected } = plan;
      lines.push({ kind: 'plan', ending, partnerId, billNo, notices, expected });
      active.push(orderOf(plan, random));
      hoursOld.push(...plan.noise.hoursOld.map((notice): Posting => ({ plan, notice, role: 'repeat' })));
    }
    const postings = random.pick(active);
    const next = postings.shift();
    if (next) await post(next);
    if (postings.length === 0) active.splice(active.indexOf(postings), 1);
    if (random.happens(0.4)) await consumeSome();
    if (random.happens(0.15)) await advance(random.between(100, 3_000), 2);
  }
  await consumeAll();
  await advance(keepEarlyMs + dayMs, 6);
  for (const posting of hoursOld) await post(posting);
  await consumeAll();
  await advance(60_000, 6);
  await consumeAll();
  await Promise.all([advance(1_000, 4), ...services.map((service) => service.stop())]);
  lines.push({ kind: 'finished' });

  const topics = Object.fromEntries(Object.entries(topicNames).map(([role, name]) => [role, recordsOf(log, name)])) as Evidence['topics'];
  return {
    journal: digestJournal(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`),
    topics: topics satisfies Record<TopicRole, unknown>,
    bills: [...campus.documents.values()] as unknown as RawBill[],
    payments: [...payments.documents.values()] as unknown as RawReceived[],
    entries: [...entries.values()].map(({ at: _at, cause: _cause, ...entry }): RawEntry => entry),
    balances: [...balances.values()],
    backlogs: services.map(({ name, letters }) => ({
      service: name,
      letters: [...letters.values()].map(({ _id, code, message }) => ({
        _id,
        code,
        message: { topic: message.topic, headers: { ...message.headers } },
      })),
      parked: [],
      heads: [],
    })),
    lags: [],
    nowMs: clock.now(),
  };
};
