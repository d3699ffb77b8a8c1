import { billIds, customerIds, paymentIds } from '@scenefi/contracts';
import { createDice, type Dice } from './chance.ts';
import { partners, paymentFenMax } from './rules.ts';
import type { Weather } from './world.ts';

/** What a school does when it hears that a payment of its bill was debited. */
export type Script = 'prompt' | 'twice' | 'after-reminder' | 'reject' | 'silent' | 'after-reversal' | 'wrong-amount';

type Of<Kind extends string, Fields> = { id: string; atMs: number; kind: Kind; billNo: string; partnerId: string } & Fields;

/** Something that the outside does. Each can be left out without changing what the others do. */
export type Stimulus =
  | Of<'notice', { noticeId: string; type: string; data: Record<string, unknown> }>
  | Of<'garbage', { value: string }>
  | Of<'pay', { customerId: string; key: string; amountFen: number; otherBody: boolean }>
  | Of<'cashier', { requestId: string; releaseAfterMs: number | undefined }>
  | Of<'script', { script: Script; delayMs: number; refundsFen: readonly number[] }>;

/** Something that befalls the machines. */
export type Blow = { id: string; atMs: number } & (
  | { kind: 'crash' | 'stall'; process: string; forMs: number }
  | { kind: 'rebalance'; group: string }
  | { kind: 'failover' | 'database-away'; service: string; forMs: number }
  | { kind: 'broker-away' | 'bank-away' | 'school-away'; forMs: number }
  | { kind: 'repeat'; topic: string; partition: number; which: number }
  | { kind: 'bug'; service: string; where: 'decide' | 'map'; forMs: number; share: number }
);

/** All that happens in one run, drawn before it begins. */
export type Course = { seed: number; startMs: number; weather: Weather; stimuli: readonly Stimulus[]; blows: readonly Blow[] };

/** Stimuli and blows end here; what they brought about ends later. */
export const busyMs = 6_000;

export const replicas = ['campus', 'payments', 'ledger', 'notifier'].flatMap((service) => [`${service}-1`, `${service}-2`]);

const services = ['campus', 'campus', 'payments', 'payments', 'ledger', 'notifier'] as const;

const scripts: readonly Script[] = [
  ...(['prompt', 'prompt', 'prompt', 'prompt'] as const),
  ...(['twice', 'after-reminder', 'reject', 'silent', 'after-reversal', 'wrong-amount'] as const),
];

export const billOf = ({ partnerId, billNo }: { partnerId: string; billNo: string }) => billIds.of(partnerId, billNo);
export const paymentOf = (customerId: string, key: string) => paymentIds.of('app', customerId, key);

const iso = (ms: number): string => new Date(ms).toISOString();

const itemsOf = (amountFen: number) => [
  { itemNo: 'i1', name: 'a fee', amountFen: Math.floor(amountFen / 2), mandatory: true, quantityMax: 1 },
  { itemNo: 'i2', name: 'another fee', amountFen: Math.ceil(amountFen / 2), mandatory: true, quantityMax: 1 },
];

type Story = { dice: Dice; startMs: number; partnerId: string; billNo: string; amountFen: number; dueMs: number };

