export { type Batcher, createBatcher } from './batcher.ts';
export { createEngine, type Engine, type EngineParts } from './engine.ts';
export type { Cause, Entry, Outcome, Target } from './entry.ts';
export type * from './ports.ts';
export { type Heard, readMessage } from './reading.ts';
export { type Aim, on, type Subscription } from './subscription.ts';
