import { leaseIds } from '@scenefi/contracts';
import { afterEach, expect, test } from 'vitest';
import { createAppClient } from '../src/app-client.ts';
import type { AppPayment } from '../src/app-steps.ts';
import { createJournal, type JournalLine } from '../src/journal.ts';
import { createPatience } from '../src/patient-requests.ts';
import { createPlayApp, stoppedWaiting } from '../src/play-app.ts';
import { createQuestions } from '../src/questions.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { type AppArrival, type AppGate, type AppReply, appOf, openAppGate } from './app-gate.ts';
import { gateAnswer, hurriedClock, partners } from './school-gate.ts';

const open: AppGate[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

type Instead = (arrival: AppArrival, count: number) => AppReply | undefined;

const setUp = async (instead?: Instead, stopping: () => boolean = () => false) => {
  const app = appOf(instead);
  const gate = await openAppGate(app.answer);
  open.push(gate);
  const clock = hurriedClock();
  const lines: JournalLine[] = [];
  const append = async (text: string) =>
    void lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  const journal = createJournal({ append, close: async () => undefined });
  const patience = { clock, random: seededRandom(1), requestTimeoutMs: 10_000, deadlineMs: 60_000 };
  const client = createAppClient({ gatewayUrl: gate.url, worldUrl: gate.url, ask: createPatience(patience) });
  const askQuestion = createQuestions({ ...patience, urls: [gate.url], partners });
  const playApp = createPlayApp({ client, askQuestion, journal, clock, stopping, patienceMs: 60_000 });
  const noise = { copies: new Map(), stragglers: new Set<never>(), hoursOld: [], bad: [] };
  const expected = { bill: 'issued' as const, revision: 0, closed: false, payments: [], deadLetters: [], refusedKept: [] };
  const play = playApp({ partnerId: 'school-a', billNo: 'b1', ending: 'app-paid', steps: [], expected, noise });
  const arrivalsAt = (path: string): AppArrival[] => gate.arrivals.filter((arrival) => arrival.path === path);
  return { ...app, play, clock, lines, journal, arrivalsAt };
};

const payment = (key = 'k1', more: Partial<AppPayment> = {}): AppPayment => ({
  key,
  user: 'anna',
  stepUp: false,
  account: '0001',
  amountFen: 100,
  ...more,
});
const pay = (payments: AppPayment[], more: { copies?: number; revision?: number } = {}) =>
  ({ does: 'pay', payments, copies: 1, whileBill: 'issued', revision: 0, ...more }) as const;
const isPayment = ({ method, path }: AppArrival): boolean => method === 'POST' && path === '/v1/payments';

test('a payment stands in the journal before its first try, and every try after it', async () => {
  const known: number[] = [];
  const run = await setUp((arrival, count) => {
    if (!isPayment(arrival)) return undefined;
    known.push(run.lines.filter(({ kind }) => kind === 'command').length);
    return count === 1 ? { status: 503 } : undefined;
  });
  await run.play(pay([payment('k1', { account: '9105' })]));
  await run.journal.close();
  expect(known).toEqual([1, 1]);
  expect(run.lines).toEqual([
    {
      kind: 'command',
      command: 'pay',
      key: 'k1',
      billNo: 'b1',
      partnerId: 'school-a',
      customerId: 'cus_anna',
      amountFen: 100,
      payFrom: '6209105',
      send: 1,
    },
    { kind: 'outcome', key: 'k1', send: 1, status: 503 },
    { kind: 'outcome', key: 'k1', send: 1, status: 202, paymentId: 'pay_1' },
  ]);
});

test('nobody pays before everybody sees the bill', async () => {
  const { play, bill, arrivalsAt } = await setUp(({ path, headers }, count) => {
    if (path !== '/v1/bills' || headers.authorization === 'Bearer anna:false' || count > 8) return undefined;
    return { status: 200, body: { bills: [{ ...bill, reference: 'another' }] } };
  });
  await play(pay([payment('k1'), payment('k2', { user: 'ben' })]));
  expect(arrivalsAt('/v1/bills').length).toBeGreaterThan(8);
  expect(arrivalsAt('/v1/payments').map(({ headers }) => headers['idempotency-key'])).toEqual(expect.arrayContaining(['k1', 'k2']));
});

test('nobody pays before the bill is shown as it was amended', async () => {
  const run = await setUp(({ path }, count) => {
    if (path === '/v1/bills' && count === 4) run.bill.detail.revision = 1;
    return undefined;
  });
  await run.play(pay([payment()], { revision: 1 }));
  expect(run.arrivalsAt('/v1/bills')).toHaveLength(4);
});

test('fifty posts of one payment are one payment, and a second one under the key is told', async () => {
  const same = await setUp();
  await same.play(pay([payment()], { copies: 50 }));
  expect(same.arrivalsAt('/v1/payments')).toHaveLength(50);
  const twice = await setUp((arrival, count) =>
    isPayment(arrival) ? { status: 202, body: { payment: { paymentId: `pay_${count}`, status: 'requested' } } } : undefined,
  );
  await expect(twice.play(pay([payment()], { copies: 2 }))).rejects.toThrow('two payments stand under the key k1');
});

test('a second proof is given where the payment has one', async () => {
  const { play, arrivalsAt } = await setUp();
  await play(pay([payment('k1', { stepUp: true })]));
  expect(arrivalsAt('/v1/payments').map(({ headers }) => headers.authorization)).toEqual(['Bearer anna:true']);
});

test('a status that has to come is waited for, and another end is told at once', async () => {
  const run = await setUp((arrival, count) => {
    if (arrival.path === '/v1/payments/pay_1') run.payment.status = count < 4 ? 'debited' : 'settled';
    return undefined;
  });
  await run.play(pay([payment()]));
  await run.play({ does: 'wait for a payment', payment: payment(), status: 'settled' });
  expect(run.arrivalsAt('/v1/payments/pay_1').length).toBe(4);
  await expect(run.play({ does: 'wait for a payment', payment: payment(), status: 'reversed' })).rejects.toThrow(
    'the payment is settled instead of reversed',
  );
  await expect(run.play({ does: 'wait for a payment', payment: payment('k2'), status: 'settled' })).rejects.toThrow(
    'nothing was paid under the key k2',
  );
});

test('what never comes is given up when the patience is over', async () => {
  const { play, clock } = await setUp();
  await expect(play({ does: 'wait for the bill', user: 'anna', status: 'debited' })).rejects.toThrow('the bill as debited never came');
  expect(clock.passed()).toBeGreaterThanOrEqual(60_000);
});

test('a process that stops waits a little longer and leaves the rest undone', async () => {
  const { play, clock } = await setUp(undefined, () => true);
  await expect(play({ does: 'wait for the bill', user: 'anna', status: 'debited' })).rejects.toBe(stoppedWaiting);
  expect(clock.passed()).toBeLessThan(10_000);
  await expect(play({ does: 'wait for the bill', user: 'anna', status: 'issued' })).resolves.toBeUndefined();
});

test('a cashier asks by a signed question, again under the same id where nobody answers', async () => {
  const leaseId = leaseIds.of('school-a', 'b1-Q1');
  const until = '2026-09-01T00:00:15.000Z';
  const questions = '/v1/partners/school-a/questions';
  const run = await setUp((arrival, count) => {
    if (arrival.path !== questions) return undefined;
    if (gateAnswer(arrival, run.clock.now()) !== 202) return { status: 401 };
    return count === 1 ? { status: 503 } : { status: 200, body: { billNo: 'b1', leaseId, until, amountFen: 100 } };
  });
  await run.play({ does: 'ask', webhookId: 'b1-Q1', type: 'campus.bill.lease', leaseId });
  expect(run.arrivalsAt(questions).map(({ headers }) => headers['webhook-id'])).toEqual(['b1-Q1', 'b1-Q1']);
  await run.play({ does: 'ask', webhookId: 'b1-Q2', type: 'campus.bill.release', leaseId });
  expect(JSON.parse(run.arrivalsAt(questions).at(-1)!.body)).toMatchObject({
    type: 'campus.bill.release',
    data: { billNo: 'b1', leaseId },
  });
  const other = leaseIds.of('school-a', 'b1-Q3');
  await expect(run.play({ does: 'ask', webhookId: 'b1-Q3', type: 'campus.bill.lease', leaseId: other })).rejects.toThrow('another lease');
});

test('a question that is refused is told', async () => {
  const { play } = await setUp(({ path }) =>
    path.endsWith('/questions') ? { status: 409, body: { code: 'CAMPUS_IN_PAYMENT' } } : undefined,
  );
  const leaseId = leaseIds.of('school-a', 'b1-Q1');
  await expect(play({ does: 'ask', webhookId: 'b1-Q1', type: 'campus.bill.lease', leaseId })).rejects.toThrow('answered with 409');
});

test('the journal holds no clear name and no number of a student', async () => {
  const run = await setUp();
  await run.play({ does: 'link', user: 'anna', key: 'l1', studentNo: 'S20260001', holderName: '王小明' });
  await run.play(pay([payment()]));
  await run.journal.close();
  expect(JSON.parse(run.arrivalsAt('/v1/linked-accounts')[0]!.body)).toEqual({
    scene: 'campus',
    partnerId: 'school-a',
    accountNo: 'S20260001',
    holderName: '王小明',
  });
  for (const clear of ['S20260001', '王小明']) expect(JSON.stringify(run.lines)).not.toContain(clear);
});
