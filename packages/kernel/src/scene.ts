import type { AnyFact } from './facts.ts';
import type { Instant } from './time.ts';

/** What `decide` knows beside command and state: the moment, which never goes back for one aggregate. */
export type Context = { at: Instant };

/** A deadline of a state. `takes` says that it takes something away, so it must wait for every earlier message. */
export type WakeUp = { at: Instant; takes: boolean };

/**
 * Something a state wants done outside: a call to the bank, a post to a partner, a command for another aggregate.
 * Every attempt is run once by the process whose save brought it about; a crash is found by the state's wake-up, which raises `attempt`.
 */
export type Effect = {
  /** Which function does it. */
  kind: string;
  /** The idempotency key of the call, the same in every attempt. */
  key: string;
  attempt: number;
  /** A call that has not begun by then is not made; the wake-up lies beyond. */
  until: Instant;
  /** Which part of the state it is about, such as the number of a refund. */
  about?: string;
};

type Typed = { type: string };

/**
 * A scene: one kind of aggregate as plain functions, without a clock, a store or a topic.
 * `decide` refuses by throwing an AppError; neither it nor `evolve` changes what it is given.
 */
export type Scene<State, Command extends Typed, Fact extends Typed> = {
  readonly name: string;
  readonly initial: State;
  readonly decide: (command: Command, state: State, context: Context) => Fact[];
  readonly evolve: (state: State, fact: Fact, at: Instant) => State;
  /** Every kind of fact with its contract, or `private` where it is only folded. */
  readonly contracts: Readonly<Record<Fact['type'], AnyFact | 'private'>>;
  /** The published data of a public fact: `state` is the one after it, `id` the aggregate's. */
  readonly publish: (fact: Fact, state: State, id: string) => unknown;
  readonly wakeAt?: (state: State) => WakeUp | undefined;
  /** What has to be done outside as long as the aggregate stands like this. */
  readonly effectsOf?: (state: State, id: string) => readonly Effect[];
};
