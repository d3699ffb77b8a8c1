import { afterEach, expect, test } from 'vitest';
import { createJournal, type JournalLine } from '../src/journal.ts';
import { type Fault, faults } from '../src/noise.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { createSender, type Sending } from '../src/sender.ts';
import { type Arrival, gateAnswer, hurriedClock, openGate, partners, silent } from './school-gate.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

const setUp = async (answer: (arrival: Arrival, nowMs: number) => number | Promise<number>, gates = 1) => {
  const clock = hurriedClock();
  const lines: JournalLine[] = [];
  const sink = {
    append: async (text: string) =>
      void lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as JournalLine),
      ),
    close: async () => undefined,
  };
  const journal = createJournal(sink);
  const opened = await Promise.all(Array.from({ length: gates }, () => openGate((arrival) => answer(arrival, clock.now()))));
  open.push(...opened);
  const send = createSender({
    urls: opened.map(({ url }) => url),
    partners,
    journal,
    clock,
    random: seededRandom(1),
    logger: silent,
    inFlightMax: 8,
    requestTimeoutMs: 10_000,
    deadlineMs: 60_000,
  });
  return { send, lines, clock, journal };
};

const body = JSON.stringify({
  type: 'campus.bill.closed',
  timestamp: '2026-09-01T08:00:00.000+08:00',
  data: { billNo: 'b1', reason: 'x' },
});
const sending = (fault?: Fault): Sending => ({
  notice: {
    noticeId: fault === 'unknown-partner' ? 'school-of-nobody:w1' : 'school-a:w1',
    webhookId: 'w1',
    type: 'campus.bill.closed',
    body: fault === 'malformed-json' ? body.slice(1) : fault === 'broken-contract' ? body.replace('"x"', '""') : body,
  },
  partnerId: 'school-a',
  billNo: 'b1',
  role: fault ? 'bad' : 'plan',
  ...(fault && { fault }),
});

test('the intent stands in the journal before the first try arrives', async () => {
  const known: JournalLine[][] = [];
  const { send, lines } = await setUp(() => {
    known.push([...lines]);
    return 202;
  });
  expect(await send(sending())).toBe('accepted');
  expect(known).toEqual([[expect.objectContaining({ kind: 'intent', noticeId: 'school-a:w1', send: 1, expect: 'accepted' })]]);
});

test('503, 429 and a broken connection are tried again under the same id, newly signed', async () => {
  const arrivals: Arrival[] = [];
  const statuses = [503, 0, 429, 202];
  const { send, lines, journal, clock } = await setUp((arrival, nowMs) => {
    arrivals.push(arrival);
    const status = statuses[arrivals.length - 1]!;
    return status === 202 ? gateAnswer(arrival, nowMs) : status;
  });
  expect(await send(sending())).toBe('accepted');
  await journal.close();
  expect(arrivals.map(({ headers }) => headers['webhook-id'])).toEqual(['w1', 'w1', 'w1', 'w1']);
  expect(lines.filter(({ kind }) => kind === 'answer').map((line) => 'status' in line && line.status)).toEqual(statuses);
  expect(lines.filter(({ kind }) => kind === 'intent')).toHaveLength(1);
  expect(clock.passed()).toBeGreaterThan(100);
});

test('a webhook that nobody answers is given up at its deadline', async () => {
  const { send, clock } = await setUp(() => 503);
  expect(await send(sending())).toBe('unknown');
  expect(clock.passed()).toBeGreaterThanOrEqual(60_000);
});

test('every fault is refused at the gate, and an honest notice passes', async () => {
  const { send } = await setUp(gateAnswer);
  expect(await send(sending())).toBe('accepted');
  for (const fault of faults.filter((one) => one !== 'unknown-type')) expect(await send(sending(fault)), fault).toBe('rejected');
});

test('fifty copies at once spread over both gates and never more than the bound are under way', async () => {
  let now = 0;
  let most = 0;
  const hosts = new Map<string, number>();
  const { send } = await setUp(async ({ headers }) => {
    now += 1;
    most = Math.max(most, now);
    hosts.set(String(headers.host), (hosts.get(String(headers.host)) ?? 0) + 1);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return 202;
  }, 2);
  await Promise.all(Array.from({ length: 50 }, () => send(sending())));
  expect(most).toBeLessThanOrEqual(8);
  expect([...hosts.values()]).toEqual([25, 25]);
});
