import { type End, endOf, worstEnd } from './ends.ts';
import type { Cause, Entry, Outcome, Target } from './entry.ts';
import type { Message } from './ports.ts';
import { type Reading, readMessage } from './reading.ts';
import type { Aim, Subscription } from './subscription.ts';

/** How a message came to be judged: from an uncommitted offset or not, for the first time or by an operator's re-drive. */
export type Manner = { backed: boolean; redriven?: boolean };

/** The end of a message, and the aggregates it maps to; null where it could not be mapped. */
export type Verdict = { end: End; aggregateIds: string[] | null };

type Step = { plan: number; target: Target<never>; entry: Entry<never> };

/** What a message asks for, or how it ends without being asked. */
export type Plan = { message: Message; steps: Omit<Step, 'plan'>[]; end: End; aggregateIds: string[] | null };

/** Whether it asks nobody for anything: it waits for no other message, and none waits for it. */
export const isIdle = ({ steps, end }: Plan): boolean => steps.length === 0 && end.end === 'done';

/** Facts that follow from a message carry where it came from. */
const causeOf = ({ event }: Message): Cause => ({
  ...(event && { correlationId: event.correlationId ?? event.id, causationId: event.id }),
  ...(event?.traceparent && { traceparent: event.traceparent }),
});

export const messageKeyOf = ({ topic, key }: { topic: string; key: string }): string => `${topic}|${key}`;

/** Reads, maps and applies messages; it neither parks nor buries. */
export const createJudge = (subscriptions: readonly Subscription[]) => {
  const wanted = new Set<unknown>(subscriptions.map(({ contract }) => contract));
  const byContract = Map.groupBy(subscriptions, ({ contract }) => contract as unknown);

  const entryOf = (message: Message, aim: Aim<unknown>, ordinal: number, bodyHash: Buffer, manner: Manner): Entry<never> => ({
    aggregateId: aim.id,
    id: `${message.event?.source}|${message.event?.id}#${ordinal}`,
    bodyHash,
    command: aim.command as never,
    messageKey: messageKeyOf(message),
    cause: causeOf(message),
    ...manner,
  });

  const planHeard = (message: Message, reading: Extract<Reading, { kind: 'heard' }>, manner: Manner): Plan => {
    const steps: Plan['steps'] = [];
    for (const { target, map } of byContract.get(reading.contract) ?? []) {
      for (const aim of map(reading.heard as never)) {
        steps.push({ target, entry: entryOf(message, aim, steps.length, reading.bodyHash, manner) });
      }
    }
    const aggregateIds = steps.map(({ entry }) => entry.aggregateId);
    return { message, steps, end: { end: 'done' }, aggregateIds };
  };

  const planOf = (message: Message, manner: Manner): Plan => {
    try {
      const reading = readMessage(message, wanted);
      if (reading.kind === 'heard') return planHeard(message, reading, manner);
      const end: End = reading.kind === 'skipped' ? { end: 'done' } : { end: 'dead', error: reading.error, bug: false };
      return { message, steps: [], end, aggregateIds: [] };
    } catch (error) {
      return { message, steps: [], end: endOf({ status: 'failed', error }), aggregateIds: null };
    }
  };

  /**
   * What each message asks for, in their order. What stands behind a message that could not be mapped is held,
   * as the engine holds what stands behind one that failed.
   */
  const plan = (messages: readonly Message[], manner: Manner): Plan[] => {
    const stuckKeys = new Set<string>();
    return messages.map((message) => {
      const own = planOf(message, manner);
      if (stuckKeys.has(messageKeyOf(message))) return { ...own, steps: [], end: endOf({ status: 'held' }) };
      if (own.end.end === 'parked') stuckKeys.add(messageKeyOf(message));
      return own;
    });
  };

  /** Applies the steps of every target in their order and gives each plan's outcomes. */
  const applySteps = async (steps: readonly Step[], count: number): Promise<Outcome[][]> => {
    const outcomes: Outcome[][] = Array.from({ length: count }, () => []);
    const byTarget = Map.groupBy(steps, ({ target }) => target);
    await Promise.all(
      [...byTarget].map(async ([target, own]) => {
        const results = await target.apply(own.map(({ entry }) => entry));
        for (const [index, result] of results.entries()) outcomes[own[index]!.plan]!.push(result);
      }),
    );
    return outcomes;
  };

  /** Verdicts in the order of the plans. Rejects with an Outage. */
  const decide = async (plans: readonly Plan[]): Promise<Verdict[]> => {
    const steps = plans.flatMap(({ steps: own }, index) => own.map((step): Step => ({ ...step, plan: index })));
    const outcomes = await applySteps(steps, plans.length);
    return plans.map(({ end, aggregateIds }, index) => ({ end: worstEnd([end, ...outcomes[index]!.map(endOf)]), aggregateIds }));
  };

  return { plan, decide, judge: (messages: readonly Message[], manner: Manner): Promise<Verdict[]> => decide(plan(messages, manner)) };
};

export type Judge = ReturnType<typeof createJudge>;