/** What a school says about a bill before anybody pays it. */
const noticesOf = ({ dice, startMs, partnerId, billNo, amountFen, dueMs }: Story): Stimulus[] => {
  const stimuli: Stimulus[] = [];
  let count = 0;
  const notice = (atMs: number, type: string, data: Record<string, unknown>, again?: string): string => {
    count += 1;
    const noticeId = again ?? `${partnerId}:${billNo}-${count}`;
    stimuli.push({ id: `${billNo} ${type} ${count}`, atMs, kind: 'notice', partnerId, billNo, noticeId, type, data: { billNo, ...data } });
    return noticeId;
  };
  const dueAt = iso(startMs + dueMs);
  const issued = {
    ...{ schoolName: 'a school', studentNo: `s-${billNo}`, holderName: '王小明', title: 'fees', selection: 'fixed', dueAt },
    payableAfterDue: dueMs > busyMs,
    items: itemsOf(amountFen),
  };
  const issueMs = dice.between(0, 700);
  const isIssued = dice.happens(0.95);
  const issueId = isIssued ? notice(issueMs, 'campus.bill.issued', issued) : '';
  if (isIssued && dice.happens(0.3)) notice(dice.between(0, busyMs), 'campus.bill.issued', issued, issueId);
  if (dice.happens(0.05)) notice(dice.between(0, busyMs), 'campus.bill.issued', { ...issued, items: itemsOf(amountFen + 2) });
  if (isIssued && dice.happens(0.06)) notice(dice.between(0, busyMs), 'campus.bill.issued', { ...issued, title: 'other fees' }, issueId);
  const revisions = dice.happens(0.25) ? dice.between(1, 3) : 0;
  for (let revision = 1; revision <= revisions; revision += 1) {
    const items = itemsOf(dice.happens(0.6) ? amountFen : amountFen + 2 * revision);
    notice(dice.between(0, busyMs), 'campus.bill.amended', { revision, items, dueAt });
  }
  if (dice.happens(0.2)) notice(dice.between(200, busyMs), 'campus.bill.closed', { reason: 'no longer' });
  const reported = dice.happens(0.25) ? dice.between(1, 2) : 0;
  for (let number = 1; number <= reported; number += 1) {
    const paymentNo = `p-${billNo}-${number}`;
    const atMs = dice.between(300, busyMs - 500);
    const paid = {
      paymentNo,
      amountFen: dice.happens(0.8) ? amountFen : amountFen + 1,
      channel: dice.pick(['cash', 'counter', 'aggregated-qr']),
    };
    const paidId = notice(atMs, 'campus.bill.paid', { ...paid, paidAt: iso(startMs + atMs) });
    if (dice.happens(0.3)) notice(dice.between(0, busyMs), 'campus.bill.paid', { ...paid, paidAt: iso(startMs + atMs) }, paidId);
    if (dice.happens(0.35)) notice(dice.between(0, busyMs), 'campus.bill.paid-voided', { paymentNo, reason: 'an error' });
    if (dice.happens(0.3))
      notice(atMs + 900, 'campus.refund.requested', { paymentId: paymentNo, refundNo: `q-${paymentNo}`, amountFen: 40, reason: 'a gift' });
  }
  if (dice.happens(0.04))
    stimuli.push({ id: `${billNo} garbage`, atMs: dice.between(0, busyMs), kind: 'garbage', partnerId, billNo, value: '{"type":' });
  return stimuli;
};

const payersOf = ({ dice, partnerId, billNo, amountFen }: Story): Stimulus[] => {
  const stimuli: Stimulus[] = [];
  const payers = dice.pick([0, 1, 1, 1, 2, 2, 3]);
  for (let number = 1; number <= payers; number += 1) {
    const customerId = customerIds.of('sim', `c${dice.between(1, 2)}`);
    const key = `k-${billNo}-${number}`;
    const wrong = dice.happens(0.05) ? (dice.happens(0.5) ? amountFen + 1 : paymentFenMax + 1) : amountFen;
    const pay = { kind: 'pay' as const, partnerId, billNo, customerId, key, amountFen: wrong };
    const atMs = dice.between(100, busyMs - 800);
    stimuli.push({ ...pay, id: `${billNo} pay ${number}`, atMs, otherBody: false });
    if (dice.happens(0.35))
      stimuli.push({ ...pay, id: `${billNo} pay ${number} again`, atMs: atMs + dice.between(1, 3_000), otherBody: false });
    if (dice.happens(0.06))
      stimuli.push({ ...pay, id: `${billNo} pay ${number} other`, atMs: atMs + dice.between(200, 2_000), otherBody: true });
    if (dice.happens(0.08)) {
      const data = { billNo, paymentId: paymentOf(customerId, key), amountFen, writtenOffAt: '2026-01-05T10:00:00+08:00' };
      const early = {
        kind: 'notice' as const,
        partnerId,
        billNo,
        noticeId: `${partnerId}:early-${key}`,
        type: 'campus.bill.written-off',
        data,
      };
      stimuli.push({ ...early, id: `${billNo} early ${number}`, atMs: atMs + dice.between(0, 900) });
    }
  }
  if (dice.happens(0.15)) {
    const releaseAfterMs = dice.happens(0.6) ? dice.between(50, 2_500) : undefined;
    const at = { id: `${billNo} cashier`, atMs: dice.between(500, busyMs - 800) };
    stimuli.push({ ...at, kind: 'cashier', partnerId, billNo, requestId: `r-${billNo}`, releaseAfterMs });
  }
  const refunds = dice.happens(0.35) ? dice.between(1, 3) : 0;
  const refundsFen = Array.from({ length: refunds }, () => dice.pick([30, Math.floor(amountFen / 2), amountFen]));
  const script = { script: dice.pick(scripts), delayMs: dice.between(0, 700), refundsFen };
  return [...stimuli, { id: `${billNo} script`, atMs: 0, kind: 'script', partnerId, billNo, ...script }];
};

