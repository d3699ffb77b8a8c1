import { createBacklog, createDocuments } from '@scenefi/store';
import { keptLogger, keptMeter } from '@scenefi/testing/scenario';
import { type Adapters, describeAdapters } from './adapters.ts';
import { createBroker } from './broker.ts';
import { createStore } from './collection.ts';
import { createDatabase } from './database.ts';
import { createLife } from './life.ts';
import { connectMemoryBus } from './memory-bus.ts';
import { createWorld } from './world.ts';

const topic = 'campus.bill.v1';
const startMs = Date.UTC(2026, 0, 5);
const patienceMs = 60_000;

const open = async (): Promise<Adapters> => {
  const weather = { database: 0, broker: 0, bank: 0, school: 0, http: 0 };
  const world = createWorld({ seed: 1, weather, startMs, calmAtMs: startMs, traced: false });
  const { scheduler } = world;
  const broker = createBroker(world, new Map([[topic, 3]]));
  let processes = 0;
  const born = () => {
    processes += 1;
    return createLife({ world, process: 'process', number: processes, skewMs: 0, crashed: () => undefined });
  };
  const store = createStore(born(), createDatabase(world, 'database'));

  const run: Adapters['run'] = async (work) => {
    let ended = false;
    const settled = work().finally(() => {
      ended = true;
    });
    settled.catch(() => undefined);
    await scheduler.run(scheduler.now() + patienceMs, () => ended);
    return settled;
  };

  return {
    documents: (name) => createDocuments(store, name),
    backlog: await createBacklog(store),
    bus: async () => {
      const life = born();
      const { log, consume } = connectMemoryBus({ world, broker, life, logger: keptLogger(), meter: keptMeter() });
      const groups: string[] = [];
      return {
        log,
        consume: (group, settle) => {
          groups.push(group);
          return consume({ group, topics: [topic], settle });
        },
        stop: async () => {
          for (const group of groups) broker.leave(group, life.name);
          life.end();
        },
      };
    },
    run,
    until: async (what, ask) => {
      const endMs = scheduler.now() + patienceMs;
      while (!(await ask())) {
        if (scheduler.now() >= endMs) throw new Error(`not within a minute: ${what}`);
        await scheduler.run(scheduler.now() + 20, () => false);
      }
    },
    close: async () => undefined,
  };
};

describeAdapters(open);
