import { type Clock, type Logger, sleep } from '@scenefi/kernel';
import { gatewayErrors } from './errors.ts';
import type { Pointer, ViewPointer, ViewQueries } from './store.ts';

export type Sizes = Awaited<ReturnType<ViewQueries['sizes']>>;

/** One generation of views as this process holds it: fed by a consumer group of its own into a database of its own. */
export type Generation = {
  views: ViewQueries;
  ready: () => string[];
  /** Whether all that stood in the log when it was opened is in its views. */
  caughtUp: () => Promise<boolean>;
  stop: () => Promise<void>;
};

type Held = Generation & { readers: number };

type GenerationsParts = {
  pointer: ViewPointer;
  open: (generation: number) => Promise<Generation>;
  clock: Clock;
  logger: Logger;
  pollMs: number;
};

const unread = 'the views are not built yet';

/** Keeps a generation open until the answer is there. */
const readFrom = async <Value>(one: Held, work: (views: ViewQueries) => Promise<Value>): Promise<Value> => {
  one.readers += 1;
  try {
    return await work(one.views);
  } finally {
    one.readers -= 1;
  }
};

/**
 * Which views are read. Every process looks at the pointer again and again, opens what it names, and reads the present
 * generation until the pointer moves; the one it leaves is stopped once nobody reads it any more. So a rebuild is seen by nobody.
 */
export const createGenerations = ({ pointer, open, clock, logger, pollMs }: GenerationsParts) => {
  const held = new Map<number, Held>();
  let present: Held | undefined;
  let stopped = false;

  const hold = async (generation: number): Promise<Held> => {
    const standing = held.get(generation);
    if (standing) return standing;
    logger.info('opening views', { generation });
    const opened = { ...(await open(generation)), readers: 0 };
    held.set(generation, opened);
    return opened;
  };

  /** Whoever sees that the next generation has caught up moves the pointer; the others find it moved. */
  const follow = async ({ generation, building }: Pointer): Promise<number> => {
    if (building === undefined) return generation;
    const next = await hold(building);
    if (!(await next.caughtUp())) return generation;
    if (await pointer.move(building)) logger.info('views are read from another generation', { from: generation, to: building });
    return building;
  };

  const leave = async (wanted: readonly (number | undefined)[]): Promise<void> => {
    for (const [generation, one] of held) {
      if (wanted.includes(generation) || one === present || one.readers > 0) continue;
      held.delete(generation);
      await one.stop();
      logger.info('views are closed', { generation });
    }
  };

  const round = async (): Promise<void> => {
    const standing = await pointer.read();
    // First what is read: a building that cannot be opened must not keep a new process from answering.
    if (standing.generation > 0) present = await hold(standing.generation);
    const generation = await follow(standing);
    if (generation > 0) present = await hold(generation);
    await leave([generation, standing.building]);
  };

  const rounds = async (): Promise<void> => {
    while (!stopped) {
      await round().catch((error: unknown) => logger.warn('the views could not be looked after', { reason: String(error) }));
      if (!stopped) await sleep(clock, pollMs);
    }
  };
  const running = rounds();

  const sizesOf = async (generation: number | undefined): Promise<{ generation: number; sizes?: Sizes } | undefined> => {
    if (!generation) return undefined;
    const one = held.get(generation);
    return { generation, ...(one && { sizes: await readFrom(one, (views) => views.sizes()) }) };
  };

  return {
    /** Reads the present generation. */
    read: async <Value>(work: (views: ViewQueries) => Promise<Value>): Promise<Value> => {
      if (!present) throw gatewayErrors.VIEWS_NOT_READY();
      return readFrom(present, work);
    },
    ready: (): string[] => present?.ready() ?? [unread],
    /** Begins the next generation beside the present one; answers its number. */
    rebuild: async (): Promise<number> => {
      const next = (await pointer.read()).generation + 1;
      if (!(await pointer.build(next))) throw gatewayErrors.VIEWS_BEING_BUILT();
      return next;
    },
    /** What is read and what is being built, each with its size where this process has opened it. */
    show: async () => {
      const { generation, building } = await pointer.read();
      const [reading, next] = await Promise.all([sizesOf(generation), sizesOf(building)]);
      return { ...(reading && { present: reading }), ...(next && { building: next }) };
    },
    stop: async (): Promise<void> => {
      stopped = true;
      await running;
      await Promise.all([...held.values()].map((one) => one.stop()));
    },
  };
};
export type Generations = ReturnType<typeof createGenerations>;
