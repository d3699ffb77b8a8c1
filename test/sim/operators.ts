import type { DeadLetter } from '@scenefi/engine';
import { AppError, Outage } from '@scenefi/kernel';
import type { Payment, QueueItem } from '../../services/payments/src/payment-state.ts';
import type { Callers } from './callers.ts';
import type { Cluster } from './cluster.ts';
import type { World } from './world.ts';

const roundMs = 700;
const people = ['li', 'wang'] as const;

/** What people decide about a payment that waits for them; nothing where they rather wait. */
const outcomeOf = ({ name, refundNo }: QueueItem, paymentId: string, world: World): string | undefined => {
  const chance = world.chance(paymentId, name, refundNo ?? '', 'people');
  switch (name) {
    case 'write-off-overdue':
      return chance < 0.5 ? 'reverse' : 'written-off';
    case 'debit-unknown':
      return chance < 0.3 ? 'failed' : undefined;
    case 'refund-returned':
      return chance < 0.4 ? 'credited' : undefined;
    case 'in-suspense':
      if (chance < 0.4) return 'owed-to-partner';
      return chance < 0.8 ? 'give-back' : undefined;
    case 'disputed':
      return chance < 0.5 ? 'reverse-stands' : 'written-off-stands';
    default:
      return undefined;
  }
};

export type Operators = {
  /** Whether a dead letter that was given up has been driven again to an end, if only to be refused. */
  hasEnded(letterId: string): boolean;
};

/** People at the bank: they decide what waits for them, and have tried again what was given up. */
export const startOperators = (world: World, cluster: Cluster, callers: Callers): Operators => {
  const { scheduler } = world;
  const decided = new Set<string>();
  const ended = new Set<string>();
  let redriving = 0;

  const resolve = async (paymentId: string, item: QueueItem): Promise<void> => {
    const outcome = outcomeOf(item, paymentId, world);
    const what = `${paymentId} ${item.name} ${item.refundNo ?? ''} ${item.since}`;
    if (outcome === undefined || decided.has(what)) return;
    decided.add(what);
    for (const by of people) {
      const command = { type: 'Resolve', outcome, by, reason: 'as found', ...(item.refundNo !== undefined && { refundNo: item.refundNo }) };
      const id = `operator|${by}|${what}`;
      world.say(() => `${by} decides ${outcome} for ${what}`);
      await callers.send({ service: 'payments', scene: 'payment', aggregateId: paymentId, id, command, body: command });
      if (item.name === 'disputed') return;
    }
  };

  const redrive = async (service: string, { _id: id }: DeadLetter): Promise<void> => {
    if (redriving > 0) return;
    redriving += 1;
    const replica = cluster.replica(service, id, scheduler.now());
    world.say(() => `${service} has ${id} driven again`);
    // A process that dies meanwhile never answers; then somebody else is asked in a later round.
    scheduler.at(scheduler.now() + 1_500, () => {
      redriving = 0;
    });
    try {
      const again = await replica?.engine.redrive(id);
      if (again?.end === 'done' || again?.end === 'dead') ended.add(id);
    } catch (error) {
      if (!(error instanceof Outage || error instanceof AppError)) throw error;
    }
  };

  const round = (): void => {
    for (const [paymentId, document] of cluster.databases.payments!.majority('payments')) {
      for (const item of (document.state as Payment).queue ?? []) {
        if (scheduler.now() - Date.parse(item.since) > roundMs) void resolve(paymentId, item);
      }
    }
    for (const [service, database] of Object.entries(cluster.databases)) {
      for (const letter of database.majority('dead_letters').values() as unknown as Iterable<DeadLetter>) {
        if (letter.code === 'ENGINE_TOO_OLD' && !ended.has(letter._id)) void redrive(service, letter);
      }
    }
    scheduler.at(scheduler.now() + roundMs, round);
  };
  scheduler.at(scheduler.now() + roundMs, round);
  return { hasEnded: (letterId) => ended.has(letterId) };
};
