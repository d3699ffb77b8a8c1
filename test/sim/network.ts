import type { Bank } from './bank.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/**
 * The core bank's client reaches for three things that are no ports: the network, the time, and a deadline that aborts.
 * For as long as a world runs, all three are its own; afterwards they are what they were.
 */
export const inWorld = async <Value>(
  world: World,
  bank: Bank,
  lives: ReadonlyMap<string, Life>,
  run: () => Promise<Value>,
): Promise<Value> => {
  const { scheduler } = world;
  const real = { fetch: globalThis.fetch, now: Date.now, timeout: AbortSignal.timeout };
  globalThis.fetch = ((url: string, init: RequestInit) => {
    const life = lives.get(url.split('/')[3] ?? '');
    if (!life) throw new Error(`nobody of this world calls ${url}`);
    return bank.fetch(life, url, init);
  }) as typeof fetch;
  Date.now = scheduler.now;
  AbortSignal.timeout = (delayMs) => {
    const abort = new AbortController();
    scheduler.at(scheduler.now() + delayMs, () => abort.abort(new DOMException('the time is over', 'TimeoutError')));
    return abort.signal;
  };
  try {
    return await run();
  } finally {
    globalThis.fetch = real.fetch;
    Date.now = real.now;
    AbortSignal.timeout = real.timeout;
  }
};
