import { BillIssuedNotice } from '@scenefi/contracts';
import { createBatcher } from '@scenefi/engine';
import { AppError } from '@scenefi/kernel';
import { createSender } from '../../packages/bus/src/produce.ts';
import { createAppend } from '../../services/ingress/src/append.ts';
import type { Cluster } from './cluster.ts';
import { billOf } from './course.ts';
import { createKafkaClient } from './kafka-client.ts';
import { createLife } from './life.ts';
import { sendTimeoutMs } from './rules.ts';
import type { World } from './world.ts';

/** How a call over HTTP ended for its caller: with an answer, or with the code that refused it. */
export type Ended = { state: unknown; repeated: boolean } | { code: string };

export type Notice = { partnerId: string; billNo: string; noticeId: string; body: string };

export type Command = { service: string; scene: string; aggregateId: string; id: string; command: { type: string }; body: unknown };

const triesMax = 60;

/** Whoever calls us from outside, and calls again until there is an answer. */
export type Callers = {
  /** Resolves when the notice is acknowledged, as ingress does with its 202. */
  post(notice: Notice): Promise<void>;
  send(command: Command): Promise<Ended>;
  /** How many wait for an answer. */
  waiting(): number;
};

export const createCallers = (world: World, cluster: Cluster): Callers => {
  const { scheduler } = world;
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const meter = { count: () => undefined, observe: () => undefined, gauge: () => () => undefined };
  const life = createLife({ world, process: 'ingress', number: 1, skewMs: 0, crashed: () => undefined });
  let waiting = 0;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => scheduler.at(scheduler.now() + ms, resolve));

  const opened = () => {
    const { kafka } = createKafkaClient(
      { ...life, call: (call) => life.call({ ...call, possible: call.possible.filter(isNoCrash) }) },
      cluster.broker,
      world,
    );
    const sender = createSender({
      kafka,
      namespace: '',
      partitions: cluster.broker.partitions,
      clock: life.clock,
      logger: quiet,
      sendTimeoutMs,
    });
    const random = { number: () => 0, bytes: (size: number) => Buffer.alloc(size, 1) };
    const publisher = createBatcher({ log: sender, meter });
    return createAppend({ publisher, clock: life.clock, random, deadlineMs: sendTimeoutMs * 2 });
  };
  const append = opened();

  const post: Callers['post'] = async ({ partnerId, billNo, noticeId, body }) => {
    waiting += 1;
    const about = billOf({ partnerId, billNo });
    for (let tries = 1; ; tries += 1) {
      try {
        await append({ noticeId, about, contract: BillIssuedNotice } as never, { partnerId, traceparent: '', body } as never);
        waiting -= 1;
        return world.say(() => `${noticeId} is acknowledged`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await pause(world.between(20, 400, noticeId, tries, 'again'));
      }
    }
  };

  /** One try: the request may not arrive, the process may die, the answer may be lost. */
  const once = async ({ service, scene, aggregateId, id, command, body }: Command, tries: number): Promise<Ended | undefined> => {
    const about = [id, tries] as const;
    await pause(world.between(1, 10, ...about, 'there'));
    const replica = cluster.replica(service, ...about);
    const lost = world.faultOf('http', `${id} try ${tries}`, service, ['away', 'answer-lost']);
    if (!replica || lost === 'away') return undefined;
    const aggregate = replica.aggregates.get(scene)!;
    const ended = aggregate.send({ aggregateId, id, command, body }).then(
      ({ state, repeated }): Ended | undefined => (lost ? undefined : { state, repeated }),
      (error: unknown): Ended | undefined => (error instanceof AppError && !error.retryable && !lost ? { code: error.code } : undefined),
    );
    return Promise.race([ended, pause(2_000).then(() => undefined)]);
  };

  const send: Callers['send'] = async (command) => {
    waiting += 1;
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const ended = await once(command, tries);
      if (ended) {
        world.say(() => `${command.id} is answered: ${'code' in ended ? ended.code : 'done'}`);
        waiting -= 1;
        return ended;
      }
      await pause(world.between(30, 500, command.id, tries, 'again'));
    }
    world.violate('every caller gets an answer', command.id);
    waiting -= 1;
    return { code: 'NO_ANSWER' };
  };

  return { post, send, waiting: () => waiting };
};

const isNoCrash = (fault: string): boolean => !fault.startsWith('crash');
