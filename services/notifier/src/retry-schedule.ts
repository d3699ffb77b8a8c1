import { addMs, type Instant, shortHash } from '@scenefi/kernel';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** How long before each try of one series: ten tries within 75 hours and 35 minutes, as Standard Webhooks proposes. */
export const retryTableMs: readonly number[] = [
  0,
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** A partner may ask for more patience than the table has, up to so much. */
export const retryAfterMaxMs = hourMs;

const spread = 0.2;

/** A number in [0, 1) that is the same in every process: a decision throws no dice. */
const fractionOf = (text: string): number => shortHash(text).readUInt32BE(0) / 2 ** 32;

export type Tried = {
  deliveryId: string;
  /** How many tries of the series failed so far. */
  tries: number;
  at: Instant;
  /** What the partner asked for. */
  retryAfterMs?: number;
};

/**
 * When the next try is due, up to a fifth earlier or later than the table says, so that what failed together does not come back together;
 * undefined after the last. `scale` shortens the table for a demonstration, but not what a partner asked for.
 */
export const nextTryAt = ({ deliveryId, tries, at, retryAfterMs = 0 }: Tried, scale: number): Instant | undefined => {
  const tableMs = retryTableMs[tries];
  if (tableMs === undefined) return undefined;
  const jittered = tableMs * (1 - spread + 2 * spread * fractionOf(`${deliveryId}#${tries}`));
  return addMs(at, Math.round(Math.max(jittered * scale, Math.min(retryAfterMs, retryAfterMaxMs))));
};
