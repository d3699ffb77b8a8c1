import { AppError, addMs, type Instant, Outage, type Scene, shortHash } from '@scenefi/kernel';
import type { Entry, Outcome } from './entry.ts';
import { engineErrors, refusedBefore } from './errors.ts';
import type { AggregateDocument, OutFact, Save } from './ports.ts';
import { type Decided, decodeRecent, encodeRecent } from './recent.ts';

export const recentMin = 64;
const factBytesMax = 256 * 1024;
const outBytesMax = 512 * 1024;
const stateBytesMax = 1024 * 1024;
const wakeBackoffMs = 60_000;

type Typed = { type: string };

/** One aggregate while a batch is decided: what was loaded, and what has become of it. */
export type Turn = {
  readonly id: string;
  readonly loaded: AggregateDocument | undefined;
  readonly at: Instant;
  state: unknown;
  version: number;
  wakeAt: Instant | undefined;
  takes: boolean;
  recent: Decided[];
  decidedNow: number;
  /** What the broker is not known to have, and the bytes of it. */
  out: OutFact[];
  outBytes: number;
  changed: boolean;
  unsent: boolean;
};

const bytesOf = (facts: readonly OutFact[]): number => facts.reduce((sum, fact) => sum + Buffer.byteLength(fact.value), 0);

/**
 * `at` never goes back, whatever the clock says. `publishedVersion` is what this process knows the broker to have:
 * only that may leave `out`.
 */
export const openTurn = (
  id: string,
  initial: unknown,
  { loaded, now, publishedVersion }: { loaded: AggregateDocument | undefined; now: Instant; publishedVersion: number },
): Turn => {
  const out = loaded?.out.filter((fact) => fact.version > publishedVersion) ?? [];
  return {
    id,
    loaded,
    at: loaded && loaded.at > now ? loaded.at : now,
    state: loaded ? loaded.state : initial,
    version: loaded?.version ?? 0,
    wakeAt: loaded?.wakeAt,
    takes: loaded?.takes ?? false,
    recent: loaded ? decodeRecent(loaded.recent) : [],
    decidedNow: 0,
    out,
    outBytes: bytesOf(out),
    changed: false,
    unsent: false,
  };
};

/** Decides one entry on the state as it stands now. A refused or failed entry leaves that state as it was. */
export const takeTurn = <State, Command extends Typed, Fact extends Typed>(
  turn: Turn,
  entry: Entry<Command>,
  scene: Scene<State, Command, Fact>,
): Outcome => {
  if (entry.wake && isStaleWake(turn, entry.wake)) return { status: 'dropped' };
  const id = shortHash(entry.id);
  const seen = entry.wake ? undefined : turn.recent.find((decided) => decided.id.equals(id));
  if (seen && !seen.body.equals(entry.bodyHash)) return { status: 'refused', error: engineErrors.ID_REUSED({ id: entry.id }) };
  if (seen && !(entry.redriven && seen.refused)) {
    return seen.refused ? { status: 'refused', error: refusedBefore(seen.refused) } : { status: 'repeat', ...standing(turn) };
  }
  try {
    const facts = scene.decide(entry.command, turn.state as State, { at: turn.at });
    if (facts.length > 0) fold(turn, entry, scene, facts);
    else if (!entry.wake) return { status: 'done', ...standing(turn) };
    if (entry.wake && turn.wakeAt === entry.wake.at) postponeWake(turn);
  } catch (error) {
    if (error instanceof Outage) return { status: 'unknown' };
    if (entry.wake) postponeWake(turn);
    // Nobody waits for the answer to a wake-up: one that is refused is as wrong as one that throws.
    if (entry.wake || !(error instanceof AppError) || error.retryable) return { status: 'failed', error };
    remember(turn, entry, { id, body: entry.bodyHash, refused: error.code });
    return { status: 'refused', error };
  }
  remember(turn, entry, { id, body: entry.bodyHash });
  return { status: 'done', ...standing(turn) };
};

const standing = (turn: Turn) => ({ state: turn.state, version: turn.version });

const isStaleWake = (turn: Turn, wake: { at: Instant; drained: boolean }): boolean =>
  turn.wakeAt !== wake.at || (turn.takes && !wake.drained);

/** A wake-up that left its deadline where it was, or threw, must not come back at once. */
const postponeWake = (turn: Turn): void => {
  turn.wakeAt = addMs(turn.at, wakeBackoffMs);
  turn.changed = true;
};

/** A wake-up is guarded by its deadline alone: the same deadline may come again. */
const remember = (turn: Turn, entry: Entry<unknown>, decided: Decided): void => {
  turn.changed = true;
  if (!entry.backed) turn.unsent = true;
  if (entry.wake) return;
  // Only now, and not before it was decided: a re-drive that fails must not make its refusal forgotten.
  if (entry.redriven) turn.recent = turn.recent.filter(({ id }) => !id.equals(decided.id));
  turn.recent.push(decided);
  turn.decidedNow += 1;
};

/** Folds all facts of one command and only then touches the turn, so that a fact that breaks its contract undoes the whole command. */
const fold = <State, Command extends Typed, Fact extends Typed>(
  turn: Turn,
  entry: Entry<Command>,
  scene: Scene<State, Command, Fact>,
  facts: readonly Fact[],
): void => {
  let state = turn.state as State;
  let version = turn.version;
  const out: OutFact[] = [];
  for (const fact of facts) {
    state = scene.evolve(state, fact, turn.at);
    const contract = scene.contracts[fact.type as Fact['type']];
    if (contract === 'private') continue;
    const value = JSON.stringify(contract.write(scene.publish(fact, state, turn.id)));
    if (Buffer.byteLength(value) > factBytesMax) throw engineErrors.FACT_TOO_LARGE({ aggregateId: turn.id, type: fact.type });
    version += 1;
    out.push({ version, type: contract.ceType, time: turn.at, value, ...entry.cause });
  }
  if (Buffer.byteLength(JSON.stringify(state)) > stateBytesMax) throw engineErrors.STATE_TOO_LARGE({ aggregateId: turn.id });
  const bytes = bytesOf(out);
  if (turn.outBytes + bytes > outBytesMax) {
    if (turn.out.length === 0) throw engineErrors.FACT_TOO_LARGE({ aggregateId: turn.id });
    throw new Outage(`${turn.id} has too much that the broker is not known to have`);
  }
  const wake = scene.wakeAt?.(state);
  turn.state = state;
  turn.version = version;
  turn.out.push(...out);
  turn.outBytes += bytes;
  turn.wakeAt = wake?.at;
  turn.takes = wake?.takes ?? false;
};

/** The document to save, or undefined where nothing changed. An older `unsent` mark stays, since somebody still answers for it. */
export const closeTurn = (turn: Turn): Save | undefined => {
  if (!turn.changed) return undefined;
  const rev = turn.loaded?.rev ?? 0;
  // Where nothing waits for the broker there is nothing to answer for.
  const unsent = turn.unsent && turn.out.length > 0 ? turn.version : turn.loaded?.unsent;
  const document: AggregateDocument = {
    _id: turn.id,
    rev: rev + 1,
    version: turn.version,
    state: turn.state,
    at: turn.at,
    ...(turn.wakeAt && { wakeAt: turn.wakeAt, takes: turn.takes }),
    recent: encodeRecent(turn.recent.slice(-Math.max(recentMin, turn.decidedNow))),
    out: turn.out,
    ...(unsent !== undefined && { unsent }),
  };
  return { document, expectedRev: rev };
};
