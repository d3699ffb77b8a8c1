import { type Clock, instantOf, type Logger, type Meter, type Scene } from '@scenefi/kernel';
import { LRUCache } from 'lru-cache';
import { createApply, createPublishing } from './apply.ts';
import type { createBatcher } from './batcher.ts';
import { createBurial } from './burial.ts';
import { coalesce } from './coalesce.ts';
import { createDrain } from './drain.ts';
import { createEffects, type Effects, type Executors } from './effects.ts';
import type { End } from './ends.ts';
import type { Target } from './entry.ts';
import { engineErrors } from './errors.ts';
import { createJudge } from './judge.ts';
import type { Backlog, Documents, Log, Message } from './ports.ts';
import { createSend, type Sending, type Sent } from './send.ts';
import { createSettle } from './settle.ts';
import type { Subscription } from './subscription.ts';
import { createWakeSweep, every, type Swept, sweepUnsent } from './sweepers.ts';

const rememberedAggregates = 100_000;
const unsentMaxMs = 30_000;
const effectsAtOnceMax = 64;

export type EngineParts = {
  /** The service: its consumer group, and `/scenefi/<service>` as the source of its facts. */
  service: string;
  log: Log;
  batcher: ReturnType<typeof createBatcher>;
  backlog: Backlog;
  documentsOf: (collection: string) => Documents;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  timings: EngineTimings;
  ended?: (message: Message, end: End['end']) => void;
};

type Typed = { type: string };

export type EngineTimings = { sweepMs: number; parkedRetryMs: number; parkedMaxMs: number };

/** One kind of aggregate: messages come by `apply`, commands over HTTP by `send`. */
export type Aggregate<State, Command> = Target<Command> & {
  /** Throws the AppError that refuses the command, or an Outage where its end is not known. */
  send(sending: Sending<Command>): Promise<Sent<State>>;
};

export type AggregateOptions<State, Command> = {
  collection: string;
  /** What does each kind of effect that the scene wants. */
  effects?: Executors<State, Command>;
};

export type Engine = {
  /** An aggregate of this service; its deadlines, effects and unsent facts are looked after. */
  aggregate<State, Command extends { type: string }, Fact extends { type: string }>(
    scene: Scene<State, Command, Fact>,
    options: AggregateOptions<State, Command>,
  ): Aggregate<State, Command>;
  /** Starts sweeping and gives what settles a batch of one partition. */
  start(subscriptions: readonly Subscription[]): { settle: (messages: readonly Message[]) => Promise<void>; stop: () => Promise<void> };
  /** Why this process may not be ready: facts that the broker has not taken for long. */
  ready(): string[];
  /** Decides a dead letter anew, through the same way in. */
  redrive(id: string): Promise<{ end: End['end']; code?: string }>;
};

/** Joins the pieces of a message's life for one service; the only place that knows all of them. */
export const createEngine = (parts: EngineParts): Engine => {
  const { service, log, batcher, backlog, clock, logger, meter, timings, ended } = parts;
  const source = `/scenefi/${service}`;
  const swept: Swept[] = [];
  const allEffects: Effects[] = [];
  /** Kinds of aggregates with facts that the broker does not take, and since when. */
  const unsentSince = new Map<string, number>();
  const bury = createBurial({ group: service, source, backlog, publisher: batcher, clock, logger, meter });
  let judge = createJudge([]);

  const watchUnsent = async (one: Swept): Promise<void> => {
    const left = await sweepUnsent(one, clock);
    if (left === 0) unsentSince.delete(one.name);
    else if (!unsentSince.has(one.name)) unsentSince.set(one.name, clock.now());
  };

  const start: Engine['start'] = (subscriptions) => {
    judge = createJudge(subscriptions);
    const told = ended && { ended };
    const settle = createSettle({ judge, bury, backlog, clock, logger, meter, ...told });
    const { parkedRetryMs: retryMs, parkedMaxMs, sweepMs } = timings;
    const drain = createDrain({ judge, bury, backlog, log, clock, logger, retryMs, parkedMaxMs, ...told });
    const jobs = [
      { name: 'parked', run: drain },
      ...swept.flatMap((one) => [
        { name: `${one.name} unsent`, run: () => watchUnsent(one) },
        { name: `${one.name} wake-ups`, run: createWakeSweep(one, { log, backlog, clock, logger }) },
      ]),
    ];
    const stops = jobs.map((job) => every(clock, sweepMs, job, logger));
    const stop = async (): Promise<void> => {
      await Promise.all(stops.map((stopJob) => stopJob()));
      await Promise.all(allEffects.map((effects) => effects.drained()));
      await batcher.drained();
    };
    return { settle, stop };
  };

  return {
    start,
    aggregate: <State, Command extends Typed, Fact extends Typed>(
      scene: Scene<State, Command, Fact>,
      { collection, effects: executors = {} }: AggregateOptions<State, Command>,
    ): Aggregate<State, Command> => {
      const documents = parts.documentsOf(collection);
      // One memory for each: two kinds of aggregates may share an id, and what one has published says nothing of the other.
      const published = new LRUCache<string, number>({ max: rememberedAggregates });
      const own = { scene, source, documents, publisher: batcher, clock, logger, meter, published };
      const target: Target<Command> = { apply: coalesce(createApply({ ...own, changed: (change) => effects.begin(change) })) };
      const effects = createEffects({ scene, executors, target, atOnceMax: effectsAtOnceMax, clock, logger, meter });
      allEffects.push(effects);
      swept.push({ name: scene.name, documents, target: target as never, publish: createPublishing(own) });
      return { ...target, send: createSend<State, Command>(target) };
    },
    ready: () =>
      [...unsentSince]
        .filter(([, since]) => clock.now() - since > unsentMaxMs)
        .map(([name]) => `the broker has not taken facts of ${name} for more than thirty seconds`),
    redrive: async (id) => {
      const letter = await backlog.deadLetter(id);
      if (!letter) throw engineErrors.NO_SUCH_MESSAGE({ id });
      const [verdict] = await judge.judge([letter.message], { backed: false, redriven: true });
      const { end } = verdict!;
      if (end.end === 'done') await backlog.markRedriven(id, instantOf(clock.now()));
      return 'error' in end ? { end: end.end, code: end.error.code } : { end: end.end };
    },
  };
};
