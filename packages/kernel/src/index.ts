export { withDeadline } from './deadline.ts';
export { AppError, definedErrors, defineErrors, Outage } from './errors.ts';
export {
  type AnyFact,
  type AnyNotice,
  type DataClassification,
  type DataOf,
  defineFact,
  defineNotice,
  type Vocabulary,
} from './facts.ts';
export { armFailPoints, failPoint } from './fail-point.ts';
export { canonicalJson, defineId, keyedHash, shortHash } from './ids.ts';
export { defineLifecycle, type Lifecycle } from './lifecycle.ts';
export { AmountFen, LegFen, SumFen, sumFen, yuan } from './money.ts';
export { maskedName } from './names.ts';
export { type Clock, type LogFields, type Logger, type Meter, type MetricLabels, type Random, sleep } from './ports.ts';
export type { Context, Effect, Scene, WakeUp } from './scene.ts';
export { addMs, epochMs, Instant, instantOf, OffsetTime, shanghaiDay, shanghaiTime, toInstant } from './time.ts';
