import type { AnyFact, AnyNotice, DataOf } from '@scenefi/kernel';
import type { Target } from './entry.ts';
import type { Heard } from './reading.ts';

/** The command that a message becomes, and the aggregate it is for. */
export type Aim<Command> = { id: string; command: Command };

/** A kind of message that a service hears. */
export type Subscription = {
  readonly contract: AnyFact | AnyNotice;
  readonly target: Target<never>;
  readonly map: (heard: Heard<never>) => readonly Aim<unknown>[];
};

type Readable<Data> = (AnyFact | AnyNotice) & { read: (data: unknown) => Data };

/**
 * Maps a fact or a notice to a command for an aggregate, to several, or to none.
 * The mapping is pure: it looks nothing up, so that a whole batch can be decided at once.
 */
export const on = <Data, Command>(
  contract: Readable<Data>,
  target: Target<Command>,
  map: (heard: Heard<Data>) => Aim<NoInfer<Command>> | readonly Aim<NoInfer<Command>>[] | undefined,
): Subscription => ({
  contract,
  target,
  map: (heard: Heard<Data>) => {
    const aims = map(heard) ?? [];
    return Array.isArray(aims) ? aims : [aims as Aim<Command>];
  },
});

/** The same mapping for several facts, told which one it was. */
export const onEach = <Fact extends AnyFact, Command>(
  facts: readonly Fact[],
  target: Target<Command>,
  map: (heard: Heard<DataOf<Fact>>, fact: Fact) => Aim<NoInfer<Command>> | readonly Aim<NoInfer<Command>>[] | undefined,
): Subscription[] =>
  facts.map((fact) => on(fact as AnyFact & { read: (data: unknown) => DataOf<Fact> }, target, (heard) => map(heard, fact)));
