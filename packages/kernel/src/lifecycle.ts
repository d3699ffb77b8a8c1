type Moves = Readonly<Record<string, string | readonly string[]>>;

/** The legal moves of one aggregate: state → fact → next state, or the states a fact may lead to. */
export type Lifecycle<Status extends string> = {
  readonly name: string;
  readonly table: Readonly<Record<Status, Moves>>;
  /**
   * The state after a fact. Where the table allows several, the fact itself says which (`wanted`).
   * Throws where the table has no such move: that is a bug in `decide`, not bad input.
   */
  next(status: Status, fact: string, wanted?: Status): Status;
};

/** Reads a literal table of moves; every state that can be reached must have a row. */
export const defineLifecycle = <const Table extends Record<string, Record<string, keyof Table | readonly (keyof Table)[]>>>(
  name: string,
  table: Table,
): Lifecycle<keyof Table & string> => {
  const rows = table as unknown as Readonly<Record<string, Moves>>;
  return {
    name,
    table: rows as Readonly<Record<keyof Table & string, Moves>>,
    next: (status, fact, wanted) => {
      const to = rows[status]?.[fact];
      const allowed = typeof to === 'string' ? [to] : (to ?? []);
      const next = wanted ?? allowed[0];
      if (next === undefined || !allowed.includes(next)) {
        throw new Error(`${name}: ${fact} does not lead from ${status}${wanted === undefined ? '' : ` to ${wanted}`}`);
      }
      return next;
    },
  };
};
