type Fail = (point: string, about: string) => void;

let fail: Fail | undefined;

/**
 * A place between two steps at which a process may die in a test. `about` says what stands at the place and is made only where
 * somebody listens: without `armFailPoints` this is one comparison.
 */
export const failPoint = (point: string, about: () => string): void => fail?.(point, about());

/** Has every fail point tell where it is; only `runtime` does, and only where the environment asks for it. */
export const armFailPoints = (listener: Fail): void => {
  fail = listener;
};
