import {
  CampusBill,
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  PaymentRefunded,
  PaymentRefundRefused,
  PaymentRefundReturned,
} from '@scenefi/contracts';
import { getJson, namespace, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalPartner, openLocalPartner, withStatus } from './local-partner.ts';
import {
  billIdOf,
  debited,
  describePartner,
  expectNothingOfCustomers,
  issueKey,
  type Notifier,
  paymentIdOf,
  publish,
  read,
  reversalBegun,
  reversalRequested,
  reversed,
  school,
  startNotifier,
  typesAbout,
  writeOffAwaited,
} from './notifier-under-test.ts';

const prefix = namespace('notifier');
let notifier: Notifier;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;
let partner: LocalPartner;

beforeAll(async () => {
  [notifier, bus, database, partner] = await Promise.all([
    startNotifier(prefix),
    rawBus(prefix),
    rawDatabase(prefix, 'notifier'),
    openLocalPartner(),
  ]);
  await describePartner(bus, school, partner.url);
  await issueKey(bus, school);
  await untilKnown();
});

afterAll(async () => {
  await notifier.stop();
  await Promise.all([bus.close(), database.close(), partner.close()]);
});

/** A first letter that is taken proves that the process knows the partner. */
const untilKnown = async (): Promise<void> => {
  await debited(bus, 'B-first');
  await writeOffAwaited(bus, 'B-first');
  await until('the partner is known', () => typesAbout(partner, 'B-first').length > 0);
};

const mailboxOf = (id: string) =>
  database.db.collection<{ _id: string; state: { letters: { telling: string; status: string }[] } }>('mailboxes').findOne({ _id: id });
const lettersOf = async (id: string) => (await mailboxOf(id))?.state.letters.map(({ telling, status }) => `${telling} ${status}`);
const ends = async () => (await bus.read('notifier.delivery.v1')).map(({ key, value }) => ({ key, ...JSON.parse(value ?? '{}') }));

test('what becomes of a payment reaches the partner in order, signed, with what it needs and nothing of the customer', async () => {
  await debited(bus, 'B-whole');
  await writeOffAwaited(bus, 'B-whole');
  await writeOffAwaited(bus, 'B-whole', 1);
  await reversalRequested(bus, 'B-whole');
  await reversalBegun(bus, 'B-whole');
  await reversed(bus, 'B-whole');
  const expected = ['payment.debited', 'payment.debited', 'payment.reversing', 'payment.reversed'];
  await until('all have arrived', () => typesAbout(partner, 'B-whole').length >= 4);
  expect(typesAbout(partner, 'B-whole')).toEqual(expected);
  const told = partner.arrived.map(read).filter(({ data }) => data.billNo === 'B-whole');
  const paymentId = paymentIdOf('B-whole');
  expect(told[0]).toMatchObject({
    timestamp: '2026-09-01T10:00:00.000+08:00',
    data: { billNo: 'B-whole', paymentId, amountFen: 150_000, reminder: 0, debitedAt: '2026-09-01T09:59:59.000+08:00' },
  });
  expect(told[1]!.data).toMatchObject({ reminder: 1 });
  expect(told[2]!.data).toEqual({ billNo: 'B-whole', paymentId, amountFen: 150_000, reason: 'write-off-silent' });
  expect(new Set(told.map(({ id }) => id)).size).toBe(4);
  const about = billIdOf('B-whole');
  const facts = await until('all ends are told', async () => {
    const own = (await ends()).filter(({ key }) => key === about);
    return own.length >= 4 && own;
  });
  expect(facts.map(({ telling, attempts }) => [telling, attempts])).toEqual(expected.map((telling) => [telling, 1]));
  expectNothingOfCustomers([partner.arrived, await bus.read('notifier.delivery.v1'), notifier.logger.lines, await mailboxOf(about)]);
});

test('facts that come again, in the same process and after a restart, are one letter', async () => {
  const again = async (): Promise<void> => {
    await debited(bus, 'B-again');
    await writeOffAwaited(bus, 'B-again');
    await reversalRequested(bus, 'B-again');
  };
  await again();
  await again();
  await notifier.spy.awaitEnd(`${billIdOf('B-again')}:90`, 'done', 2);
  await notifier.stop();
  await again();
  notifier = await startNotifier(prefix);
  await notifier.spy.awaitEnd(`${billIdOf('B-again')}:90`, 'done');
  await until('both are taken', async () => (await lettersOf(billIdOf('B-again')))?.every((letter) => letter.endsWith(' taken')));
  expect(await lettersOf(billIdOf('B-again'))).toEqual(['payment.debited taken', 'payment.reversing taken']);
  expect(typesAbout(partner, 'B-again')).toEqual(['payment.debited', 'payment.reversing']);
});

