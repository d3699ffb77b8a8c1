import { BillQuestion, notices, paymentStatuses, queues, refundRefusals } from '@scenefi/contracts';
import { WebhookId } from '@scenefi/http';
import { expect, test } from 'vitest';
import { type AppPayment, isAppStep, webhookSteps } from '../src/app-steps.ts';
import { appEndingNames, appEndings, plannedAppEndings, someAppEnding } from '../src/endings.ts';
import type { ExpectedAppPayment } from '../src/expected.ts';
import { type AppPlan, planAppBill } from '../src/plan.ts';
import { scripts } from '../src/schools/scripts.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { partners } from './school-gate.ts';

const numbers = { run: 'r1', partners, nowMs: Date.UTC(2026, 8, 1), dueSoonMs: 4_000 };
const names = appEndingNames(partners);
const plans = (seed: number): AppPlan[] =>
  plannedAppEndings(seededRandom(seed, 0), names).map((name, index) => planAppBill(seed, name, { ...numbers, index }));
const contracts = new Map(notices.map((notice) => [notice.type, notice]));

const paymentsOf = ({ steps }: AppPlan): AppPayment[] =>
  steps.filter(isAppStep).flatMap((step) => (step.does === 'pay' ? step.payments : []));
const issuedOf = (plan: AppPlan) => {
  const [issued] = webhookSteps(plan.steps).flatMap((step) => step.notices);
  return JSON.parse(issued!.body).data;
};
/** Every plan of several seeds, each with its ending for a failure's words. */
const each = function* (): Generator<AppPlan> {
  for (let seed = 1; seed <= 5; seed += 1) yield* plans(seed);
};

test('the same seed plans the same bills of the app, another seed others', () => {
  expect(plans(7)).toEqual(plans(7));
  expect(plans(7)).not.toEqual(plans(8));
});

test('every ending of the app comes exactly twice', () => {
  const counts = Map.groupBy(plans(3), ({ ending }) => ending);
  expect([...counts.keys()].sort()).toEqual(Object.keys(appEndings).sort());
  for (const [name, found] of counts) expect(found, name).toHaveLength(2);
});

test('endings are left out where no school has the contract that they need', () => {
  const [queueing] = partners;
  const without = appEndingNames([queueing!]);
  expect(names.filter((name) => !without.includes(name)).sort()).toEqual([
    'app-reversed-for-silence',
    'app-written-off-after-reversed',
    'app-written-off-while-reversing',
  ]);
  const { onSilence: _untold, ...silent } = queueing!;
  expect(appEndingNames([silent])).toEqual(Object.keys(appEndings).filter((name) => appEndings[name]!.wants === undefined));
  expect(() => planAppBill(1, 'app-reversed-for-silence', { ...numbers, index: 0, partners: [queueing!] })).toThrow('nothing to pick from');
});

test('the school of a bill has the contract, and the number of the bill the word, that its ending needs', () => {
  for (const { ending, partnerId, billNo } of each()) {
    const { word, wants } = appEndings[ending]!;
    if (wants) expect(partners.find((school) => school.partnerId === partnerId)?.onSilence, ending).toBe(wants);
    expect(billNo.split('~')[1], ending).toBe(word);
    if (word) expect(scripts).toHaveProperty(word);
  }
});

test('most bills of the app are paid in an ordinary way', () => {
  const ordinary = Array.from({ length: 500 }, (_none, index) => someAppEnding(seededRandom(9, index), names)).filter((name) =>
    /^app-paid(-choice)?$/.test(name),
  );
  expect(ordinary.length).toBeGreaterThan(200);
});

test('every planned notice keeps the contract of its type, and no two share a webhook-id', () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const seen = new Set<string>();
    for (const plan of plans(seed))
      for (const { body, type, webhookId, noticeId } of webhookSteps(plan.steps).flatMap((step) => step.notices)) {
        const told = JSON.parse(body);
        expect(contracts.get(type)?.read(told.data), body).toMatchObject({ billNo: plan.billNo });
        expect(WebhookId.safeParse(webhookId).success, webhookId).toBe(true);
        expect(noticeId).toBe(`${plan.partnerId}:${webhookId}`);
        expect(seen.has(noticeId), noticeId).toBe(false);
        seen.add(noticeId);
      }
  }
});

test('no two bills share a student number, and who links a bill knows it', () => {
  const seen = new Set<string>();
  for (const plan of plans(2)) {
    const { studentNo, holderName } = issuedOf(plan);
    expect(seen.has(studentNo)).toBe(false);
    seen.add(studentNo);
    for (const step of plan.steps.filter(isAppStep)) {
      if (step.does !== 'link' && step.does !== 'link wrongly') continue;
      expect(step.studentNo).toBe(studentNo);
      expect(step.holderName === holderName, plan.ending).toBe(step.does === 'link');
    }
  }
});

