import { addMs, type Clock, type Instant, instantOf, type Logger, Outage, shortHash } from '@scenefi/kernel';
import type { Entry, Target } from './entry.ts';
import type { AggregateDocument, Backlog, Documents, Log, Offsets } from './ports.ts';

const perSweep = 250;
/** Younger marks most likely belong to somebody who is still publishing. */
const unsentAfterMs = 2_000;

/** What the sweepers know of one kind of aggregate. */
export type Swept = {
  name: string;
  documents: Documents;
  target: Target<{ type: 'Wake' }>;
  publish: (documents: readonly AggregateDocument[]) => Promise<ReadonlySet<string>>;
};

/** Publishes what a crashed process had saved and nobody else answers for; answers how many the broker did not take. */
export const sweepUnsent = async ({ documents, publish }: Swept, clock: Clock): Promise<number> => {
  const open = await documents.unsent(addMs(instantOf(clock.now()), -unsentAfterMs), perSweep);
  return open.length === 0 ? 0 : (await publish(open)).size;
};

const wakeOf = (document: AggregateDocument, drained: boolean): Entry<{ type: 'Wake' }> => ({
  aggregateId: document._id,
  id: `wake|${document._id}|${document.wakeAt}`,
  bodyHash: shortHash('wake'),
  command: { type: 'Wake' },
  messageKey: `wake|${document._id}`,
  cause: {},
  backed: false,
  wake: { at: document.wakeAt as Instant, drained },
});

/** Whether a group has heard everything before these ends. */
export const hasPassed = (committed: Offsets, ends: Offsets): boolean =>
  [...ends].every(([partition, end]) => (committed.get(partition) ?? 0) >= end);

/**
 * Turns due aggregates into wake-ups. One that takes something away runs only when this group has committed past the
 * ends read after the deadline, and nothing that maps to the aggregate is parked, read in this order.
 */
export const createWakeSweep = (
  { name, documents, target }: Swept,
  parts: { log: Log; backlog: Backlog; clock: Clock; logger: Logger },
) => {
  const { log, backlog, clock, logger } = parts;
  let mark: { at: Instant; ends: Offsets } | undefined;

  const wake = async (due: readonly AggregateDocument[], drained: boolean): Promise<void> => {
    if (due.length === 0) return;
    const outcomes = await target.apply(due.map((document) => wakeOf(document, drained)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status !== 'failed') continue;
      logger.error('a wake-up failed and was postponed', { scene: name, aggregateId: due[index]!._id, reason: String(outcome.error) });
    }
  };

  const sweepTaking = async (now: Instant): Promise<void> => {
    const due = await documents.due(now, { takes: true, limit: perSweep });
    if (due.length === 0) return;
    mark ??= { at: now, ends: await log.ends() };
    if (!hasPassed(await log.committed(), mark.ends)) return;
    const fellDue = due.filter((document) => document.wakeAt! <= mark!.at);
    mark = undefined;
    const blocked = await backlog.blocking(fellDue.map(({ _id }) => _id));
    if (blocked === 'all') return;
    await wake(
      fellDue.filter(({ _id }) => !blocked.has(_id)),
      true,
    );
  };

  return async (): Promise<void> => {
    const now = instantOf(clock.now());
    await wake(await documents.due(now, { takes: false, limit: perSweep }), false);
    await sweepTaking(now);
  };
};

/** Runs a job again and again, never twice at once; an outage is a warning and the next round tries again. */
export const every = (clock: Clock, intervalMs: number, job: { name: string; run: () => Promise<unknown> }, logger: Logger) => {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;

  const round = async (): Promise<void> => {
    try {
      await job.run();
    } catch (error) {
      if (error instanceof Outage) logger.warn('a sweep met an outage', { job: job.name, reason: error.message });
      else logger.error('a sweep failed', { job: job.name, reason: error instanceof Error ? error.stack : String(error) });
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    cancel = clock.after(intervalMs, () => {
      running = round();
    });
  };
  schedule();
  return async (): Promise<void> => {
    stopped = true;
    cancel();
    await running;
  };
};
