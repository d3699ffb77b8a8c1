import { addMs, type Instant } from '@scenefi/kernel';

/** A question to another aggregate that is open: how often it was asked again, and when it is asked next. */
export type Asking = { attempt: number; until: Instant };

/** How long the first answer is waited for. */
export type AskingRules = { askAgainMs: number };

const waitMaxMs = 60 * 60 * 1000;

export const firstAsking = (at: Instant, { askAgainMs }: AskingRules): Asking => ({ attempt: 0, until: addMs(at, askAgainMs) });

/** Twice as long each time, at most an hour: what is not answered for long is answered by nobody soon. */
export const nextAsking = ({ attempt }: Asking, at: Instant, { askAgainMs }: AskingRules): Asking => ({
  attempt: attempt + 1,
  until: addMs(at, Math.min(askAgainMs * 2 ** (attempt + 1), waitMaxMs)),
});
