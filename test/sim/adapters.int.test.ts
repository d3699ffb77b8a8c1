import { connectBus } from '@scenefi/bus';
import { systemClock, systemRandom } from '@scenefi/runtime';
import { connectStore, createBacklog, createDocuments, indexDocuments } from '@scenefi/store';
import { engineAddresses, keptLogger, keptMeter, namespace, rawBus, until } from '@scenefi/testing/engines';
import { type Adapters, describeAdapters } from './adapters.ts';

const topic = 'campus.bill.v1';

const open = async (): Promise<Adapters> => {
  const prefix = namespace('adapters');
  const { kafkaBrokers, mongoUrl } = engineAddresses();
  const store = await connectStore({ url: mongoUrl, clock: systemClock, database: `${prefix.replaceAll('.', '-')}adapters` });
  const backlog = await createBacklog(store);
  await Promise.all(['round', 'races', 'due', 'unsent'].map((name) => indexDocuments(store.collection(name))));

  const bus: Adapters['bus'] = async () => {
    const logger = keptLogger();
    const one = await connectBus({
      brokers: kafkaBrokers.split(','),
      namespace: prefix,
      clientId: 'adapters',
      partitions: 3,
      replication: 1,
      clock: systemClock,
      random: systemRandom,
      logger,
      meter: keptMeter(),
      sendTimeoutMs: 10_000,
      sessionTimeoutMs: 10_000,
      tableRefreshMs: 200,
      crashed: (error) => logger.error('crashed', { error }),
    });
    return {
      log: one.log,
      consume: (group, settle) => one.consume({ group, topics: [topic], settle, partitionsConcurrently: 3 }),
      stop: async () => {
        await one.stopConsuming();
        await one.close();
      },
    };
  };

  // Topics are made by the first bus; a fresh one may have leaders that do not lead yet.
  const first = await bus();
  const raw = await rawBus(prefix);
  const isLed = (): Promise<boolean> =>
    raw.read(topic).then(
      () => true,
      () => false,
    );
  await until('every partition has a leader that leads', isLed);
  await Promise.all([raw.close(), first.stop()]);

  return {
    documents: (name) => createDocuments(store, name),
    backlog,
    bus,
    run: (work) => work(),
    until: async (what, ask) => void (await until(what, async () => await ask())),
    close: () => store.close(),
  };
};

describeAdapters(open);
