export { acquireEngines, type Engines } from './acquire.ts';
export { type Engine, EngineError, type Rung } from './engine.ts';
export { claimRun } from './run-file.ts';
