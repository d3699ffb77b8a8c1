import { AppError, type Instant, type Scene } from '@scenefi/kernel';
import { expect } from 'vitest';

type Typed = { type: string };

/** Freezes deeply, so that a `decide` or `evolve` that changes what it was given throws in every test. */
export const frozen = <Value>(value: Value): Value => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
};

export type When<State, Fact> = {
  /** The decision is exactly these facts, and folding them moves legally. */
  then(...facts: Fact[]): State;
  /** The decision is a refusal with this code, and nothing happens. */
  refused(code: string): void;
  /** The state after the decision. */
  state(): State;
};

/**
 * Given facts, when a command, then facts: a rule of a scene in three lines. The state is frozen before it is handed out.
 * `at` is the moment of every decision unless `when` is given another.
 */
export const scenario =
  <State, Command extends Typed, Fact extends Typed>(scene: Scene<State, Command, Fact>, { at }: { at: Instant }) =>
  (...facts: Fact[]) => {
    const fold = (state: State, more: readonly Fact[], now: Instant): State =>
      more.reduce((current, fact) => frozen(scene.evolve(current, frozen(fact), now)), state);
    const given = fold(frozen(scene.initial), facts, at);
    return {
      state: given,
      when: (command: Command, now: Instant = at): When<State, Fact> => ({
        then: (...expected) => {
          const decided = scene.decide(frozen(command), given, { at: now });
          expect(decided).toEqual(expected);
          return fold(given, decided, now);
        },
        refused: (code) => {
          expect(() => scene.decide(frozen(command), given, { at: now })).toThrow(expect.objectContaining({ constructor: AppError, code }));
        },
        state: () => fold(given, scene.decide(frozen(command), given, { at: now }), now),
      }),
    };
  };

/** What a public fact says to others, checked by its contract's writer. */
export const published = <State, Command extends Typed, Fact extends Typed>(
  scene: Scene<State, Command, Fact>,
  fact: Fact,
  state: State,
  id: string,
): unknown => {
  const contract = scene.contracts[fact.type as Fact['type']];
  if (contract === 'private') throw new Error(`${fact.type} is private`);
  return contract.write(scene.publish(fact, state, id));
};

export { keptLogger, keptMeter, type LogLine, type TestClock, testClock, testRandom } from './clock.ts';
