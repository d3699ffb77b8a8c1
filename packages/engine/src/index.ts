export { type Batcher, createBatcher } from './batcher.ts';
export type { EffectResult, Executor, Executors } from './effects.ts';
export { type Aggregate, createEngine, type Engine, type EngineParts } from './engine.ts';
export type { Cause, Entry, Outcome, Target } from './entry.ts';
export type { Sending, Sent } from './intake.ts';
export type * from './ports.ts';
export { type Heard, readMessage } from './reading.ts';
export { type Aim, on, onEach, type Subscription } from './subscription.ts';
export { hasPassed } from './sweepers.ts';
