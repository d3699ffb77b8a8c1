import type { Run } from './run-file.ts';

/** Which rung of the ladder an engine came from. */
export type Rung = 'given' | 'docker' | 'native';

/** `address` is `host:port[,host:port]` for Kafka, and a `mongodb://` URL without database name for MongoDB. */
export type Engine = { address: string; rung: Rung; about: string };

export type EngineName = 'kafka' | 'mongo';

/** An engine together with how to end it; one that was given ends nothing. */
export type Held = Engine & { stop(): Promise<void> };

/** What every rung needs to know. */
export type Climb = {
  dataDir: string;
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  signal: AbortSignal;
  run: Run;
};

/** An engine that cannot be had or used; the message is one sentence that says what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
