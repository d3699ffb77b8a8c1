import { namespace, until } from '@scenefi/testing/engines';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { appPaymentIdOf, type Desk, debit, hurried, openDesk } from './payments-under-test.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk(namespace('stuck'), { ...hurried, DEBIT_STUCK_AFTER: '1' });
});

afterEach(() => desk.bank.setFault(() => undefined));

afterAll(() => desk.close());

type Item = { paymentId: string; queue: string; asked?: { attempts: number } };
const queueOf = async (paymentId: string): Promise<Item[]> =>
  (await desk.get<{ items: Item[] }>('/internal/queue')).body.items.filter((item) => item.paymentId === paymentId);

test('a debit without an answer waits for people, two of them let it fail, and the bank cancels it for ever', async () => {
  desk.bank.setFault(({ path, method }) => (method === 'POST' && path === '/debits' ? 'lost' : undefined));
  await debit(desk, 'lost');
  const stuck = await desk.untilView('lost', 'stuck', ({ status }) => status === 'stuck');
  expect(stuck).toMatchObject({ stage: 'debiting', queue: [{ queue: 'debit-unknown' }] });
  expect(await queueOf(appPaymentIdOf('lost'))).toMatchObject([{ queue: 'debit-unknown', asked: { attempts: expect.any(Number) } }]);
  expect(await desk.resolve('lost', 'failed', 'wang')).toMatchObject({ status: 200, body: { queue: [{ proposal: { by: 'wang' } }] } });
  expect(await desk.resolve('lost', 'failed', 'wang')).toMatchObject({ status: 409, body: { code: 'PAYMENTS_SECOND_PERSON_NEEDED' } });
  expect(await desk.resolve('lost', 'failed', 'li')).toMatchObject({
    status: 200,
    body: { stage: 'failed', code: 'PAYMENTS_RESOLVED_AS_FAILED', queue: [], resolutions: [{ by: ['wang', 'li'] }] },
  });
  const key = `${appPaymentIdOf('lost')}:debit`;
  await until('the bank has cancelled it', () => desk.bank.books.debits.get(key)?.code === 'cancelled');
  expect(await desk.resolve('lost', 'failed', 'li')).toMatchObject({ status: 409, body: { code: 'PAYMENTS_NOTHING_TO_RESOLVE' } });
  expect(await queueOf(appPaymentIdOf('lost'))).toEqual([]);
  expect(await desk.verbs('lost', 'failed')).toEqual(['requested', 'stuck', 'failed']);
});

test('a debit that took place after people had let it fail is given back', async () => {
  const key = `${appPaymentIdOf('late')}:debit`;
  desk.bank.setFault(({ path }) => (path.startsWith('/debits') ? 'unavailable' : undefined));
  await debit(desk, 'late');
  await desk.untilView('late', 'stuck', ({ status }) => status === 'stuck');
  await desk.resolve('late', 'failed', 'wang');
  await desk.resolve('late', 'failed', 'li');
  desk.bank.books.debits.set(key, { key, status: 'applied', at: '2026-09-01T08:00:00.000+08:00' });
  desk.bank.setFault(() => undefined);
  expect(await desk.untilStage('late', 'reversed')).toMatchObject({ reversedFen: 150 });
  expect(desk.bank.books.credits.get(`${appPaymentIdOf('late')}:reversal`)).toMatchObject({ status: 'applied' });
  expect(await desk.verbs('late', 'reversed')).toEqual(['requested', 'stuck', 'failed', 'debited', 'reversing', 'reversed']);
});