/** One bill, issued in time, and one who pays it; told as the school and the customer would, with repeats. */
const plainOf = (story: Story): Stimulus[] => {
  const { dice, startMs } = story;
  const told = noticesOf(story)
    .filter((one) => one.kind === 'notice' && one.type === 'campus.bill.issued')
    .slice(0, 1);
  const paid = payersOf(story).filter(({ kind, id }) => kind === 'script' || id.startsWith(`${story.billNo} pay 1`));
  const later = paid.map((one) => (one.kind === 'pay' ? { ...one, atMs: one.atMs + 1_000 } : one));
  const due = new Date(startMs + 3_600_000).toISOString();
  const issued = told.flatMap((one) =>
    one.kind === 'notice' ? [{ ...one, data: { ...one.data, dueAt: due, payableAfterDue: true } }] : [],
  );
  const again = issued.map((one) => ({ ...one, id: `${one.id} again`, atMs: dice.between(0, busyMs) }));
  return [...issued, ...again, ...later];
};

const blowOf = (dice: Dice, id: string): Blow => {
  const at = { id, atMs: dice.between(100, busyMs) };
  const service = dice.pick(services);
  switch (dice.between(0, 10)) {
    case 0:
    case 1:
      return { ...at, kind: 'crash', process: dice.pick(replicas), forMs: dice.between(100, 1_500) };
    case 2:
      return { ...at, kind: 'stall', process: dice.pick(replicas), forMs: dice.between(200, 2_500) };
    case 3:
    case 4:
      return { ...at, kind: 'rebalance', group: service };
    case 5:
      return { ...at, kind: 'failover', service, forMs: dice.between(10, 700) };
    case 6:
      return { ...at, kind: 'database-away', service, forMs: dice.between(100, 1_500) };
    case 7:
      return { ...at, kind: dice.pick(['broker-away', 'bank-away', 'school-away'] as const), forMs: dice.between(100, 2_500) };
    case 8: {
      const topic = dice.pick(['campus.notice.v1', 'campus.bill.v1', 'payments.payment.v1']);
      return { ...at, kind: 'repeat', topic, partition: dice.between(0, 1), which: dice.number() };
    }
    default: {
      // Now and then a bug outlives the patience of what waits for its end.
      const forMs = dice.happens(0.15) ? dice.between(6_000, 9_000) : dice.between(200, 2_500);
      return {
        ...at,
        kind: 'bug',
        service: dice.pick(['campus', 'campus', 'payments', 'notifier']),
        forMs,
        where: dice.pick(['decide', 'decide', 'map'] as const),
        share: dice.pick([0.2, 0.5, 1]),
      };
    }
  }
};

const calm: Weather = { database: 0, broker: 0, bank: 0, school: 0, http: 0 };

const weatherOf = (dice: Dice): Weather => {
  const rate = (max: number): number => dice.pick([0, max / 4, max]);
  return { database: rate(0.04), broker: rate(0.08), bank: rate(0.4), school: rate(0.3), http: rate(0.2) };
};

/** A second before the bank's day ends, or in the middle of it. */
const startsMs = [Date.UTC(2026, 0, 5, 2), Date.UTC(2026, 0, 5, 2), Date.UTC(2026, 0, 5, 15, 59, 59)];

/** Draws what happens under a seed. One seed of five is left in peace, and says mostly what has one right end. */
export const courseOf = (seed: number): Course => {
  const dice = createDice(seed, 1);
  const startMs = dice.pick(startsMs);
  const isCalm = dice.happens(0.2);
  const stimuli: Stimulus[] = [];
  const bills = dice.happens(0.7) ? 1 : 2;
  for (let number = 1; number <= bills; number += 1) {
    const { partnerId } = dice.pick(partners);
    const story = { dice: createDice(seed, 2, number), startMs, partnerId, billNo: `b${number}`, amountFen: dice.pick([200, 600, 1_000]) };
    const dueMs = dice.happens(0.25) ? dice.between(2_500, 5_500) : 3_600_000;
    const own = { ...story, dueMs };
    stimuli.push(...(isCalm && dice.happens(0.7) ? plainOf(own) : [...noticesOf(own), ...payersOf(own)]));
  }
  const fate = createDice(seed, 3);
  const blows = isCalm ? [] : Array.from({ length: fate.between(0, 7) }, (_, index) => blowOf(fate, `blow ${index + 1}`));
  return { seed, startMs, weather: isCalm ? calm : weatherOf(fate), stimuli, blows };
};
