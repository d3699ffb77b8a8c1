/** The current time and timers. The only source of both, so that tests own them. */
export type Clock = {
  /** Milliseconds since 1970-01-01T00:00Z, by the database's time where a service has a database. */
  now(): number;
  /** Calls `run` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
};

/** Where chance comes from: jitter, key ids, secrets. */
export type Random = {
  /** A number in [0, 1). */
  number(): number;
  /** Unpredictable bytes, fit for secrets. */
  bytes(size: number): Buffer;
};

export type LogFields = Readonly<Record<string, unknown>>;

/** A log line is a constant sentence and its fields; ids are fields. */
export type Logger = {
  debug(sentence: string, fields?: LogFields): void;
  info(sentence: string, fields?: LogFields): void;
  warn(sentence: string, fields?: LogFields): void;
  error(sentence: string, fields?: LogFields): void;
};

export type MetricLabels = Readonly<Record<string, string>>;

/** What a process counts about itself; `runtime` turns it into Prometheus text. */
export type Meter = {
  count(name: string, labels?: MetricLabels, by?: number): void;
  observe(name: string, value: number, labels?: MetricLabels): void;
  /** The value is read when somebody asks for the metrics; the answer ends that. Several of one name add up. */
  gauge(name: string, read: () => number | Promise<number>): () => void;
};

/** Resolves after `delayMs` of the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve));
