import { afterAll, beforeAll, expect, test } from 'vitest';
import { SandboxConfig } from '../src/config.ts';
import { createJournal, type JournalLine } from '../src/journal.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { createSender } from '../src/sender.ts';
import { sendOnce, sendSteadily } from '../src/traffic.ts';
import { type Arrival, gateAnswer, hurriedClock, openGate, partners, silent } from './school-gate.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

const setUp = async (stopAfter = Number.POSITIVE_INFINITY) => {
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
  return { options: { config, run: 'r1', partners, send, journal, clock, logger: silent, stopping }, lines, arrivals, journal };
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

test('steady traffic ends by finishing the bills that are under way', async () => {
  const { options, lines, journal } = await setUp(300);
  expect(await sendSteadily(options)).toBe(0);
  await journal.close();
  expectAnsweredAsIntended(lines);
  const sent = new Set(of(lines, 'intent').map(({ noticeId, bodySha256 }) => noticeId + bodySha256));
  for (const { notices } of of(lines, 'plan'))
    for (const { noticeId, bodySha256 } of notices) expect(sent).toContain(noticeId + bodySha256);
}, 30_000);
