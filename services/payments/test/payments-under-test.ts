import { billIds, CampusBill, customerIds, paymentIds } from '@scenefi/contracts';
import type { AnyFact } from '@scenefi/kernel';
import type { Start } from '@scenefi/runtime';
import { getJson, internalToken, type RawBus, rawBus, rawDatabase, serviceUnderTest, until } from '@scenefi/testing/engines';
import { PaymentsConfig } from '../src/config.ts';
import { buildPayments } from '../src/service.ts';
import { bankToken, startBank } from './bank-under-test.ts';

export const school = 'school-a';
export const billTopic = 'campus.bill.v1';
export const paymentTopic = 'payments.payment.v1';

export type Build = Start<PaymentsConfig, Parameters<typeof buildPayments>[0]>['build'];
type Options = { build?: Build; bankUrl?: string; env?: Record<string, string> };

/** Nobody listens at the first port: without a bank of its own a test has none. */
export const startPayments = (prefix: string, { build = buildPayments, bankUrl = 'http://127.0.0.1:1', env = {} }: Options = {}) =>
  serviceUnderTest({
    name: 'payments',
    schema: PaymentsConfig,
    build,
    prefix,
    env: { CORE_BANK_URL: bankUrl, CORE_BANK_TOKEN: bankToken, ...env },
  });

export type Payments = Awaited<ReturnType<typeof startPayments>>;

export const billIdOf = (billNo: string): string => billIds.of(school, billNo);
export const paymentIdOf = (billNo: string, paymentNo = 'P1'): string => paymentIds.of(school, billIdOf(billNo), paymentNo);

const pictureOf = (billNo: string) => ({
  payableId: billIdOf(billNo),
  scene: 'campus',
  partnerId: school,
  reference: billNo,
  accountId: `acc_${'a'.repeat(26)}`,
  holderHash: 'hash',
  holderMasked: '王*明',
  title: '学费',
  amountFen: 150,
  dueAt: '2026-09-30T15:59:59.000Z',
  payableAfterDue: false,
  detail: { schoolName: '第一小学', selection: 'fixed', revision: 0, items: [] },
});

/** What campus says about a bill and a payment of it. */
export const takenData = (billNo: string, payment: Record<string, unknown> = {}) => ({
  ...pictureOf(billNo),
  status: 'paid-elsewhere',
  paidFen: 150,
  payment: {
    paymentNo: 'P1',
    channel: 'counter',
    amountFen: 150,
    paidAt: '2026-08-31T00:00:00.000Z',
    fit: 'exact',
    allocation: 'payable',
    ...payment,
  },
});

type Raw = { type?: string; value: string | null; headers?: Record<string, string> };

/** Puts bytes on campus' topic as its fact number `version` about a bill, unless told otherwise. */
export const sendRaw = (bus: RawBus, billNo: string, version: number, { type = 'paid-elsewhere', value, headers }: Raw): Promise<void> => {
  const key = billIdOf(billNo);
  const envelope = {
    ce_specversion: '1.0',
    ce_id: `${key}:${version}`,
    ce_source: '/scenefi/campus',
    ce_type: `cn.scenefi.campus.bill.${type}.v1`,
    ce_time: '2026-09-01T00:00:00.000Z',
    ce_subject: key,
    ce_correlationid: `notice-${billNo}`,
    'content-type': 'application/json',
  };
  return bus.send(billTopic, { key, value, headers: headers ?? envelope });
};

const say = (bus: RawBus, billNo: string, version: number, contract: AnyFact, data: object): Promise<void> =>
  sendRaw(bus, billNo, version, {
    type: contract.type.slice(contract.type.lastIndexOf('.') + 1),
    value: JSON.stringify(contract.write(data)),
  });

export const sayPaid = (bus: RawBus, billNo: string, version: number, payment: Record<string, unknown> = {}): Promise<void> =>
  say(bus, billNo, version, CampusBill.paidElsewhere, takenData(billNo, payment));

export const sayVoided = (bus: RawBus, billNo: string, version: number, payment: Record<string, unknown> = {}): Promise<void> =>
  say(bus, billNo, version, CampusBill.paidElsewhereVoided, { ...takenData(billNo, payment), reason: 'typo' });

export const customerId = customerIds.of('bank', 'a customer');
export const accountNo = '6200000000000001';

/** The payment of a bill by the app; its idempotency key is the number of the bill. */
export const appPaymentIdOf = (billNo: string, customer: string = customerId): string => paymentIds.of('app', customer, billNo);

export const requestBody = (billNo: string, changes: Record<string, unknown> = {}) => ({
  customerId,
  idempotencyKey: billNo,
  about: { scene: 'campus', partnerId: school, payableId: billIdOf(billNo) },
  amountFen: 150,
  payFrom: accountNo,
  stepUp: false,
  ...changes,
});

