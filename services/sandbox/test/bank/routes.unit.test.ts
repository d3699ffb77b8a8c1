import { customerIds } from '@scenefi/contracts';
import { Problem } from '@scenefi/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type WorldUnderTest, worldUnderTest } from '../world-under-test.ts';

let world: WorldUnderTest;
let customerId: string;
let accounts: { accountNo: string; balanceFen: number }[];
beforeAll(async () => {
  world = await worldUnderTest();
  customerId = (await world.signIn('anna')).customerId;
  accounts = ((await world.askBank('GET', `/accounts?customerId=${customerId}`)).body as { accounts: typeof accounts }).accounts;
});
afterAll(() => world.close());

const debit = (ending: string, key: string, more: object = {}) => {
  const accountNo = accounts.find((account) => account.accountNo.endsWith(ending))!.accountNo;
  return { key, customerId, accountNo, amountFen: 100, memo: '学费', ...more };
};

test('a debit is answered, found again under its key, and not taken with other content', async () => {
  const order = debit('0001', 'pay_a:debit');
  const applied = { key: 'pay_a:debit', status: 'applied', at: expect.stringMatching(/Z$/) };
  expect(await world.askBank('POST', '/debits', order)).toEqual({ status: 200, body: applied });
  expect(await world.askBank('GET', '/debits/pay_a%3Adebit')).toEqual({ status: 200, body: applied });
  expect(await world.askBank('POST', '/debits', { ...order, amountFen: 101 })).toMatchObject({
    status: 409,
    body: { code: 'SANDBOX_KEY_REUSED' },
  });
});

test('a refund goes back through its channel, and an order of neither kind is refused', async () => {
  const through = { key: 'pay_b:refund:R/1', channel: 'aggregated-qr', reference: 'P-1', amountFen: 5, memo: '' };
  expect(await world.askBank('POST', '/credits', through)).toMatchObject({ status: 200, body: { status: 'applied' } });
  expect(await world.askBank('GET', `/credits/${encodeURIComponent(through.key)}`)).toMatchObject({ status: 200 });
  for (const wrong of [
    { ...through, channel: 'cash' },
    { ...through, amountFen: 0 },
    { key: 'k', amountFen: 5, memo: '' },
  ])
    expect(await world.askBank('POST', '/credits', wrong)).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } });
});

test('what nobody knows is a problem that says so, and can be cancelled', async () => {
  const asked = await world.askBank('GET', '/debits/nothing');
  expect(asked).toMatchObject({ status: 404, body: { code: 'SANDBOX_OUTCOME_NOT_KNOWN' } });
  Problem.parse(asked.body);
  expect(await world.askBank('POST', '/debits/nothing/cancel')).toMatchObject({
    status: 200,
    body: { status: 'refused', code: 'cancelled' },
  });
  expect(await world.askBank('GET', '/debits/nothing')).toMatchObject({ status: 200, body: { status: 'refused', code: 'cancelled' } });
});

test('failures on purpose have the status that was chosen', async () => {
  expect(await world.askBank('POST', '/debits', debit('9104', 'five'))).toMatchObject({
    status: 500,
    body: { code: 'SANDBOX_BANK_FAILED' },
  });
  expect(await world.askBank('POST', '/credits', debit('9109', 'busy'))).toMatchObject({
    status: 503,
    body: { code: 'SANDBOX_BANK_BUSY' },
  });
});

test('nothing of the bank is answered without its token', async () => {
  const asks = [
    ['POST', '/debits', debit('0001', 'no-token')],
    ['POST', '/credits', debit('0001', 'no-token')],
    ['GET', '/debits/pay_a%3Adebit'],
    ['GET', '/credits/x'],
    ['POST', '/debits/no-token/cancel'],
    ['GET', `/accounts?customerId=${customerId}`],
  ] as const;
  for (const [method, path, body] of asks)
    expect(await world.askBank(method, path, body, 'another-token-than-it'), path).toMatchObject({
      status: 401,
      body: { code: 'HTTP_UNAUTHORIZED' },
    });
  expect(await world.askBank('GET', '/debits/no-token')).toMatchObject({ status: 404 });
});

test('somebody whom the bank does not know has no accounts', async () => {
  expect(await world.askBank('GET', `/accounts?customerId=${customerIds.of('sandbox', 'nobody')}`)).toEqual({
    status: 200,
    body: { accounts: [] },
  });
  expect(await world.askBank('GET', '/accounts?customerId=nobody')).toMatchObject({ status: 400 });
});

test('a lost answer leaves its connection open without a byte, and what was booked is found', async () => {
  const closing = new AbortController();
  let answered = false;
  const lost = fetch(`${world.url()}/debits`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-the-core-bank', 'content-type': 'application/json' },
    body: JSON.stringify(debit('9101', 'lost')),
    signal: closing.signal,
  }).then(
    () => {
      answered = true;
    },
    () => undefined,
  );
  let found = await world.askBank('GET', '/debits/lost');
  while (found.status === 404) found = await world.askBank('GET', '/debits/lost');
  expect(found).toMatchObject({ status: 200, body: { status: 'applied' } });
  expect(answered).toBe(false);
  closing.abort();
  await lost;
  expect(await world.askBank('POST', '/debits', debit('9101', 'lost'))).toMatchObject({ status: 200, body: { status: 'applied' } });
});

test('a world that stops does not wait for answers that never come, and the next one knows what was booked', async () => {
  const silent = world.askBank('POST', '/debits', debit('9110', 'never')).catch(() => 'cut off');
  await world.askBank('POST', '/debits', debit('0002', 'kept'));
  await world.restart();
  expect(await silent).toBe('cut off');
  expect(await world.askBank('GET', '/debits/kept')).toMatchObject({ status: 200, body: { status: 'applied' } });
  expect(await world.askBank('GET', '/debits/never')).toMatchObject({ status: 404 });
  expect(await world.ask('/health/ready')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
});
