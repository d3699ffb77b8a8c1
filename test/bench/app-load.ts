import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { billIds } from '@scenefi/contracts';
import { quantile } from './measure.ts';
import { issuedNotice, type Notice } from './notices.ts';
import { createSigning, openConnections, type Sender } from './signed-posts.ts';
import { watchTopic } from './watch-topic.ts';

/** Customers who linked an account each and pay its bills; so many payments are under way until the school wrote them off. */
export type AppOrder = Sender & {
  /** First the bills are issued and linked; what is measured begins when that was answered. */
  phase: 'prepare' | 'pay';
  run: string;
  brokers: string;
  paymentsTopic: string;
  entriesTopic: string;
  gatewayUrl: string;
  worldUrl: string;
  customers: number;
  billsOfEach: number;
  seconds: number;
  rampSeconds: number;
  underWay: number;
};
export type Times = { p50Ms: number; p99Ms: number };
export type AppReport = { payments: number; perSecond: number; answered: Times; debited: Times; settled: Times; seconds: number };

const drainSecondsMax = 120;
const atOnce = 16;

type Customer = { token: string; payFrom: string };
type Bill = { customer: Customer; billId: string; amountFen: number };
type Moments = { startedMs?: number; debitedMs?: number; settledMs?: number };

const call = async <Answer>(
  url: string,
  token: string | undefined,
  body?: object,
  key = randomBytes(12).toString('hex'),
): Promise<Answer> => {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${text.slice(0, 200)}`);
  return JSON.parse(text) as Answer;
};

/** A few at a time, in order. */
const eachOf = async <Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
};

const studentOf = (run: string, customer: number): string => `S-${run}-${customer}`;
const holderName = '王小明';

const billOf = ({ run, customers }: AppOrder, index: number): Notice => {
  const { type, data } = issuedNotice(run, index);
  return { type, data: { ...data, studentNo: studentOf(run, index % customers), holderName } };
};

const amountOf = ({ data }: Notice): number => (data.items as { amountFen: number }[]).reduce((sum, { amountFen }) => sum + amountFen, 0);

const issueBills = async (order: AppOrder, notices: readonly Notice[]): Promise<void> => {
  const sign = createSigning(order);
  const done = Promise.withResolvers<void>();
  let [sent, answered] = [0, 0];
  const posting = {
    next: () => {
      const notice = notices[sent++];
      return notice && sign(notice.data.billNo, notice);
    },
    took: (_post: object, status: string): void => {
      answered += 1;
      if (status !== '202') done.reject(new Error(`a bill was answered with ${status}`));
      else if (answered === notices.length) done.resolve();
    },
    failed: done.reject,
  };
  const { wake, close } = await openConnections(order.port, atOnce, posting);
  wake();
  await done.promise;
  close();
};

/** Signs in, links the account and waits until the app shows every bill of it. */
const readyCustomer = async (order: AppOrder, index: number): Promise<Customer> => {
  const { gatewayUrl, worldUrl, run, partnerId, billsOfEach } = order;
  const { token } = await call<{ token: string }>(`${worldUrl}/tokens`, undefined, { user: `${run}-${index}` });
  const { accounts } = await call<{ accounts: { accountNo: string }[] }>(`${gatewayUrl}/v1/accounts`, token);
  const link = { scene: 'campus', partnerId, accountNo: studentOf(run, index), holderName };
  await call(`${gatewayUrl}/v1/linked-accounts`, token, link);
  for (let tries = 0; tries < 600; tries += 1) {
    const { bills } = await call<{ bills: object[] }>(`${gatewayUrl}/v1/bills?limit=100`, token);
    if (bills.length === billsOfEach) return { token, payFrom: accounts.find(({ accountNo }) => accountNo.endsWith('0001'))!.accountNo };
    await sleep(200);
  }
  throw new Error('the app never showed the bills');
};

const moments = new Map<string, Moments>();
let settled: (paymentId: string) => void = () => undefined;
let bills: Bill[] = [];
let next = 0;

const momentsOf = (paymentId: string): Moments => {
  const known = moments.get(paymentId) ?? {};
  moments.set(paymentId, known);
  return known;
};

const prepare = async (order: AppOrder): Promise<{ bills: number }> => {
  await watchTopic(order.brokers, order.paymentsTopic, ({ value, timestampMs }) => {
    const { paymentId, status } = JSON.parse(value.toString()) as { paymentId: string; status: string };
    if (status === 'debited') momentsOf(paymentId).debitedMs ??= timestampMs;
  });
  await watchTopic(order.brokers, order.entriesTopic, ({ value, timestampMs }) => {
    const { paymentId, reason } = JSON.parse(value.toString()) as { paymentId: string; reason: string };
    if (reason !== 'settled') return;
    momentsOf(paymentId).settledMs ??= timestampMs;
    settled(paymentId);
  });
  const notices = Array.from({ length: order.customers * order.billsOfEach }, (_, index) => billOf(order, index));
  await issueBills(order, notices);
  const customers: Customer[] = new Array(order.customers);
  await eachOf(customers, async (_customer, index) => {
    customers[index] = await readyCustomer(order, index);
  });
  bills = notices.map((notice, index) => ({
    customer: customers[index % order.customers]!,
    billId: billIds.of(order.partnerId, notice.data.billNo),
    amountFen: amountOf(notice),
  }));
  return { bills: bills.length };
};

const timesOf = (values: readonly number[]): Times => ({ p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99) });

const pay = async ({ gatewayUrl, seconds, rampSeconds, underWay }: AppOrder): Promise<AppReport> => {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const mine = new Set<string>();
  moments.clear();
  const answeredMs: number[] = [];
  const beganMs = Date.now();
  let endsMs = beganMs + seconds * 1000;
  let open = 0;
  const payOne = async ({ customer: { token, payFrom }, billId, amountFen: expectedAmountFen }: Bill): Promise<void> => {
    open += 1;
    const startedMs = Date.now();
    const wanted = { billId, expectedAmountFen, payFrom };
    const { payment } = await call<{ payment: { paymentId: string } }>(`${gatewayUrl}/v1/payments`, token, wanted, billId);
    answeredMs.push(Date.now() - startedMs);
    const known = momentsOf(payment.paymentId);
    known.startedMs = startedMs;
    mine.add(payment.paymentId);
    if (known.settledMs !== undefined) settled(payment.paymentId);
  };
  const startNext = (): void => {
    if (Date.now() >= endsMs) return;
    const bill = bills[next++];
    if (bill) payOne(bill).catch(failure.reject);
    // Whatever was prepared is paid: the time ends with it.
    else endsMs = Math.min(endsMs, Date.now());
  };
  settled = (paymentId) => {
    if (!mine.delete(paymentId)) return;
    open -= 1;
    startNext();
  };
  for (let index = 0; index < underWay; index += 1) startNext();
  const untilSettled = async (): Promise<void> => {
    while (Date.now() < endsMs || open > 0) {
      if (Date.now() > endsMs + drainSecondsMax * 1000) throw new Error(`${open} payments were not settled in time`);
      await sleep(20);
    }
  };
  await Promise.race([untilSettled(), failure.promise]);
  const paid = [...moments.values()].filter((one): one is Required<Moments> => one.startedMs !== undefined);
  const from = beganMs + rampSeconds * 1000;
  const steady = paid.filter(({ settledMs }) => settledMs >= from && settledMs < endsMs);
  return {
    payments: paid.length,
    perSecond: steady.length / ((endsMs - from) / 1000),
    answered: timesOf(answeredMs),
    debited: timesOf(steady.map(({ startedMs, debitedMs }) => debitedMs - startedMs)),
    settled: timesOf(steady.map(({ startedMs, settledMs }) => settledMs - startedMs)),
    seconds: (Date.now() - beganMs) / 1000,
  };
};

process.on('message', (order: AppOrder) => {
  (order.phase === 'prepare' ? prepare(order) : pay(order)).then(
    (report) => process.send!(report),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
// A bench that was killed leaves nobody behind.
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => process.exit(0));
