import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { dockerEngines } from './docker.ts';
import type { Climb, Engine, EngineName, Held } from './engine.ts';
import { EngineError } from './engine.ts';
import { givenKafka, givenMongo } from './given.ts';
import { nativeKafka } from './kafka-native.ts';
import { nativeMongo } from './mongo-native.ts';
import { claimRun } from './run-file.ts';

/** Both engines; `stop` ends only what this call started and resolves when it is gone. */
export type Engines = { kafka: Engine; mongo: Engine; stop(): Promise<void> };

type Options = { dataDir: string; say: (line: string) => void; env?: NodeJS.ProcessEnv; signal?: AbortSignal };

const cacheOf = (env: NodeJS.ProcessEnv): string => join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'scenefi');

const native = (name: EngineName, climb: Climb): Promise<Held> => {
  if (process.platform === 'win32') throw new EngineError('On Windows the engines need Docker or WSL, or KAFKA_BROKERS and MONGO_URL.');
  return name === 'kafka' ? nativeKafka(climb) : nativeMongo(climb);
};

const climbLadder = async (climb: Climb, keep: (held: Held) => Held): Promise<Record<EngineName, Held>> => {
  const { KAFKA_BROKERS, MONGO_URL } = climb.env;
  const [kafka, mongo] = await Promise.all([
    KAFKA_BROKERS ? givenKafka(KAFKA_BROKERS) : undefined,
    MONGO_URL ? givenMongo(MONGO_URL) : undefined,
  ]);
  const wanted: EngineName[] = [...(kafka ? [] : ['kafka' as const]), ...(mongo ? [] : ['mongo' as const])];
  const docker = wanted.length > 0 ? await dockerEngines(wanted, climb, keep) : new Map<EngineName, Held>();

  // The two may each take minutes the first time, so they climb side by side; when one fails, the other stops at once.
  const failed = new AbortController();
  const beside = { ...climb, signal: AbortSignal.any([climb.signal, failed.signal]) };
  let reason: unknown;
  const climbOn = async (name: EngineName, given: Held | undefined): Promise<Held> => {
    try {
      return given ?? docker.get(name) ?? keep(await native(name, beside));
    } catch (error) {
      reason ??= error;
      failed.abort();
      throw error;
    }
  };
  const [kafkaEnd, mongoEnd] = await Promise.allSettled([climbOn('kafka', kafka), climbOn('mongo', mongo)]);
  climb.signal.throwIfAborted();
  if (kafkaEnd.status === 'rejected' || mongoEnd.status === 'rejected') throw reason;
  return { kafka: kafkaEnd.value, mongo: mongoEnd.value };
};

const shown = ({ address, rung, about }: Held): Engine => ({ address, rung, about });

// A folder that cannot be written or a full disk is the user's to mend, so it is told like any other trouble with an engine.
const inOneSentence = (error: unknown): unknown => {
  const { syscall, path, message } = error as NodeJS.ErrnoException;
  if (error instanceof EngineError || !syscall || !path) return error;
  return new EngineError(`The engines need ${path}, which cannot be used: ${message}.`, { cause: error });
};

/**
 * Gets a Kafka and a MongoDB, each from the first rung of the ladder that holds: given by the environment, run by Docker, run natively.
 * Raises EngineError with one sentence that says what to do, or the reason of the signal when that aborts; by then whatever was
 * started is gone.
 */
export const acquireEngines = async ({
  dataDir,
  say,
  env = process.env,
  signal = new AbortController().signal,
}: Options): Promise<Engines> => {
  signal.throwIfAborted();
  const folder = resolve(dataDir);
  const run = await claimRun(folder, say).catch((error: unknown) => {
    throw inOneSentence(error);
  });
  const held: Held[] = [];
  const keep = (engine: Held): Held => {
    held.push(engine);
    return engine;
  };
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    try {
      await Promise.all(held.map((engine) => engine.stop()));
    } finally {
      run.release();
    }
  };
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  try {
    const { kafka, mongo } = await climbLadder({ dataDir: folder, cacheDir: cacheOf(env), env, say, signal, run }, keep);
    if (kafka.rung === 'given') run.note('kafka', shown(kafka));
    if (mongo.rung === 'given') run.note('mongo', { ...shown(mongo), address: '(MONGO_URL)' });
    return { kafka: shown(kafka), mongo: shown(mongo), stop };
  } catch (error) {
    await stop();
    throw inOneSentence(error);
  }
};
