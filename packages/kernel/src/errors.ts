/** What an error means to a caller: its HTTP status, whether a later try may succeed, and one sentence. */
export type ErrorRow = { status: number; retryable: boolean; title: string };
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An expected failure with a stable code. Anything else that is thrown is a bug. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: string, row: ErrorRow, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(row.title, options);
    this.code = code;
    this.status = row.status;
    this.retryable = row.retryable;
    this.details = details;
  }
}

/** The store or the broker is away: nothing ends, the caller backs off and tries again. */
export class Outage extends Error {
  override readonly name = 'Outage';
}

type Raise = (details?: ErrorDetails, options?: ErrorOptions) => AppError;
type CodesOf<Table> = { readonly [Name in keyof Table]: Raise };

const tables = new Map<string, Readonly<Record<string, ErrorRow>>>();

/**
 * Gives one function per row that makes the error `<PREFIX>_<NAME>`.
 * The table is kept for the generated list of error codes; the same prefix twice is refused.
 */
export const defineErrors = <Table extends Record<string, ErrorRow>>(prefix: string, table: Table): CodesOf<Table> => {
  if (tables.has(prefix)) throw new Error(`the error prefix ${prefix} is defined twice`);
  tables.set(prefix, table);
  const raise =
    (name: string, row: ErrorRow): Raise =>
    (details, options) =>
      new AppError(`${prefix}_${name}`, row, details, options);
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, raise(name, row)])) as CodesOf<Table>;
};

/** Every code that was defined so far, for the documentation. */
export const definedErrors = (): { code: string; row: ErrorRow }[] =>
  [...tables].flatMap(([prefix, table]) => Object.entries(table).map(([name, row]) => ({ code: `${prefix}_${name}`, row })));
