import { addMs, type Clock, instantOf, type Logger, Outage } from '@scenefi/kernel';
import type { createBurial } from './burial.ts';
import { engineErrors } from './errors.ts';
import type { Judge } from './judge.ts';
import type { Backlog, Log, Message, ParkedHead, ParkedMessage } from './ports.ts';

export type DrainParts = {
  judge: Judge;
  bury: ReturnType<typeof createBurial>;
  backlog: Backlog;
  log: Pick<Log, 'committed'>;
  clock: Clock;
  logger: Logger;
  /** How long a parked message waits before the next try; doubles up to 64 times of it. */
  retryMs: number;
  /** After so long the first message of a key is given up, and the rest drains. */
  parkedMaxMs: number;
  ended?: (message: Message, end: 'done' | 'dead') => void;
};

const headsPerSweep = 50;
const messagesPerHead = 500;

/** Tries parked messages again, key by key, in order. Safe with replicas: `apply` knows repeats, heads are guarded by their rev. */
export const createDrain = (parts: DrainParts) => {
  const { bury, backlog, clock, logger, retryMs, parkedMaxMs, ended } = parts;
  const { judge } = parts.judge;

  /** Whether the message ended, so that the next of its key may be tried. */
  const retry = async (parked: ParkedMessage): Promise<boolean> => {
    const { message } = parked;
    const [verdict] = await judge([message], { backed: false });
    const end = verdict!.end;
    if (end.end === 'unknown') throw new Outage('a parked message could not be published');
    const givenUp = clock.now() - Date.parse(parked.since) > parkedMaxMs;
    if (end.end === 'parked' && !givenUp) return false;
    if (end.end === 'dead') await bury([{ message, error: end.error }]);
    if (end.end === 'parked') await bury([{ message, error: engineErrors.TOO_OLD({ code: end.error.code }, { cause: end.error }) }]);
    await backlog.removeParked(parked);
    logger.info('parked message ended', { topic: message.topic, offset: message.offset, messageId: message.event?.id, end: end.end });
    ended?.(message, end.end === 'done' ? 'done' : 'dead');
    return true;
  };

  const drainHead = async (head: ParkedHead): Promise<void> => {
    const waiting = await backlog.parkedOf(head, messagesPerHead);
    for (const parked of waiting) {
      if (await retry(parked)) continue;
      const delayMs = retryMs * 2 ** Math.min(head.tries, 6);
      await backlog.postponeHead(head, addMs(instantOf(clock.now()), delayMs));
      return;
    }
    if (waiting.length < messagesPerHead) await backlog.removeHead(head);
  };

  return async (): Promise<void> => {
    const heads = await backlog.dueHeads(instantOf(clock.now()), headsPerSweep);
    for (const head of heads) await drainHead(head);
    if ((await backlog.parked(1)).length > 0) await backlog.removeOrphans(await parts.log.committed());
  };
};