test('every payment that is planned has its end, and every end its payment, over the same amount', () => {
  const words = ({ key, amountFen }: Pick<ExpectedAppPayment, 'key' | 'amountFen'>): string => `${key} ${amountFen}`;
  const keys = new Set<string>();
  for (const plan of plans(4)) {
    const planned = paymentsOf(plan).map(words);
    expect((plan.expected.app ?? []).map(words), plan.ending).toEqual(planned);
    for (const { key } of paymentsOf(plan)) {
      expect(key).toMatch(/^[\x21-\x7e]{1,64}$/);
      expect(keys.has(key), key).toBe(false);
      keys.add(key);
    }
  }
});

test('what is paid in the end is what the bill asks for', () => {
  for (const plan of each()) {
    const ends = new Map((plan.expected.app ?? []).map((end) => [end.key, end]));
    const amended = webhookSteps(plan.steps).flatMap((step) => step.notices.filter(({ type }) => type === 'campus.bill.amended'));
    const { selection, items } = issuedOf(plan);
    const present = plan.expected.revision === 1 ? JSON.parse(amended[0]!.body).data.items : items;
    for (const { key, amountFen, items: chosen } of paymentsOf(plan)) {
      if ([ends.get(key)?.code].flat().some((code) => /AMOUNT_CHANGED|WRONG_ITEMS/.test(code ?? ''))) continue;
      expect(chosen !== undefined, plan.ending).toBe(selection === 'choice');
      const quantity = (itemNo: string): number => (chosen ? (chosen.find((item) => item.itemNo === itemNo)?.quantity ?? 0) : 1);
      const price = present.reduce(
        (sum: number, item: { itemNo: string; amountFen: number }) => sum + item.amountFen * quantity(item.itemNo),
        0,
      );
      expect(amountFen, plan.ending).toBe(price);
    }
  }
});

const queueOf: Partial<Record<ExpectedAppPayment['status'], string>> = {
  debited: 'write-off-overdue',
  stuck: 'debit-unknown',
  disputed: 'disputed',
};

test('every end is one that the contracts know, and its parts fit together', () => {
  const billStatuses: readonly string[] = ['none', ...BillQuestion.answer.shape.status.options];
  for (const { ending, expected } of each()) {
    expect(billStatuses, ending).toContain(expected.bill);
    for (const { status, code, queue, returned, oneOf } of expected.app ?? []) {
      expect(paymentStatuses, ending).toContain(status);
      expect(code !== undefined, ending).toBe(status === 'refused' || status === 'failed');
      for (const one of [code ?? []].flat()) expect(one).toMatch(/^(CAMPUS|PAYMENTS)_[A-Z_]+$/);
      if (queue) expect(queues).toContain(queue);
      if (queue !== 'refund-returned') expect(queue, ending).toBe(queueOf[status]);
      if (returned) expect(status).toBe('reversed');
      if (oneOf) expect(status).not.toBe(oneOf);
    }
    const settled = (expected.app ?? []).filter(({ status, oneOf }) => status === 'settled' || oneOf === 'settled');
    expect(settled.length > 0, ending).toBe(expected.writtenOff ?? false);
    if (expected.bill === 'written-off') expect(expected.writtenOff, ending).toBe(true);
  }
});

test('refunds are of payments of the bill, and what is given back is at most what was paid', () => {
  for (const { ending, expected } of each()) {
    const paid = new Map<string, number>([
      ...(expected.app ?? []).map(({ key, amountFen }) => [key, amountFen] as const),
      ...expected.payments.map(({ paymentNo, amountFen }) => [paymentNo, amountFen] as const),
    ]);
    const given = new Map<string, number>();
    for (const { of, amountFen, end, code } of expected.refunds ?? []) {
      expect(paid.has(of), ending).toBe(true);
      expect(code !== undefined, ending).toBe(end === 'refused');
      if (code) expect(code.startsWith('PAYMENTS_') || (refundRefusals as readonly string[]).includes(code), code).toBe(true);
      else given.set(of, (given.get(of) ?? 0) + amountFen);
    }
    for (const [of, amountFen] of given) expect(amountFen, ending).toBeLessThanOrEqual(paid.get(of)!);
    const whole = [...given].some(([of, amountFen]) => amountFen === paid.get(of));
    expect(expected.bill === 'refunded', ending).toBe(whole);
  }
});

test('what the school says by itself in the end, and is refused, is known before it says it', () => {
  const plan = planAppBill(1, 'app-written-off-wrong-then-right', { ...numbers, index: 0 });
  expect(plan.expected.deadLetters).toEqual([
    { noticeId: expect.stringMatching(/^school-a:[0-9a-f]{32}$/), code: 'CAMPUS_AMOUNT_DIFFERS' },
  ]);
});
