import { engineAddresses, getJson, namespace, openProxy, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { balancesMatchEntries, type Ledger, sayRecorded, sayReversed, startLedger } from './ledger-under-test.ts';

let prefix: string;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeEach(async () => {
  prefix = namespace('ledger-outage');
  [bus, database] = await Promise.all([rawBus(prefix), rawDatabase(prefix, 'ledger')]);
});

afterEach(() => Promise.all([bus.close(), database.close()]));

/** Payments that come and go back until told to stop; answers how many there were. */
const openFlow = () => {
  let flows = true;
  const lane = async (name: string): Promise<number> => {
    for (let number = 0; ; number += 1) {
      if (!flows) return number;
      await sayRecorded(bus, `${name}-${number}`);
      await sayRecorded(bus, `${name}-${number}`);
      await sayReversed(bus, `${name}-${number}`);
    }
  };
  const lanes = Promise.all(['a', 'b'].map(lane));
  return async (): Promise<number> => {
    flows = false;
    return (await lanes).reduce((sum, count) => sum + count, 0);
  };
};

const ended = (...replicas: Ledger[]): number => new Set(replicas.flatMap(({ spy }) => spy.all.map(({ messageId }) => messageId))).size;

const bookedOnce = async (payments: number, ...replicas: Ledger[]): Promise<void> => {
  await until('everything has ended', () => ended(...replicas) === payments * 2);
  expect(replicas.flatMap(({ spy }) => spy.all).filter(({ end }) => end !== 'done')).toEqual([]);
  const { entries } = await balancesMatchEntries(database.db);
  expect(entries).toBe(payments * 2);
  const facts = await bus.read('ledger.entry.v1');
  expect(new Set(facts.map(({ headers }) => headers.ce_id)).size).toBe(payments * 2);
};

test('the database away under load loses nothing, doubles nothing, buries nothing and parks nothing', async () => {
  const { host, port } = new URL(engineAddresses().mongoUrl.replace('mongodb:', 'http:'));
  const proxy = await openProxy({ host: host.split(':')[0]!, port: Number(port) });
  const ledger = await startLedger(prefix, { env: { MONGO_URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` } });
  const stopFlow = openFlow();
  await until('payments flow', () => ended(ledger) > 20);
  proxy.cut();
  const answer = getJson(ledger, '/internal/trial-balance');
  await until('the service notices', () => ledger.logger.lines.some(({ sentence }) => sentence === 'a partition pauses'));
  expect(await answer).toMatchObject({ status: 503, body: { code: 'HTTP_UNAVAILABLE' } });
  proxy.heal();
  await bookedOnce(await stopFlow(), ledger);
  expect(ledger.crashes).toEqual([]);
  await ledger.stop();
  await proxy.close();
});

test('replicas that come and go while payments flow book each once', async () => {
  const first = await startLedger(prefix);
  const stopFlow = openFlow();
  await until('the first works alone', () => ended(first) > 20);
  const second = await startLedger(prefix);
  await until('the second has its share', () => ended(second) > 10);
  await first.stop();
  const share = ended(second);
  await until('the second goes on alone', () => ended(second) > share + 10);
  await bookedOnce(await stopFlow(), first, second);
  await second.stop();
});