test('the fact of the scene may overtake the one of payments: the letter waits for what it has to name', async () => {
  await writeOffAwaited(bus, 'B-early');
  await notifier.spy.awaitEnd(`${billIdOf('B-early')}:3`, 'done');
  await debited(bus, 'B-early');
  await until('it has arrived', () => typesAbout(partner, 'B-early').length === 1);
  expect(partner.arrived.map(read).at(-1)?.data).toMatchObject({ debitedAt: '2026-09-01T09:59:59.000+08:00' });
});

const about = { scene: 'campus', partnerId: school, payableId: billIdOf('B-refund') };
const payment = { paymentId: paymentIdOf('B-refund'), about, status: 'settled', channel: 'app', amountFen: 150_000, reversedFen: 0 };
const refund = (refundNo: string) => ({ refundNo, amountFen: 5, reason: '学生转学' });

test('refunds are told once each, under the number of the bill', async () => {
  const aside = { payableId: about.payableId, scene: 'campus', partnerId: school, reference: 'B-refund', paymentId: payment.paymentId };
  const requested = { ...aside, refundNo: 'R-1', refundFen: 5, refundReason: '学生转学' };
  await publish(bus, CampusBill.refundRequested, 'refund:1', { ...requested, channel: 'app' });
  await notifier.spy.awaitEnd('refund:1', 'done');
  await publish(bus, PaymentRefunded, 'refund:2', { ...payment, refund: refund('R-1') });
  await publish(bus, PaymentRefundReturned, 'refund:3', { ...payment, refund: refund('R-2') });
  await publish(bus, PaymentRefundRefused, 'refund:4', { ...payment, refund: refund('R-3'), code: 'PAYMENTS_REFUND_EXCEEDS' });
  await notifier.spy.awaitEnd('refund:4', 'done');
  await publish(bus, CampusBill.refundRefused, 'refund:5', { ...requested, refundNo: 'R-4', code: 'not-written-off' });
  await notifier.spy.awaitEnd('refund:5', 'done');
  await until('all have arrived', () => typesAbout(partner, 'B-refund').length >= 4);
  const told = partner.arrived.map(read).filter(({ data }) => data.billNo === 'B-refund');
  const money = { billNo: 'B-refund', paymentId: payment.paymentId, amountFen: 5 };
  expect(told.map(({ type, data }) => [type, data])).toEqual([
    ['refund.completed', { ...money, refundNo: 'R-1' }],
    ['refund.failed', { ...money, refundNo: 'R-2', reason: 'account-refused' }],
    ['refund.refused', { ...money, refundNo: 'R-3', code: 'PAYMENTS_REFUND_EXCEEDS' }],
    ['refund.refused', { ...money, refundNo: 'R-4', code: 'not-written-off' }],
  ]);
});

test('a notice that was refused after its 202 is told to its sender, and to nobody who is no partner', async () => {
  const code = 'CAMPUS_BILL_CLOSED';
  await publish(bus, CampusNoticeRefused, 'stranger:1:refused', { noticeId: 'stranger:1', partnerId: 'No Partner!', code });
  await publish(bus, CampusNoticeRefused, `${school}:n1:refused`, { noticeId: `${school}:n1`, partnerId: school, code });
  const refused = { payableId: billIdOf('B-kept'), scene: 'campus', partnerId: school, reference: 'B-kept', status: 'lapsed' };
  const kept = { ...refused, noticeId: `${school}:n2`, noticeType: 'campus.bill.closed', code: 'CAMPUS_NEVER_IN_TIME' };
  await publish(bus, CampusBillNoticeRefused, `${billIdOf('B-kept')}:1`, kept);
  const arrived = () => partner.arrived.map(read).filter(({ type }) => type === 'notice.refused');
  await until('both have arrived', () => arrived().length >= 2);
  expect(arrived().map(({ data }) => data)).toEqual(
    expect.arrayContaining([
      { noticeId: `${school}:n1`, code },
      { billNo: 'B-kept', noticeId: `${school}:n2`, noticeType: 'campus.bill.closed', code: 'CAMPUS_NEVER_IN_TIME' },
    ]),
  );
  expect(await mailboxOf('notice:stranger:1')).toBeNull();
});

