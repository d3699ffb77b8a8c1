import { httpErrors } from '@scenefi/http';
import type { Clock } from '@scenefi/kernel';

const customersMax = 100_000;
const burstS = 5;

/**
 * A bucket of requests for each customer, filled again at a steady rate; an empty one refuses with 429.
 * Each process counts for itself: the limit keeps one caller from using up a process, it is no price list.
 */
export const createRateLimit = ({ clock, perSecond }: { clock: Clock; perSecond: number }) => {
  const buckets = new Map<string, { left: number; at: number }>();
  const full = perSecond * burstS;

  return (customerId: string): void => {
    const now = clock.now();
    const { left, at } = buckets.get(customerId) ?? { left: full, at: now };
    const filled = Math.min(full, left + (Math.max(0, now - at) * perSecond) / 1000);
    // Taken out and put in again, so that the first one is always who has been silent for longest.
    buckets.delete(customerId);
    // What is refused costs nothing: whoever keeps asking is served again as soon as everybody else.
    buckets.set(customerId, { left: filled < 1 ? filled : filled - 1, at: now });
    if (buckets.size > customersMax) buckets.delete(buckets.keys().next().value!);
    if (filled < 1) throw httpErrors.TOO_MANY_REQUESTS();
  };
};
