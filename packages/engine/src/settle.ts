import { type AppError, type Clock, instantOf, type Logger, type Meter, Outage } from '@scenefi/kernel';
import type { createBurial } from './burial.ts';
import { coalesce } from './coalesce.ts';
import type { End } from './ends.ts';
import { engineErrors } from './errors.ts';
import { isIdle, type Judge, messageKeyOf, type Plan, type Verdict } from './judge.ts';
import type { Backlog, Message, ParkedHead } from './ports.ts';

/** So many unexpected errors in a row are a bug or an outage, not bad messages. */
const bugsInARowMax = 20;
const keysTogetherMax = 2_000;

export type SettleParts = {
  judge: Judge;
  bury: ReturnType<typeof createBurial>;
  backlog: Backlog;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  /** Told of the end of every message, so that a test can await it. */
  ended?: (message: Message, end: End['end']) => void;
};

type Parking = { message: Message; error: AppError; aggregateIds: string[] | null };

/**
 * Settles one batch of one partition: when it resolves, every message is done, dead-lettered or parked,
 * and the offsets may be committed. Rejects with an Outage: then nothing has ended and the same batch comes again.
 */
export const createSettle = (parts: SettleParts) => {
  const { bury, backlog, clock, logger, meter, ended } = parts;
  const { plan, decide } = parts.judge;
  const bugsInARow = new Map<string, number>();

  /** Pauses a partition on which nothing but bugs comes out. */
  const guardAgainstBugs = (plans: readonly Plan[], verdicts: readonly Verdict[]): void => {
    const first = plans[0]?.message;
    if (!first) return;
    const partition = `${first.topic}|${first.partition}`;
    let row = bugsInARow.get(partition) ?? 0;
    for (const { end } of verdicts) {
      row = end.end === 'parked' && end.bug ? row + 1 : 0;
      if (row >= bugsInARowMax) throw new Outage(`${row} messages in a row failed unexpectedly: a bug or an outage`);
    }
    bugsInARow.set(partition, row);
  };

  const park = async (parkings: readonly Parking[], heads: Map<string, ParkedHead>): Promise<void> => {
    for (const { message, error, aggregateIds } of parkings) {
      const { topic, partition, offset } = message;
      const key = messageKeyOf(message);
      const since = instantOf(clock.now());
      const head = heads.get(key);
      const cause = error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : '';
      const parked = {
        _id: `${topic}|${partition}|${offset}`,
        key,
        message,
        code: error.code,
        reason: `${error.message} ${cause}`.trim().slice(0, 300),
        since,
        aggregateIds,
      };
      if (!(await backlog.park(parked, head))) throw new Outage('another writer parks the same key; the batch comes again');
      const { retryAt, tries, rev, tail } = head ?? { retryAt: since, tries: 0, rev: 0, tail: offset };
      heads.set(key, { _id: key, rev: rev + 1, tail: Math.max(tail, offset), topic, partition, retryAt, tries });
      meter.count('engine_parked_total', { topic, code: error.code });
      const ids = { topic, partition, offset, messageId: message.event?.id };
      logger.warn('message parked', { ...ids, code: error.code, reason: error.details.reason });
    }
  };

  /** Slices of several partitions come out of one fetch, and look together; a key stands in one partition alone. */
  const lookForHeads = coalesce(async (keys: readonly string[]) => {
    const heads = await backlog.heads(keys);
    return keys.map((key) => heads.get(key));
  }, keysTogetherMax);

  /** Who waits for an earlier message of its key. What asks nobody for anything need not, and is not looked up. */
  const headsOf = async (plans: readonly Plan[]): Promise<Map<string, ParkedHead>> => {
    const keys = new Set(plans.filter((plan) => !isIdle(plan)).map(({ message }) => messageKeyOf(message)));
    if (keys.size === 0) return new Map();
    const found = await lookForHeads([...keys]);
    return new Map(found.flatMap((head) => (head ? [[head._id, head]] : [])));
  };

  return async (messages: readonly Message[]): Promise<void> => {
    const plans = plan(messages, { backed: true });
    const heads = await headsOf(plans);
    const [waiting, free] = partition(plans, (one) => !isIdle(one) && heads.has(messageKeyOf(one.message)));
    const verdicts = await decide(free);
    if (verdicts.some(({ end }) => end.end === 'unknown')) throw new Outage('not everything could be published');
    guardAgainstBugs(free, verdicts);

    const dead: { message: Message; error: AppError }[] = [];
    const parkings = waiting.map(({ message, aggregateIds }): Parking => ({ message, error: engineErrors.WAITS(), aggregateIds }));
    for (const [index, { end, aggregateIds }] of verdicts.entries()) {
      const { message } = free[index]!;
      if (end.end === 'dead') dead.push({ message, error: end.error });
      if (end.end === 'parked') parkings.push({ message, error: end.error, aggregateIds });
    }
    await bury(dead);
    await park(parkings, heads);

    const report = (message: Message, end: End['end']): void => {
      meter.count('engine_messages_total', { topic: message.topic, end });
      ended?.(message, end);
    };
    for (const [index, { end }] of verdicts.entries()) report(free[index]!.message, end.end);
    for (const { message } of waiting) report(message, 'parked');
  };
};

const partition = <Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] => {
  const yes: Item[] = [];
  const no: Item[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
};
