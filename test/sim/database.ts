import { type Doc, type Filter, matches, type Update, updated } from './mongo-words.ts';
import type { World } from './world.ts';

export type Table = Map<string, Doc>;
export type Change = { table: string; id: string; after: Doc | undefined };

/** One write of one document, as the driver asks for it. */
export type Operation =
  | { insertOne: { document: Doc } }
  | { replaceOne: { filter: Filter; replacement: Doc; upsert?: boolean } }
  | { updateOne: { filter: Filter; update: Update; upsert?: boolean } };

export type Written = { inserted?: true; matched?: true; upserted?: true; duplicate?: true };

/** What a transaction has written so far, and what it stands on. */
export type Transaction = { changes: Change[]; bases: Map<string, Doc | undefined> };

/**
 * A replica set. A write stands on the primary at once, where later writes meet it; it is acknowledged, and read, when the majority
 * has it. A failover loses a part of what the majority does not have yet, and every answer that was still awaited.
 */
export type Database = {
  readonly name: string;
  /** What the majority has: all that anybody reads. */
  majority(table: string): Table;
  run(table: string, operation: Operation): Written;
  remove(table: string, filter: Filter): void;
  commit(transaction: Transaction): 'done' | 'duplicate' | 'conflict';
  /** Calls `done` when the majority has all that was written so far, `fail` where a failover comes first. */
  whenSafe(done: () => void, fail: () => void): void;
  /** Nothing reaches the majority for a while; then another server takes over. */
  failover(lagMs: number): void;
  onCommit(listener: (change: Change, before: Doc | undefined) => void): void;
  away: boolean;
};

type Waiting = { upTo: number; done: () => void; fail: () => void };

export const filterOf = (operation: Exclude<Operation, { insertOne: object }>): Filter =>
  'replaceOne' in operation ? operation.replaceOne.filter : operation.updateOne.filter;

/** What an operation makes of the document with its id, or of there being none. */
export const outcomeOf = (operation: Operation, before: Doc | undefined): { written: Written; after?: Doc } => {
  if ('insertOne' in operation) {
    return before ? { written: { duplicate: true } } : { written: { inserted: true }, after: operation.insertOne.document };
  }
  const filter = filterOf(operation);
  const afterOf = (doc: Doc, isNew: boolean): Doc =>
    'replaceOne' in operation ? operation.replaceOne.replacement : updated(doc, operation.updateOne.update, isNew);
  if (before && matches(before, filter)) return { written: { matched: true }, after: afterOf(before, false) };
  const { upsert } = 'replaceOne' in operation ? operation.replaceOne : operation.updateOne;
  if (!upsert) return { written: {} };
  if (before) return { written: { duplicate: true } };
  return { written: { upserted: true }, after: afterOf({ _id: filter._id as string }, true) };
};

export const createDatabase = (world: World, name: string): Database => {
  const { scheduler } = world;
  const primaries = new Map<string, Table>();
  const majorities = new Map<string, Table>();
  const log: Change[][] = [];
  const listeners: ((change: Change, before: Doc | undefined) => void)[] = [];
  let waiting: Waiting[] = [];
  let written = 0;
  let safe = 0;
  let lagging = false;

  const tableOf = (tables: Map<string, Table>, table: string): Table => {
    const found = tables.get(table) ?? new Map<string, Doc>();
    tables.set(table, found);
    return found;
  };
  const primary = (table: string): Table => tableOf(primaries, table);
  const majority = (table: string): Table => tableOf(majorities, table);
  const set = (rows: Table, { id, after }: Change): void => void (after ? rows.set(id, after) : rows.delete(id));

  const settle = (upTo: number): void => {
    for (; safe < upTo; safe += 1) {
      for (const change of log.shift()!) {
        const rows = majority(change.table);
        const before = rows.get(change.id);
        set(rows, change);
        for (const listener of listeners) listener(change, before);
      }
    }
    const [done, rest] = [waiting.filter((one) => one.upTo <= safe), waiting.filter((one) => one.upTo > safe)];
    waiting = rest;
    for (const one of done) one.done();
  };

  const write = (changes: Change[]): void => {
    for (const change of changes) set(primary(change.table), change);
    log.push(changes);
    written += 1;
    const upTo = written;
    const after = world.between(1, 3, name, 'replication', written);
    scheduler.at(scheduler.now() + after, () => {
      if (!lagging && upTo <= written) settle(Math.max(safe, upTo));
    });
  };

  const failover = (lagMs: number): void => {
    lagging = true;
    scheduler.at(scheduler.now() + lagMs, () => {
      lagging = false;
      const open = written - safe;
      const kept = safe + Math.floor(world.chance(name, 'failover', written) * (open + 1));
      const lost = waiting;
      waiting = [];
      world.say(() => `${name} fails over: ${kept - safe} of ${open} open writes are kept, ${lost.length} answers are lost`);
      settle(kept);
      for (const { table, id } of log.splice(0).flat()) set(primary(table), { table, id, after: majority(table).get(id) });
      written = safe;
      for (const one of lost) one.fail();
    });
  };

  /** The document that a filter finds on the primary; ours name the id. */
  const find = (table: string, filter: Filter): Doc | undefined => {
    const found = primary(table).get(filter._id as string);
    return found && matches(found, filter) ? found : undefined;
  };

  const run: Database['run'] = (table, operation) => {
    const id = 'insertOne' in operation ? operation.insertOne.document._id : (filterOf(operation)._id as string);
    const { written: end, after } = outcomeOf(operation, primary(table).get(id));
    if (after) write([{ table, id, after }]);
    return end;
  };

  return {
    name,
    majority,
    run,
    remove: (table, filter) => {
      if (find(table, filter)) write([{ table, id: filter._id as string, after: undefined }]);
    },
    commit: ({ changes, bases }) => {
      for (const [place, base] of bases) {
        const [table = '', id = ''] = place.split('\n');
        const now = primary(table).get(id);
        if (now === base) continue;
        return base === undefined && table === 'entries' ? 'duplicate' : 'conflict';
      }
      if (changes.length > 0) write(changes);
      return 'done';
    },
    whenSafe: (done, fail) => {
      if (safe >= written) done();
      else waiting.push({ upTo: written, done, fail });
    },
    failover,
    onCommit: (listener) => void listeners.push(listener),
    away: false,
  };
};
