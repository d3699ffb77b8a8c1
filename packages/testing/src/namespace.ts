import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: string;
    mongoUrl: string;
  }
}

/** The engine pair that serves the whole test run. */
export const engineAddresses = (): { kafkaBrokers: string; mongoUrl: string } => ({
  kafkaBrokers: inject('kafkaBrokers'),
  mongoUrl: inject('mongoUrl'),
});

/** Topics, groups and databases of one test file, so that files never meet. */
export const namespace = (what: string): string => `t-${what}-${randomBytes(4).toString('hex')}.`;

/** Asks again until the answer is something other than undefined or false; for what no spy can see, such as another process. */
export const until = async <Value>(
  what: string,
  ask: () => Promise<Value | undefined | false> | Value | undefined | false,
  timeoutMs = 30_000,
): Promise<Value> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(25);
  }
};
