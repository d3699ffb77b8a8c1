import type { AppPlan as Plan } from '../../../services/sandbox/src/plan.ts';
import { seededRandom } from '../../../services/sandbox/src/seeded-random.ts';
import { type Evidence, type RawBill, type RawEntry, type RawMailbox, type RawMovement, topicNames } from '../evidence.ts';
import { digestJournal } from '../journal.ts';
import { createTimers, settled } from './in-memory-clock.ts';
import { recordsOf } from './in-memory-service.ts';
import { createServices, keepEarlyMs, type Services } from './in-memory-services.ts';
import { createPlayApp } from './play-app.ts';
import { type Action, actionsOf, type Posting, planOf, sha256 } from './played-plan.ts';

const startMs = Date.UTC(2026, 8, 1, 15, 59, 50);
const minuteMs = 60 * 1000;
const dayMs = 24 * 60 * minuteMs;
/** So often nothing may move; then something waits for what never comes. */
const idleMax = 300;

type Line = { kind: string } & Record<string, unknown>;
type Bill = { plan: Plan; actions: Action[] };

const evidenceOf = (services: Services, lines: readonly Line[]): Evidence => {
  const { all, campus, payments, notifier, log, entries, balances, world, clock } = services;
  const topics = Object.fromEntries(Object.entries(topicNames).map(([role, name]) => [role, recordsOf(log, name)])) as Evidence['topics'];
  return {
    journal: digestJournal(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`),
    topics,
    bills: campus.documents<RawBill>('bills'),
    payments: payments.documents<RawMovement>('payments'),
    mailboxes: notifier.documents<RawMailbox>('mailboxes'),
    customers: [],
    entries: [...entries.values()].map(({ at: _at, cause: _cause, ...entry }): RawEntry => entry),
    balances: [...balances.values()],
    backlogs: all.map(({ name, letters }) => ({
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
    bank: world.bookings(),
    schools: world.schoolLines(),
    nowMs: clock.now(),
  };
};

/**
 * Plays planned endings through the real engines, scenes and ledger, in an order and at a pace that `chance` decides, with
 * redeliveries, and gives what an auditor would find. `endings` are names of endings, one bill each.
 */
export const playInMemory = async (endings: readonly string[], chance: number, run = 'r1'): Promise<Evidence> => {
  const random = seededRandom(chance, 99);
  const { clock, advance } = createTimers(startMs);
  const services = createServices(clock);
  const { all, post } = services;
  const lines: Line[] = [{ kind: 'started', run, seed: chance, mode: 'once' }];
  const playApp = createPlayApp(services, (line) => void lines.push(line as Line));

  const consumeSome = async (): Promise<void> => {
    for (const service of all) await service.consume(random.between(1, 20), { redelivered: random.happens(0.2), pick: random.pick });
    await settled();
  };
  const consumeAll = async (): Promise<void> => {
    while (all.some((service) => service.behind() > 0)) await consumeSome();
  };
  let sends = 0;
  const send = async ({ notice, role }: Posting, { partnerId, billNo }: Plan): Promise<void> => {
    const { noticeId, webhookId, type, body } = notice;
    sends += 1;
    const about = { noticeId, partnerId, webhookId, billNo, type, role, expect: 'accepted', bodySha256: sha256(body), send: sends };
    lines.push({ kind: 'intent', ...about });
    await post(partnerId, billNo, noticeId, body);
    lines.push({ kind: 'answer', noticeId, send: sends, status: 202 });
  };
  const begin = (ending: string, index: number): Bill => {
    const plan = planOf(ending, { seed: chance, run, index, nowMs: clock.now() });
    const { steps, partnerId, billNo, expected } = plan;
    const told = steps.flatMap((step) => ('notices' in step ? step.notices : []));
    lines.push({
      kind: 'plan',
      ending,
      partnerId,
      billNo,
      notices: told.map(({ noticeId, body }) => ({ noticeId, bodySha256: sha256(body) })),
      expected,
    });
    return { plan, actions: actionsOf(plan, random) };
  };
  /** Does the next thing about a bill; false where it waits for something. */
  const act = async ({ plan, actions }: Bill): Promise<boolean> => {
    const [next] = actions;
    if (!next) return true;
    if (next.does !== 'post' && !(await playApp(next, plan))) return false;
    if (next.does === 'post') await send(next, plan);
    actions.shift();
    return true;
  };

  const waiting = [...endings.entries()];
  const active: Bill[] = [];
  const hoursOld: { posting: Posting; plan: Plan }[] = [];
  let idle = 0;
  while (waiting.length > 0 || active.length > 0) {
    if (waiting.length > 0 && active.length < 12) {
      const [index, ending] = waiting.shift()!;
      const bill = begin(ending, index);
      active.push(bill);
      hoursOld.push(
        ...bill.plan.noise.hoursOld.map((notice) => ({ posting: { does: 'post', notice, role: 'repeat' } as const, plan: bill.plan })),
      );
    }
    const bill = random.pick(active);
    idle = (await act(bill)) ? 0 : idle + 1;
    if (bill.actions.length === 0) active.splice(active.indexOf(bill), 1);
    if (random.happens(0.4)) await consumeSome();
    if (random.happens(0.15)) await advance(random.between(100, 3_000), 2);
    // Everybody waits for a clock.
    if (idle > 2 * active.length + 20) {
      await consumeAll();
      await advance(5 * minuteMs, 2);
    }
    if (idle > idleMax) throw new Error(`bill ${bill.plan.billNo} (${bill.plan.ending}) waits for ever`);
  }
  await consumeAll();
  for (let hours = 0; hours < 12; hours += 1) {
    await advance(60 * minuteMs, 3);
    await consumeAll();
  }
  await advance(keepEarlyMs + dayMs, 6);
  await consumeAll();
  for (const { posting, plan } of hoursOld) await send(posting, plan);
  await consumeAll();
  for (let rounds = 0; rounds < 4; rounds += 1) {
    await advance(minuteMs, 6);
    await consumeAll();
  }
  await Promise.all([advance(1_000, 4), ...all.map((service) => service.stop())]);
  lines.push({ kind: 'finished' });
  const evidence = evidenceOf(services, lines);
  await services.world.stop();
  return evidence;
};
