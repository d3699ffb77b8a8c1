import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { internalToken, namespace, until } from '@scenefi/testing/engines';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, paymentIdOf, sayPaid, sayRefund, sayVoided, type View } from './payments-under-test.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk(namespace('suspense'));
});

afterEach(() => {
  desk.bank.setFault(() => undefined);
  desk.bank.refusals.clear();
});

afterAll(() => desk.close());

/** What the bank under test calls an account that a credit through a channel does not name. */
const throughChannel = 'credits undefined';
const tooMuch = { fit: 'overpaid', allocation: 'suspense', channel: 'aggregated-qr' };

const view = async (billNo: string): Promise<View> => (await desk.get<View>(`/internal/payments/${paymentIdOf(billNo)}`)).body;
const queuesOf = ({ queue }: View): string[] => queue.map(({ queue: name }) => name);
const untilQueues = (billNo: string, ...names: string[]): Promise<View> =>
  until(`${billNo} stands in ${names.join(', ') || 'no queue'}`, async () => {
    const payment = await view(billNo);
    return payment.stage !== undefined && queuesOf(payment).join() === names.join() && payment;
  });
const verbs = async (billNo: string, last: string): Promise<string[]> =>
  (await desk.factsAbout(paymentIdOf(billNo), last)).map(({ verb }) => verb);
const resolve = (billNo: string, outcome: string, by: string, more: object = {}) =>
  desk.post(`/internal/payments/${paymentIdOf(billNo)}/resolve`, { outcome, by, reason: 'the family telephoned', ...more });
const bothResolve = async (billNo: string, outcome: string, more: object = {}): Promise<void> => {
  expect(await resolve(billNo, outcome, 'wang', more)).toMatchObject({ status: 200 });
  expect(await resolve(billNo, outcome, 'li', more)).toMatchObject({ status: 200 });
};

test('money that its bill did not ask for waits for people, who let the partner have what a refund has left of it', async () => {
  await sayPaid(desk.bus, 'owed', 2, tooMuch);
  expect(await untilQueues('owed', 'in-suspense')).toMatchObject({ status: 'recorded', allocation: 'suspense' });
  await sayRefund(desk.bus, 'owed', 3, { paymentId: paymentIdOf('owed'), channel: 'aggregated-qr', refundFen: 40 });
  await verbs('owed', 'refunded');
  expect(await untilQueues('owed', 'in-suspense')).toMatchObject({ refundedFen: 40 });

  expect(await resolve('owed', 'owed-to-partner', 'wang')).toMatchObject({ status: 200, body: { allocation: 'suspense' } });
  expect(await resolve('owed', 'owed-to-partner', 'wang')).toMatchObject({ status: 409, body: { code: 'PAYMENTS_SECOND_PERSON_NEEDED' } });
  expect(await resolve('owed', 'owed-to-partner', 'li')).toMatchObject({
    status: 200,
    body: { status: 'recorded', allocation: 'payable', queue: [], resolutions: [{ queue: 'in-suspense', by: ['wang', 'li'] }] },
  });
  expect(await resolve('owed', 'give-back', 'li')).toMatchObject({ status: 409, body: { code: 'PAYMENTS_NOTHING_TO_RESOLVE' } });

  const facts = await desk.factsAbout(paymentIdOf('owed'), 'allocated');
  expect(facts.map(({ verb }) => verb)).toEqual(['recorded', 'stuck', 'refunded', 'allocated']);
  expect(facts[1]!.data).toMatchObject({ status: 'recorded', queue: 'in-suspense' });
  expect(facts[3]!.data).toMatchObject({ status: 'recorded', allocation: 'payable', amountFen: 150, refundedFen: 40 });
  expect(JSON.stringify(facts)).not.toContain('telephoned');
});

