import { type Clock, type Random, sleep } from '@scenefi/kernel';

export type Request = { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; body?: string };

/** The status is 0 where no answer came. */
export type Answer = { status: number; text: string };

/** What the body says; undefined where it is not JSON. */
export const jsonIn = ({ text }: Pick<Answer, 'text'>): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

type PatienceOptions = { clock: Clock; random: Random; requestTimeoutMs: number; deadlineMs: number };

const backoffMinMs = 100;
const backoffMaxMs = 5_000;

/** After these nobody knows whether what was asked for was done, so the same is sent again. */
export const isUnknown = ({ status }: Pick<Answer, 'status'>): boolean => status === 0 || status === 429 || status >= 500;

/** Waits longer each time, by chance between half and whole, so that many senders do not come back together. */
const backoffMs = (tries: number, random: Random): number =>
  Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(tries, 10)) * (0.5 + random.number() / 2);

/** The body is read whatever the status is, so that the connection can be used again. */
const tryOnce = async ({ url, ...init }: Request, clock: Clock, timeoutMs: number): Promise<Answer> => {
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(url, { ...init, signal: abort.signal });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  } finally {
    cancel();
  }
};

type AskOptions = {
  /** Hears of every try. */
  heard?: (answer: Answer) => void;
  /** Lets a try go out when there is room. */
  through?: <Value>(work: () => Promise<Value>) => Promise<Value>;
};

/**
 * Sends a request until it is answered, made anew for each try. Answers the last try, which is still unknown where the
 * deadline passed, and how many there were.
 */
export const createPatience =
  ({ clock, random, requestTimeoutMs, deadlineMs }: PatienceOptions) =>
  async (request: () => Request, { heard, through = (work) => work() }: AskOptions = {}): Promise<Answer & { tries: number }> => {
    const giveUpAtMs = clock.now() + deadlineMs;
    for (let tries = 1; ; tries += 1) {
      const answer = await through(() => tryOnce(request(), clock, requestTimeoutMs));
      heard?.(answer);
      if (!isUnknown(answer) || clock.now() >= giveUpAtMs) return { ...answer, tries };
      await sleep(clock, backoffMs(tries - 1, random));
    }
  };

export type Ask = ReturnType<typeof createPatience>;
