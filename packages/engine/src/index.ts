export { type Batcher, batchLimits, createBatcher } from './batcher.ts';
export { createEngine, type Engine, type EngineParts, type EngineTimings } from './engine.ts';
export type { Cause, Entry, Outcome, Target } from './entry.ts';
export { busErrors, engineErrors } from './errors.ts';
export type * from './ports.ts';
export { type Heard, readMessage } from './reading.ts';
export { type Aim, on, type Subscription } from './subscription.ts';
