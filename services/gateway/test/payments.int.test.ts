import { namespace, type RawBus, rawBus, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  accountId,
  ask,
  billed,
  billId,
  customer,
  type Gateway,
  isReady,
  linked,
  linkTo,
  openGateway,
  paid,
  paymentIdOf,
  tokenOf,
} from './gateway-under-test.ts';
import { problem } from './stand-in.ts';
import { payment } from './view-words.ts';

const prefix = namespace('gateway-payments');
let on: Gateway;
let bus: RawBus;
let url: string;

beforeAll(async () => {
  [on, bus] = await Promise.all([openGateway(prefix), rawBus(prefix)]);
  url = on.gateway.url;
  await isReady(url);
  await billed(bus, 'tuition', { accountId: accountId('wang'), holderHash: 'hash-of-wang' });
  await linked(bus, 'payer', 1, linkTo('wang'));
  await until('the bill is seen', async () => (await ask(url, customer('payer'), `/v1/bills/${billId('tuition')}`)).status === 200);
});

beforeEach(() => on.payments.answers(() => undefined));

afterAll(async () => {
  await Promise.all([on.stop(), bus.close()]);
});

const toPay = { billId: billId('tuition'), expectedAmountFen: 150_000, payFrom: '6222020000000001' };
const pay = (name: string, body: object = toPay, key = 'pay-1') => ask(url, customer(name), '/v1/payments', { method: 'POST', key, body });
const of = (name: string, paymentName: string) => ({ customerId: customer(name), paymentId: paymentIdOf(paymentName) });
const shows = (name: string, paymentName: string, status: string) =>
  until(`${paymentName} is ${status}`, async () => {
    const { body } = await ask(url, customer(name), `/v1/payments/${paymentIdOf(paymentName)}`);
    return String(body.status) === status;
  });

test('a payment is asked of payments, for the customer of the token and what the views know of the bill', async () => {
  on.payments.answers(() => ({ status: 202, body: { ...payment(of('payer', 'first')), stage: 'requested', refunds: [] } }));
  const items = [{ itemNo: 'tuition', quantity: 1 }];
  const { status, body } = await pay('payer', { ...toPay, items });
  expect([status, body]).toEqual([
    202,
    {
      payment: {
        paymentId: paymentIdOf('first'),
        billId: payment().about.payableId,
        scene: 'campus',
        partnerId: 'school-a',
        status: 'requested',
        amountFen: 150_000,
        reversedFen: 0,
        payFromMasked: '**** 0001',
        requestedAt: '2026-09-01T10:00:00.000+08:00',
      },
    },
  ]);
  expect(on.payments.calls.at(-1)).toEqual({
    method: 'POST',
    path: '/internal/payments',
    authorization: 'Bearer a-token-for-people-inside',
    body: {
      customerId: customer('payer'),
      idempotencyKey: 'pay-1',
      about: { scene: 'campus', partnerId: 'school-a', payableId: billId('tuition') },
      amountFen: 150_000,
      items,
      payFrom: '6222020000000001',
      stepUp: false,
    },
  });
});

test('a second proof of the token is passed on', async () => {
  on.payments.answers(() => ({ status: 202, body: payment(of('payer', 'first')) }));
  const headers = {
    authorization: `Bearer ${await tokenOf(customer('payer'), { acr: 'step-up' })}`,
    'content-type': 'application/json',
    'idempotency-key': 'pay-2',
  };
  expect((await fetch(`${url}/v1/payments`, { method: 'POST', headers, body: JSON.stringify(toPay) })).status).toBe(202);
  expect(on.payments.calls.at(-1)).toMatchObject({ body: { stepUp: true } });
});

test('a bill that the customer does not see cannot be paid, and payments is not even asked', async () => {
  const asked = on.payments.calls.length;
  for (const [name, body] of [
    ['stranger', toPay],
    ['payer', { ...toPay, billId: billId('nowhere') }],
  ] as const) {
    const refused = await pay(name, body);
    expect([refused.status, refused.body.code]).toEqual([404, 'GATEWAY_BILL_NOT_FOUND']);
  }
  expect(on.payments.calls).toHaveLength(asked);
});