export const postJson = async (url: string, body: object) => {
  const headers = { authorization: `Bearer ${internalToken}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

export const sayLeased = (bus: RawBus, billNo: string, version: number, lease: Record<string, unknown> = {}): Promise<void> => {
  const held = { leaseId: appPaymentIdOf(billNo), holder: 'app', leasedFen: 150, until: '2099-01-01T00:00:00.000Z' };
  return say(bus, billNo, version, CampusBill.leased, { ...pictureOf(billNo), status: 'leased', paidFen: 0, ...held, ...lease });
};

type OfPayment = 'writtenOff' | 'writeOffOverdue' | 'writeOffRejected' | 'reversalRequested' | 'disputed';

const besides: Record<OfPayment, object> = {
  writtenOff: { writtenOffAt: '2026-09-01T00:00:00.000Z' },
  writeOffOverdue: {},
  writeOffRejected: { reason: 'a name that nobody must read' },
  reversalRequested: { reason: 'closed' },
  disputed: {},
};

/** What campus says about a payment that was debited. */
export const sayOfPayment = (bus: RawBus, billNo: string, version: number, what: OfPayment, paymentId = appPaymentIdOf(billNo)) => {
  const data = { ...pictureOf(billNo), status: 'debited', paidFen: 0, paymentId, paymentFen: 150, ...besides[what] };
  return say(bus, billNo, version, CampusBill[what], data);
};

export const sayRefund = (bus: RawBus, billNo: string, version: number, refund: Record<string, unknown>): Promise<void> => {
  const of = { payableId: billIdOf(billNo), scene: 'campus', partnerId: school, reference: billNo, paymentId: appPaymentIdOf(billNo) };
  const wanted = { refundNo: 'R1', refundFen: 150, refundReason: 'left the school', channel: 'app' };
  return say(bus, billNo, version, CampusBill.refundRequested, { ...of, ...wanted, ...refund });
};

/** Short enough that a test sees what a bank waits minutes for, and long enough for a machine that has much to do. */
export const hurried = {
  DEBIT_ASK_MS: '500',
  CORE_BANK_TIMEOUT_MS: '500',
  REVERSAL_GRACE_MS: '100',
  DEBIT_KEEP_ASKING_MS: '100',
};

export type View = Record<string, unknown> & {
  status: string;
  stage: string;
  queue: { queue: string; refundNo?: string }[];
  refunds: { refundNo: string; status: string }[];
};

/** The service with its bank and what stands around both; `restart` is another process of the same service. */
export const openDesk = async (prefix: string, env: Record<string, string> = hurried) => {
  const bank = await startBank();
  const start = () => startPayments(prefix, { bankUrl: bank.url, env });
  let payments = await start();
  const [bus, database] = await Promise.all([rawBus(prefix), rawDatabase(prefix, 'payments')]);
  const view = async (billNo: string) => (await getJson<View>(payments, `/internal/payments/${appPaymentIdOf(billNo)}`)).body;
  /** Each fact up to the last one, which is published a moment after a view shows it, in the order in which they first appeared. */
  const factsAbout = (paymentId: string, last: string) =>
    until(`${paymentId}: ${last} is told`, async () => {
      const records = (await bus.read(paymentTopic)).filter(({ key }) => key === paymentId);
      const facts = [...new Map(records.map((record) => [record.headers.ce_id, record])).values()].map(({ headers, value }) => ({
        verb: headers.ce_type!.split('.').at(-2)!,
        data: JSON.parse(value!) as Record<string, unknown>,
      }));
      return facts.at(-1)?.verb === last && facts;
    });
  const untilView = (billNo: string, what: string, holds: (payment: View) => boolean): Promise<View> =>
    until(`${billNo}: ${what}`, async () => {
      const payment = await view(billNo);
      return payment.stage !== undefined && holds(payment) && payment;
    });
  return {
    bank,
    bus,
    database,
    start,
    view,
    factsAbout,
    untilView,
    payments: () => payments,
    get: <Body = unknown>(path: string) => getJson<Body>(payments, path),
    post: (path: string, body: object) => postJson(`${payments.url}${path}`, body),
    pay: (billNo: string, changes: Record<string, unknown> = {}) =>
      postJson(`${payments.url}/internal/payments`, requestBody(billNo, changes)),
    resolve: (billNo: string, outcome: string, by: string, more: object = {}) =>
      postJson(`${payments.url}/internal/payments/${appPaymentIdOf(billNo)}/resolve`, { outcome, by, reason: 'asked the bank', ...more }),
    untilStage: (billNo: string, stage: string) => untilView(billNo, stage, (payment) => payment.stage === stage),
    verbs: async (billNo: string, last: string) => (await factsAbout(appPaymentIdOf(billNo), last)).map(({ verb }) => verb),
    stopPayments: () => payments.stop(),
    restart: async (): Promise<void> => {
      payments = await start();
    },
    close: async (): Promise<void> => {
      await payments.stop();
      await Promise.all([bus.close(), database.close(), bank.stop()]);
    },
  };
};

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Takes a payment of a bill to where the core bank is asked for the money; uses the version 2 of the bill. */
export const debit = async ({ bus, pay }: Desk, billNo: string): Promise<void> => {
  await pay(billNo);
  await sayLeased(bus, billNo, 2);
};

/** Takes a payment of a bill to where it is settled; uses the versions 2 and 3 of the bill. */
export const settle = async (desk: Desk, billNo: string): Promise<void> => {
  const { bus, untilStage } = desk;
  await debit(desk, billNo);
  await untilStage(billNo, 'debited');
  await sayOfPayment(bus, billNo, 3, 'writtenOff');
  await untilStage(billNo, 'settled');
};
