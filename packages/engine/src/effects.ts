import { type Clock, type Effect, failPoint, instantOf, type Logger, type Meter, Outage, type Scene, shortHash } from '@scenefi/kernel';
import pLimit from 'p-limit';
import type { Cause, Target } from './entry.ts';

/** What an effect came to, as a command for the aggregate that wanted it. The same outcome of one key counts once. */
export type EffectResult<Command> = { outcome: string; command: Command };

/** Does one kind of effect; undefined where nothing is known yet, so that the wake-up asks again. */
export type Executor<State, Command> = (effect: Effect, state: State, aggregateId: string) => Promise<EffectResult<Command> | undefined>;

export type Executors<State, Command> = Readonly<Record<string, Executor<State, Command>>>;

/** A save that this process won: how the aggregate stood before, and how it stands now. */
export type Change = { id: string; before: unknown; after: unknown; cause: Cause };

type Typed = { type: string };

export type EffectParts<State, Command extends Typed> = {
  scene: Pick<Scene<State, Command, never>, 'name' | 'effectsOf'>;
  executors: Executors<State, Command>;
  target: Target<Command>;
  /** How many run at once; more wait, and those whose time passes while they wait are never begun. */
  atOnceMax: number;
  clock: Clock;
  logger: Logger;
  meter: Meter;
};

const nameOf = ({ key, attempt }: Effect): string => `${key}#${attempt}`;

/** Runs what a saved state wants done outside. Nothing is lost with a process: the state's wake-up raises the attempt. */
export const createEffects = <State, Command extends Typed>(parts: EffectParts<State, Command>) => {
  const { scene, executors, target, clock, logger, meter } = parts;
  const limit = pLimit(parts.atOnceMax);
  const running = new Set<Promise<void>>();

  const report = async (effect: Effect, { outcome, command }: EffectResult<Command>, { id, cause }: Change): Promise<void> => {
    const entryId = `${effect.key}:result:${outcome}`;
    const entry = {
      aggregateId: id,
      id: entryId,
      // The outcome stands in the id, and what else was heard may differ between two hearings.
      bodyHash: shortHash(entryId),
      command,
      messageKey: `effect|${effect.key}`,
      cause,
      backed: false,
    };
    const [ended] = await target.apply([entry]);
    if (ended?.status === 'failed' || ended?.status === 'refused')
      logger.error('the result of an effect was not taken', { scene: scene.name, aggregateId: id, effect: nameOf(effect), outcome });
  };

  const run = async (effect: Effect, change: Change): Promise<void> => {
    const labels = { scene: scene.name, kind: effect.kind };
    if (effect.until <= instantOf(clock.now())) {
      meter.count('engine_effects_total', { ...labels, end: 'late' });
      return;
    }
    try {
      const executor = executors[effect.kind];
      if (!executor) throw new Error(`${scene.name} wants ${effect.kind}, which nobody does`);
      failPoint('before-effect', () => effect.kind);
      const result = await executor(effect, change.after as State, change.id);
      failPoint('after-effect', () => effect.kind);
      meter.count('engine_effects_total', { ...labels, end: result ? 'known' : 'unknown' });
      if (result) await report(effect, result, change);
    } catch (error) {
      meter.count('engine_effects_total', { ...labels, end: 'failed' });
      const fields = { ...labels, aggregateId: change.id, effect: nameOf(effect) };
      if (error instanceof Outage)
        logger.warn('an effect met an outage; its wake-up comes back to it', { ...fields, reason: error.message });
      else logger.error('an effect failed', { ...fields, reason: error instanceof Error ? error.stack : String(error) });
    }
  };

  return {
    /** Begins every effect of the new state that the old one did not want yet. */
    begin: (change: Change): void => {
      const wanted = scene.effectsOf?.(change.after as State, change.id) ?? [];
      if (wanted.length === 0) return;
      const before = new Set((scene.effectsOf?.(change.before as State, change.id) ?? []).map(nameOf));
      for (const effect of wanted) {
        if (before.has(nameOf(effect))) continue;
        const settled = limit(() => run(effect, change)).finally(() => running.delete(settled));
        running.add(settled);
      }
    },
    /** Resolves once nothing runs or waits. */
    drained: async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running);
    },
  };
};

export type Effects = ReturnType<typeof createEffects>;