test.each([
  ['no key', toPay, ''],
  ['an amount of nothing', { ...toPay, expectedAmountFen: 0 }, 'k'],
  ['half a fen', { ...toPay, expectedAmountFen: 1.5 }, 'k'],
  ['an account that is none', { ...toPay, payFrom: 'mine' }, 'k'],
  ['no bill', { ...toPay, billId: 'bill_1' }, 'k'],
  ['no items', { ...toPay, items: [] }, 'k'],
])('a payment with %s is refused before payments is asked', async (_what, body, key) => {
  const asked = on.payments.calls.length;
  expect((await pay('payer', body, key)).status).toBe(400);
  expect(on.payments.calls).toHaveLength(asked);
});

test('a key that was used with another body is refused in the words of payments, and its silence is a 503', async () => {
  on.payments.answers(() => ({ status: 409, body: problem(409, 'ENGINE_ID_REUSED') }));
  expect(await pay('payer')).toMatchObject({ status: 409, body: { code: 'ENGINE_ID_REUSED' } });
  on.payments.answers(() => ({ status: 200, body: { other: 'words' } }));
  expect(await pay('payer')).toMatchObject({ status: 503, body: { code: 'HTTP_UNAVAILABLE' } });
});

test('a payment is seen by who made it; for everybody else it does not exist', async () => {
  await paid(bus, 'debited', 2, of('payer', 'seen'), { debitedAt: '2026-09-01T02:00:01.000Z' });
  await shows('payer', 'seen', 'debited');
  for (const path of [paymentIdOf('seen'), paymentIdOf('nobody-made-it')]) {
    const { status, body } = await ask(url, customer('stranger'), `/v1/payments/${path}?waitMs=1000`);
    expect([status, body.code]).toEqual([404, 'GATEWAY_PAYMENT_NOT_FOUND']);
  }
});

test('what the view lacks is asked of payments, whose owner is compared too', async () => {
  on.payments.answers(({ path }) =>
    path.endsWith(paymentIdOf('new')) ? { status: 200, body: { ...payment(of('payer', 'new')), stage: 'leased' } } : undefined,
  );
  const path = `/v1/payments/${paymentIdOf('new')}`;
  expect(await ask(url, customer('payer'), path)).toMatchObject({ status: 200, body: { status: 'requested' } });
  expect(await ask(url, customer('stranger'), path)).toMatchObject({ status: 404, body: { code: 'GATEWAY_PAYMENT_NOT_FOUND' } });
  on.payments.answers(() => ({ status: 500, body: {} }));
  expect(await ask(url, customer('payer'), path)).toMatchObject({ status: 503 });
});

