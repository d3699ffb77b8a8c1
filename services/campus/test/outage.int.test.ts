import {
  engineAddresses,
  getJson,
  namespace,
  openBrokerProxy,
  openProxy,
  type RawBus,
  rawBus,
  rawDatabase,
  until,
} from '@scenefi/testing/engines';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { billIdOf, billNosOf, type Campus, issueAndPay, paidOnce, startCampus } from './campus-under-test.ts';

let prefix: string;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeEach(async () => {
  prefix = namespace('outage');
  [bus, database] = await Promise.all([rawBus(prefix), rawDatabase(prefix, 'campus')]);
});

afterEach(() => Promise.all([bus.close(), database.close()]));

const billNos = billNosOf('bill', 200);

type Engine = { cut(): void; heal(): void };

/** Takes an engine away in the middle of traffic, and gives it back once the service has noticed. */
const goesAway = async (campus: Campus, engine: Engine, noticed: RegExp, meanwhile: () => Promise<void>): Promise<void> => {
  const sent = issueAndPay(bus, billNos);
  await until('traffic flows', () => campus.spy.all.length > 20);
  const before = campus.logger.lines.length;
  engine.cut();
  const asked = meanwhile();
  const warns = () => campus.logger.lines.slice(before).some(({ level, sentence }) => level === 'warn' && noticed.test(sentence));
  await until('the service notices', warns);
  await asked;
  expect(campus.spy.all.length).toBeLessThan(billNos.length * 3);
  engine.heal();
  await sent;
};

const backToNormal = async (campus: Campus): Promise<void> => {
  await until('everything has ended', () => new Set(campus.spy.all.map(({ messageId }) => messageId)).size === billNos.length * 2);
  expect(campus.spy.all.filter(({ end }) => end !== 'done')).toEqual([]);
  expect(campus.crashes).toEqual([]);
  await until('the service is ready', async () => (await getJson(campus, '/health/ready')).status === 200);
  await paidOnce(bus, database.db, billNos);
};

test('the database away under load loses nothing, buries nothing, parks nothing, and requests are answered 503', async () => {
  const { host, port } = new URL(engineAddresses().mongoUrl.replace('mongodb:', 'http:'));
  const proxy = await openProxy({ host: host.split(':')[0]!, port: Number(port) });
  const campus = await startCampus(prefix, { env: { MONGO_URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` } });
  await goesAway(campus, proxy, /a partition pauses/, async () => {
    const answers = await Promise.all(['', `/${billIdOf('bill-0')}`].map((path) => getJson(campus, `/internal/bills${path}`)));
    expect(answers).toMatchObject([{ status: 503, body: { code: 'HTTP_UNAVAILABLE' } }, { status: 503 }]);
  });
  await backToNormal(campus);
  await campus.stop();
  await proxy.close();
});

test('the broker away under load loses nothing, buries nothing and parks nothing', async () => {
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const campus = await startCampus(prefix, { env: { KAFKA_BROKERS: proxy.address, SEND_TIMEOUT_MS: '500', SESSION_TIMEOUT_MS: '6000' } });
  await goesAway(campus, proxy, /./, async () => {
    await until('the service knows that it is alone', async () => (await getJson(campus, '/health/ready')).status === 503);
  });
  await backToNormal(campus);
  await campus.stop();
  await proxy.close();
});
