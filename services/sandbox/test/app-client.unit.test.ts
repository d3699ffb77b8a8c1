import { afterEach, expect, test } from 'vitest';
import { createAppClient } from '../src/app-client.ts';
import { type Answer, createPatience } from '../src/patient-requests.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { type AppArrival, type AppGate, type AppReply, appOf, openAppGate } from './app-gate.ts';
import { hurriedClock } from './school-gate.ts';

const open: AppGate[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

const setUp = async (instead?: (arrival: AppArrival, count: number) => AppReply | undefined) => {
  const gate = await openAppGate(appOf(instead).answer);
  open.push(gate);
  const clock = hurriedClock();
  const ask = createPatience({ clock, random: seededRandom(1), requestTimeoutMs: 10_000, deadlineMs: 60_000 });
  const client = createAppClient({ gatewayUrl: gate.url, worldUrl: gate.url, ask });
  const arrivalsAt = (path: string): AppArrival[] => gate.arrivals.filter((arrival) => arrival.path === path);
  return { client, clock, arrivalsAt };
};

const wanted = { billId: 'bill_1', expectedAmountFen: 100, payFrom: '6200001' };
const link = { scene: 'campus', partnerId: 'school-a', accountNo: 'S1', holderName: '王小明' };
const isPayment = ({ method, path }: AppArrival): boolean => method === 'POST' && path === '/v1/payments';

test('a command without an answer is sent again under the same key with the same bytes, and every try is heard of', async () => {
  const replies: (AppReply | undefined)[] = [0, { status: 503 }, { status: 429 }, { status: 500 }, undefined];
  const { client, arrivalsAt } = await setUp((arrival, count) => (isPayment(arrival) ? replies[count - 1] : undefined));
  const session = await client.signIn('anna', false);
  const heard: Answer[] = [];
  expect(await session.pay('k1', wanted, (answer) => heard.push(answer))).toBe('pay_1');
  expect(heard.map(({ status }) => status)).toEqual([0, 503, 429, 500, 202]);
  const tries = arrivalsAt('/v1/payments');
  expect(new Set(tries.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`))).toEqual(
    new Set([`k1 ${JSON.stringify(wanted)}`]),
  );
});

test('a command that nobody answers is given up at its deadline and told', async () => {
  const { client, clock } = await setUp((arrival) => (isPayment(arrival) ? { status: 503 } : undefined));
  const session = await client.signIn('anna', false);
  await expect(session.pay('k1', wanted, () => undefined)).rejects.toThrow('paying was answered with 503');
  expect(clock.passed()).toBeGreaterThanOrEqual(60_000);
});

test('a refusal is told with its code and not tried again', async () => {
  const { client, arrivalsAt } = await setUp((arrival) =>
    isPayment(arrival) ? { status: 409, body: { code: 'ENGINE_ID_REUSED' } } : undefined,
  );
  const session = await client.signIn('anna', false);
  await expect(session.pay('k1', wanted, () => undefined)).rejects.toThrow('paying was answered with 409 ENGINE_ID_REUSED');
  expect(arrivalsAt('/v1/payments')).toHaveLength(1);
});

test('an answer of another shape is told', async () => {
  const { client } = await setUp(({ path }) =>
    path === '/v1/bills' ? { status: 200, body: { bills: [{ billId: 'bill_1' }] } } : undefined,
  );
  const session = await client.signIn('anna', false);
  await expect(session.bills()).rejects.toThrow('GET /v1/bills was answered in another shape');
});

test('each user carries a token of his own, with a second proof where he gave one', async () => {
  const { client, arrivalsAt } = await setUp();
  const [anna, ben] = [await client.signIn('anna', false), await client.signIn('ben', true)];
  await anna.bills();
  await ben.bills();
  expect(anna.customerId).toBe('cus_anna');
  expect(arrivalsAt('/v1/bills').map(({ headers }) => headers.authorization)).toEqual(['Bearer anna:false', 'Bearer ben:true']);
});

test('a link that was refused, and a wrong name that was taken, are told', async () => {
  const isLink = ({ path }: AppArrival): boolean => path === '/v1/linked-accounts';
  const reply = (one: AppReply) => async () => (await setUp((arrival) => (isLink(arrival) ? one : undefined))).client.signIn('anna', false);
  const pending = await reply({ status: 200, body: { linkedAccount: { status: 'pending' } } })();
  await expect(pending.link('l1', link)).resolves.toBeUndefined();
  await expect(pending.linkWrongly('l1', link)).rejects.toThrow('linking by a wrong name was answered with 200');
  const refused = await reply({ status: 200, body: { linkedAccount: { status: 'refused' } } })();
  await expect(refused.link('l1', link)).rejects.toThrow('linking was refused for the name');
  const differs = await reply({ status: 422, body: { code: 'PROFILES_NAME_DIFFERS' } })();
  await expect(differs.linkWrongly('l1', link)).resolves.toBeUndefined();
  await expect(differs.link('l1', link)).rejects.toThrow('linking was answered with 422 PROFILES_NAME_DIFFERS');
  const other = await reply({ status: 422, body: { code: 'PROFILES_TOO_MANY_LINKS' } })();
  await expect(other.linkWrongly('l1', link)).rejects.toThrow('PROFILES_TOO_MANY_LINKS');
});
