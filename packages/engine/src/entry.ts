import type { AppError, Instant } from '@scenefi/kernel';

/** Where a command came from, for the facts that follow from it. */
export type Cause = { correlationId?: string; causationId?: string; traceparent?: string };

/** One command for one aggregate, from whatever source. */
export type Entry<Command> = {
  aggregateId: string;
  /** Never collides: source, message id and the ordinal of the command. */
  id: string;
  /** Over the data, so that the same id with other data is seen. */
  bodyHash: Buffer;
  command: Command;
  /** Entries of one key keep their order: behind one that failed the later ones are held. */
  messageKey: string;
  cause: Cause;
  /** Whether an uncommitted offset stands behind it and brings it again; everything else is marked `unsent`. */
  backed: boolean;
  /** A re-drive decides anew what was refused. */
  redriven?: boolean;
  /** A wake-up: the deadline it was read with, and whether every earlier message has been heard. */
  wake?: { at: Instant; drained: boolean };
};

/**
 * How an entry ended. `unknown`: saved perhaps, published perhaps; only trying again tells.
 * `dropped`: a wake-up whose deadline is no longer the state's.
 */
export type Outcome =
  | { status: 'done' | 'repeat'; state: unknown; version: number }
  | { status: 'refused'; error: AppError }
  | { status: 'failed'; error: unknown }
  | { status: 'held' | 'dropped' | 'unknown' };

/** Whatever decides entries: an aggregate, or the ledger. Outcomes stand in the order of the entries; rejects with an Outage. */
export type Target<Command> = { apply(entries: readonly Entry<Command>[]): Promise<Outcome[]> };
