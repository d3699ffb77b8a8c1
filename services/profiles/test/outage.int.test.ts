import { engineAddresses, getJson, namespace, openBrokerProxy, openProxy, rawBus, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { billFactId, factsOf, linkAs, linksOf, type Profiles, sayBilled, startProfiles } from './profiles-under-test.ts';

const bill = { accountNo: 'S1', holderName: '王小明' };

type Engine = { cut(): void; heal(): void };

/** A request meets the outage and is answered 503; the same one again, once the engine is back, has the effect of one. */
const meetsOutage = async (profiles: Profiles, prefix: string, engine: Engine): Promise<void> => {
  const bus = await rawBus(prefix);
  await sayBilled(bus, 'b-1', bill);
  await profiles.spy.awaitEnd(billFactId('b-1'), 'done');
  engine.cut();
  expect(await linkAs(profiles, 'mother', bill)).toMatchObject({ status: 503, body: { code: 'HTTP_UNAVAILABLE' } });
  engine.heal();
  await until('the same request is taken', async () => (await linkAs(profiles, 'mother', bill)).status === 200);
  await sayBilled(bus, 'b-2', { ...bill, accountNo: 'S2' });
  await profiles.spy.awaitEnd(billFactId('b-2'), 'done');
  await until('the service is ready', async () => (await getJson(profiles, '/health/ready')).status === 200);
  expect(await linksOf(profiles, 'mother')).toMatchObject([{ status: 'linked' }]);
  expect(await factsOf(bus, 'mother')).toEqual(['account-linked: pending', 'account-confirmed: linked']);
  expect(profiles.spy.all.filter(({ end }) => end !== 'done')).toEqual([]);
  expect(profiles.crashes).toEqual([]);
  await Promise.all([profiles.stop(), bus.close()]);
};

test('while the database is away a link is refused as unavailable, and asked for again it is made once', async () => {
  const prefix = namespace('profiles-outage');
  const { host, port } = new URL(engineAddresses().mongoUrl.replace('mongodb:', 'http:'));
  const proxy = await openProxy({ host: host.split(':')[0]!, port: Number(port) });
  const env = { MONGO_URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` };
  await meetsOutage(await startProfiles(prefix, { env }), prefix, proxy);
  await proxy.close();
});

test('while the broker is away a link is saved and not yet answered, and asked for again it is said once', async () => {
  const prefix = namespace('profiles-outage');
  const proxy = await openBrokerProxy(engineAddresses().kafkaBrokers);
  const env = { KAFKA_BROKERS: proxy.address, SEND_TIMEOUT_MS: '500', SESSION_TIMEOUT_MS: '6000' };
  await meetsOutage(await startProfiles(prefix, { env }), prefix, proxy);
  await proxy.close();
});