type Page = { deliveries: { deliveryId: string; status: string; telling: string; lastStatus?: unknown }[]; next: string | null };
const listOf = async (query: string) => (await getJson<Page>(notifier, `/internal/deliveries?${query}`)).body.deliveries;

test('a partner that describes no callback has its letters wait, visibly, until it does', async () => {
  const silent = 'school-silent';
  await debited(bus, 'B-silent', silent);
  await writeOffAwaited(bus, 'B-silent', 0, silent);
  const waiting = await until('it was tried', async () =>
    (await listOf(`partnerId=${silent}&status=waiting`)).find(({ lastStatus }) => lastStatus),
  );
  expect(waiting).toMatchObject({ telling: 'payment.debited', lastStatus: 'no-callback' });
  await describePartner(bus, silent, partner.url);
  await issueKey(bus, silent);
  await until('it has arrived', () => typesAbout(partner, 'B-silent').length === 1);
});

const post = async (path: string, body: unknown = {}, token = 'a-token-for-people-inside') => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${notifier.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as { replayed?: number } };
};

test('a partner that says it is gone is given up at once, and an operator can send all of it again in order', async () => {
  partner.answer(withStatus(410));
  await debited(bus, 'B-gone');
  await writeOffAwaited(bus, 'B-gone');
  await reversalRequested(bus, 'B-gone');
  const givenUp = await until('both are given up', async () => {
    const found = await listOf(`partnerId=${school}&status=given-up`);
    return found.length === 2 && found;
  });
  expect(givenUp[0]).toMatchObject({ status: 'given-up', lastStatus: 410 });
  const detail = await getJson(notifier, `/internal/deliveries/${givenUp[0]!.deliveryId}`);
  expect(detail).toMatchObject({ status: 200, body: { data: { billNo: 'B-gone' }, answers: [{ status: 410, answer: 'thanks' }] } });
  partner.answer(withStatus(200));
  const idsOf = () =>
    partner.arrived.flatMap((one) => (typesAbout({ ...partner, arrived: [one] }, 'B-gone').length > 0 ? [read(one).id] : []));
  const before = idsOf();
  const { deliveryId } = givenUp.find(({ telling }) => telling === 'payment.reversing')!;
  expect(await post('/internal/deliveries/replay', { deliveryId })).toEqual({ status: 200, body: { replayed: 1, next: null } });
  await until('it is taken', async () => (await listOf(`partnerId=${school}&status=taken`)).some((own) => own.deliveryId === deliveryId));
  const range = { partnerId: school, from: '2026-09-01T10:00:00+08:00', to: '2026-09-01T10:00:01+08:00' };
  const many = await post('/internal/deliveries/replay', range);
  expect(many.body).toMatchObject({ next: null });
  await until('all have arrived again', () => idsOf().length === before.length + 3);
  // The first is sent again before the second, under the ids that they always had.
  expect(idsOf().slice(-2)).toEqual(before.slice(0, 2));
  await until('nothing waits', async () => (await listOf(`partnerId=${school}&status=waiting`)).length === 0);
  const all = await listOf(`partnerId=${school}`);
  expect(many.body.replayed).toBe(all.length);
});

test('operators need the token, and are told what does not exist', async () => {
  expect(await getJson(notifier, '/internal/deliveries', '')).toMatchObject({ status: 401 });
  expect(await post('/internal/deliveries/replay', {}, 'a-token-of-somebody-else')).toMatchObject({ status: 401 });
  const unknown = `dlv_${'a'.repeat(26)}`;
  expect(await getJson(notifier, `/internal/deliveries/${unknown}`)).toMatchObject({
    status: 404,
    body: { code: 'NOTIFIER_DELIVERY_NOT_FOUND' },
  });
  expect(await post('/internal/deliveries/replay', { deliveryId: unknown })).toMatchObject({ status: 404 });
  expect(await post('/internal/deliveries/replay', { partnerId: school })).toMatchObject({ status: 400 });
  expect(await getJson(notifier, '/internal/deliveries?status=lost')).toMatchObject({ status: 400 });
  expect(await getJson(notifier, '/health/ready', '')).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
});