test('people give it back by the channel that it came through, and a call that is lost gives it back once', async () => {
  await sayPaid(desk.bus, 'back', 2, tooMuch);
  await untilQueues('back', 'in-suspense');
  const key = `${paymentIdOf('back')}:refund:by-the-bank`;
  desk.bank.setFault(({ path, method }) =>
    method === 'POST' && path === '/credits' && !desk.bank.books.credits.has(key) ? 'answer-lost' : undefined,
  );
  await bothResolve('back', 'give-back');
  expect(await untilQueues('back')).toMatchObject({ refundedFen: 150, refunds: [{ refundNo: 'by-the-bank', status: 'completed' }] });
  expect(desk.bank.calls.filter(({ body }) => body.key === key).map(({ body }) => body)).toEqual([
    { key, amountFen: 150, memo: paymentIdOf('back'), channel: 'aggregated-qr', reference: 'P1' },
  ]);
  expect(await verbs('back', 'refunded')).toEqual(['recorded', 'stuck', 'refunded']);
});

test('what its channel does not take stands with people until they have paid it out', async () => {
  desk.bank.refusals.set(throughChannel, 'channel-closed');
  await sayPaid(desk.bus, 'refused', 2, tooMuch);
  await untilQueues('refused', 'in-suspense');
  await bothResolve('refused', 'give-back');
  await untilQueues('refused', 'refund-returned');
  await bothResolve('refused', 'credited', { refundNo: 'by-the-bank' });
  await untilQueues('refused');
  expect(await verbs('refused', 'refund-recredited')).toEqual(['recorded', 'stuck', 'refund-returned', 'refund-recredited']);
});

test('a partner who takes the payment back ends the wait, also after people let him have it', async () => {
  await sayPaid(desk.bus, 'void', 2, tooMuch);
  await untilQueues('void', 'in-suspense');
  await sayVoided(desk.bus, 'void', 3, tooMuch);
  expect(await untilQueues('void')).toMatchObject({ status: 'reversed', allocation: 'suspense' });

  await sayPaid(desk.bus, 'void-later', 2, tooMuch);
  await untilQueues('void-later', 'in-suspense');
  await bothResolve('void-later', 'owed-to-partner');
  await sayVoided(desk.bus, 'void-later', 3, tooMuch);
  await verbs('void-later', 'reversed');
  expect(await view('void-later')).toMatchObject({ status: 'reversed', allocation: 'payable', reversedFen: 150, queue: [] });
});

test('what waits survives a restart, and its repeat calls nobody twice', async () => {
  await sayPaid(desk.bus, 'restart', 2, tooMuch);
  const { queue } = await untilQueues('restart', 'in-suspense');
  await desk.stopPayments();
  await sayPaid(desk.bus, 'restart', 2, tooMuch);
  await desk.restart();
  await desk.payments().spy.awaitEnd((await lastIdOf('restart'))!, 'done');
  expect((await untilQueues('restart', 'in-suspense')).queue).toEqual(queue);
  expect(await verbs('restart', 'stuck')).toEqual(['recorded', 'stuck']);
});

const lastIdOf = async (billNo: string): Promise<string | undefined> =>
  (await desk.bus.read('campus.bill.v1')).filter(({ headers }) => headers.ce_correlationid === `notice-${billNo}`).at(-1)?.headers.ce_id;

test('operators see and decide it by commands', async () => {
  const command = async (...args: string[]): Promise<string> => {
    const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'payments.ts');
    const env = { ...process.env, PAYMENTS_URL: desk.payments().url, INTERNAL_TOKEN: internalToken };
    const run = promisify(execFile)(process.execPath, [script, ...args], { env });
    return run.then(
      ({ stdout }) => stdout,
      ({ stderr }: { stderr: string }) => stderr,
    );
  };
  const id = paymentIdOf('desk');
  await sayPaid(desk.bus, 'desk', 2, tooMuch);
  await untilQueues('desk', 'in-suspense');
  const decide = (by: string) => command('resolve', id, '--outcome', 'owed-to-partner', '--by', by, '--reason', 'the school asks for it');
  expect(await command('help')).toMatch('in-suspense        give-back, owed-to-partner\n');
  expect(await command('queue')).toMatch(`in-suspense        ${id}  1.50 yuan  school-a  waits 0 min`);
  expect(await decide('wang')).toBe('proposed by wang; another person has to confirm it\n');
  expect(await decide('li')).toBe('resolved; the payment is recorded\n');
  expect(await command('queue')).not.toMatch(id);
});