test('whoever waits is answered as soon as it is decided, from a view that was not even there when he asked', async () => {
  on.payments.answers(() => ({ status: 200, body: payment(of('payer', 'waited')) }));
  const begun = performance.now();
  const waits = ask(url, customer('payer'), `/v1/payments/${paymentIdOf('waited')}?waitMs=20000`);
  await paid(bus, 'requested', 1, of('payer', 'waited'));
  await paid(bus, 'debited', 2, of('payer', 'waited'), { debitedAt: '2026-09-01T02:00:01.000Z' });
  expect(await waits).toMatchObject({ status: 200, body: { status: 'debited' } });
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('whoever waits for nothing gets the payment as it stands once his time is over', async () => {
  await paid(bus, 'requested', 1, of('payer', 'open'));
  await shows('payer', 'open', 'requested');
  const begun = performance.now();
  const { body } = await ask(url, customer('payer'), `/v1/payments/${paymentIdOf('open')}?waitMs=400`);
  expect(body.status).toBe('requested');
  expect(performance.now() - begun).toBeGreaterThan(350);
  expect((await ask(url, customer('payer'), `/v1/payments/${paymentIdOf('open')}?waitMs=25001`)).status).toBe(400);
});

test('a process that stops keeps nobody waiting', async () => {
  const replica = await on.replica();
  await isReady(replica.url);
  const begun = performance.now();
  const waits = ask(replica.url, customer('payer'), `/v1/payments/${paymentIdOf('open')}?waitMs=25000`);
  await ask(replica.url, customer('payer'), '/v1/payments');
  await replica.stop();
  expect(await waits).toMatchObject({ status: 200, body: { status: 'requested' } });
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('a refused payment says why, and who else is paying', async () => {
  const held = { holder: 'cashier', until: '2026-09-01T02:03:00.000Z' };
  await paid(bus, 'requested', 1, of('payer', 'refused'));
  await paid(bus, 'refused', 2, of('payer', 'refused'), { code: 'CAMPUS_IN_PAYMENT', held });
  await shows('payer', 'refused', 'refused');
  const { body } = await ask(url, customer('payer'), `/v1/payments/${paymentIdOf('refused')}`);
  expect(body).toMatchObject({ code: 'CAMPUS_IN_PAYMENT', held: { holder: 'cashier', until: '2026-09-01T10:03:00.000+08:00' } });
});

test('payments are listed newest first, in pages, each customer his own', async () => {
  const requestedAt = (minute: number) => `2026-09-02T00:0${minute}:00.000Z` as const;
  for (const [index, name] of ['l0', 'l1', 'l2', 'l3', 'l4'].entries()) {
    await paid(bus, 'requested', 1, { ...of('lister', name), requestedAt: requestedAt(Math.floor(index / 2)) });
  }
  await shows('lister', 'l4', 'requested');
  const page = async (query: string) => {
    const { body } = await ask(url, customer('lister'), `/v1/payments?${query}`);
    return body as unknown as { payments: { paymentId: string }[]; next: string | null };
  };
  await until('all are listed', async () => (await page('')).payments.length === 5);
  const first = await page('limit=2');
  const second = await page(`limit=2&cursor=${first.next}`);
  const third = await page(`limit=2&cursor=${second.next}`);
  const sameMinute = (...names: string[]) => names.map(paymentIdOf).sort().reverse();
  const ids = [first, second, third].map(({ payments }) => payments.map(({ paymentId }) => paymentId as string));
  expect(ids.flat()).toEqual([...sameMinute('l4'), ...sameMinute('l2', 'l3'), ...sameMinute('l0', 'l1')]);
  expect(ids.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(third.next).toBeNull();
});

test('messages tell what happened to all payments of a customer, newest first, in pages', async () => {
  const [one, two] = [of('told', 'm-one'), of('told', 'm-two')];
  await paid(bus, 'requested', 1, one);
  await paid(bus, 'debited', 2, one, { debitedAt: '2026-09-01T02:00:01.000Z' });
  await paid(bus, 'settled', 10, one);
  await paid(bus, 'refunded', 11, one, { refund: { refundNo: 'R1', amountFen: 2_050, reason: '退学' } });
  await paid(bus, 'requested', 1, two);
  await paid(bus, 'failed', 2, two, { code: 'PAYMENTS_INSUFFICIENT_FUNDS' });
  await Promise.all([shows('told', 'm-one', 'settled'), shows('told', 'm-two', 'failed')]);
  type Messages = { messages: { messageId: string; zh: string; en: string }[]; next: string | null };
  const page = async (query: string) => (await ask(url, customer('told'), `/v1/messages${query}`)).body as unknown as Messages;
  const all = await until('everything is told', async () => {
    const { messages } = await page('');
    return messages.length === 6 && messages;
  });
  const newest = [one, two].sort((left, right) => (left.paymentId < right.paymentId ? 1 : -1));
  const idsOf = (which: typeof one) => (which === one ? [11, 10, 2, 1] : [2, 1]).map((version) => `${which.paymentId}:${version}`);
  expect(all.map(({ messageId }) => messageId)).toEqual(newest.flatMap(idsOf));
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { messages, next }: Messages = await page(`?limit=2${cursor && `&cursor=${cursor}`}`);
    paged.push(...messages.map(({ messageId }) => messageId));
    cursor = next;
  }
  expect(paged).toEqual(all.map(({ messageId }) => messageId));
  expect(all.find(({ messageId }) => messageId === `${one.paymentId}:11`)!.zh).toBe('退款 20.50 元已退回账户 **** 0001。');
  expect(all.find(({ messageId }) => messageId === `${two.paymentId}:2`)!.en).toContain('does not hold the amount');
  expect(JSON.stringify(all)).not.toContain('退学');
  expect((await ask(url, customer('stranger'), '/v1/messages')).body).toEqual({ messages: [], next: null });
});

test('the accounts are those of the customer of the token', async () => {
  const accounts = [{ accountNo: '6222020000000001', masked: '**** 0001', kind: 'debit-card', balanceFen: 5, currency: 'CNY' }];
  on.payments.answers(() => ({ status: 200, body: { accounts } }));
  expect(await ask(url, customer('payer'), '/v1/accounts')).toMatchObject({ status: 200, body: { accounts } });
  expect(on.payments.calls.at(-1)!.path).toBe(`/internal/accounts?customerId=${customer('payer')}`);
});
