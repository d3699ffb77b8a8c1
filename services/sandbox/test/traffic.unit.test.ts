import { keptLogger } from '@scenefi/testing/scenario';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppStep } from '../src/app-steps.ts';
import { SandboxConfig } from '../src/config.ts';
import { appEndings, endings } from '../src/endings.ts';
import { createJournal, type JournalLine } from '../src/journal.ts';
import type { AppPlan } from '../src/plan.ts';
import { stoppedWaiting } from '../src/play-app.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { createSender } from '../src/sender.ts';
import { sendOnce, sendSteadily, type TrafficOptions } from '../src/traffic.ts';
import { type Arrival, gateAnswer, hurriedClock, openGate, partners, silent } from './school-gate.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

const setUp = async (stopAfter = Number.POSITIVE_INFINITY, more: Partial<TrafficOptions> = {}) => {
  const clock = hurriedClock();
  const lines: JournalLine[] = [];
  const arrivals: Arrival[] = [];
  const gate = await openGate((arrival) => {
    arrivals.push(arrival);
    return gateAnswer(arrival, clock.now());
  });
  open.push(gate);
  const journal = createJournal({
    append: async (text) =>
      void lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as JournalLine),
      ),
    close: async () => undefined,
  });
  const env = { INGRESS_URLS: gate.url, PARTNERS_FILE: 'unused', JOURNAL_FILE: 'unused', BILLS: '1', RATE_PER_SECOND: '100' };
  const config = SandboxConfig.parse(env);
  const random = seededRandom(1);
  const limits = { inFlightMax: 32, requestTimeoutMs: 10_000, deadlineMs: 60_000 };
  const send = createSender({ urls: config.INGRESS_URLS, partners, journal, clock, random, logger: silent, ...limits });
  const stopping = (): boolean => arrivals.length >= stopAfter;
  return { options: { config, run: 'r1', partners, send, journal, clock, logger: silent, stopping, ...more }, lines, arrivals, journal };
};

const of = <Kind extends JournalLine['kind']>(lines: readonly JournalLine[], kind: Kind) =>
  lines.filter((line): line is Extract<JournalLine, { kind: Kind }> => line.kind === kind);

const expectAnsweredAsIntended = (lines: readonly JournalLine[]): void => {
  const answers = new Map(of(lines, 'answer').map(({ send, status }) => [send, status]));
  for (const { send, expect: intended, noticeId } of of(lines, 'intent')) {
    expect(answers.get(send) === 202, noticeId).toBe(intended === 'accepted');
  }
};

let once: Awaited<ReturnType<typeof setUp>>;
let unanswered: number;
beforeAll(async () => {
  once = await setUp();
  unanswered = await sendOnce(once.options);
  await once.journal.close();
}, 60_000);

test('once sends every planned notice and every repeat, and each is answered as intended', () => {
  const { lines, arrivals } = once;
  expect(unanswered).toBe(0);
  const plans = of(lines, 'plan');
  expect(plans).toHaveLength(200);
  expectAnsweredAsIntended(lines);
  expect(of(lines, 'intent')).toHaveLength(arrivals.length);
  const accepted = new Set(of(lines, 'intent').map(({ noticeId, bodySha256 }) => noticeId + bodySha256));
  for (const { noticeId, bodySha256 } of plans.flatMap(({ notices }) => notices)) expect(accepted).toContain(noticeId + bodySha256);
});

test('a plan stands in the journal before the first intent of its bill', () => {
  const planned = new Set<string>();
  for (const line of once.lines) {
    if (line.kind === 'plan') planned.add(line.billNo);
    if (line.kind === 'intent') expect(planned).toContain(line.billNo);
  }
});

test('the journal holds no clear name and no student number', () => {
  const journal = JSON.stringify(once.lines);
  const issued = once.arrivals.filter(({ body }) => body.includes('campus.bill.issued')).map(({ body }) => JSON.parse(body).data);
  expect(issued.length).toBeGreaterThan(100);
  for (const { holderName, studentNo, className } of issued)
    for (const clear of [holderName, studentNo, className]) expect(journal).not.toContain(clear);
});

test('without an app its endings are left out and that is told; with one they come beside the others', async () => {
  const logger = keptLogger();
  const without = await setUp(Number.POSITIVE_INFINITY, { logger });
  await sendOnce(without.options);
  const said = logger.lines.map(({ sentence }) => sentence);
  expect(said).toContain('nobody pays in the app, since GATEWAY_URL and WORLD_URL are not given');
  const played: string[] = [];
  const playApp =
    ({ billNo }: AppPlan) =>
    async (step: AppStep): Promise<void> =>
      void played.push(`${billNo} ${step.does}`);
  const both = await setUp(Number.POSITIVE_INFINITY, { playApp });
  expect(await sendOnce(both.options)).toBe(0);
  await both.journal.close();
  const plans = of(both.lines, 'plan');
  expect(plans.filter(({ ending }) => ending in appEndings)).toHaveLength(2 * Object.keys(appEndings).length);
  expect(plans.filter(({ ending }) => ending in endings)).toHaveLength(200);
  expect(played.length).toBeGreaterThan(100);
  expectAnsweredAsIntended(both.lines);
}, 30_000);

test('a bill of which the app is answered wrongly is left, told and counted; a process that stops leaves it silently', async () => {
  const logger = keptLogger();
  const wrong = await setUp(Number.POSITIVE_INFINITY, {
    logger,
    playApp: () => () => Promise.reject(new Error('paying was answered with 409')),
  });
  const failed = await sendOnce(wrong.options);
  const told = logger.lines.filter(({ sentence }) => sentence === 'a bill is left as it stands');
  expect(told).toHaveLength(failed);
  expect(failed).toBeGreaterThan(Object.keys(appEndings).length);
  expect(told[0]!.fields).toMatchObject({ reason: 'paying was answered with 409', doing: expect.any(String) });
  const stopped = await setUp(Number.POSITIVE_INFINITY, { playApp: () => () => Promise.reject(stoppedWaiting) });
  expect(await sendOnce(stopped.options)).toBe(0);
}, 30_000);

test('steady traffic mixes bills of the app in, as many as it is told to', async () => {
  const shares = await Promise.all(
    [0, 0.5, 1].map(async (APP_SHARE) => {
      const { options, lines, journal } = await setUp(100, { playApp: () => async () => undefined });
      await sendSteadily({ ...options, config: { ...options.config, APP_SHARE } });
      await journal.close();
      const plans = of(lines, 'plan');
      return plans.filter(({ ending }) => ending in appEndings).length / plans.length;
    }),
  );
  expect(shares[0]).toBe(0);
  expect(shares[1]).toBeGreaterThan(0.2);
  expect(shares[1]).toBeLessThan(0.8);
  expect(shares[2]).toBe(1);
}, 30_000);

test('steady traffic ends by finishing the bills that are under way', async () => {
  const { options, lines, journal } = await setUp(300);
  expect(await sendSteadily(options)).toBe(0);
  await journal.close();
  expectAnsweredAsIntended(lines);
  const sent = new Set(of(lines, 'intent').map(({ noticeId, bodySha256 }) => noticeId + bodySha256));
  for (const { notices } of of(lines, 'plan'))
    for (const { noticeId, bodySha256 } of notices) expect(sent).toContain(noticeId + bodySha256);
}, 30_000);
