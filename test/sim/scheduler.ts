/** Virtual time: what is to happen, in order. */
export type Scheduler = {
  now(): number;
  /** Runs something at a moment; the answer cancels it. */
  at(ms: number, run: () => void): () => void;
  /** Runs until the moment, or until `stop` says so; between two events every promise that can settle does. */
  run(untilMs: number, stop: () => boolean): Promise<void>;
  /** How much has happened. */
  events(): number;
};

type Event = { at: number; turn: number; run: (() => void) | undefined };

const before = (left: Event, right: Event): boolean => left.at < right.at || (left.at === right.at && left.turn < right.turn);

const push = (heap: Event[], event: Event): void => {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (before(heap[parent]!, event)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
};

const pop = (heap: Event[]): Event | undefined => {
  const first = heap[0];
  const last = heap.pop();
  if (!last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (before(last, heap[child]!)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
};

/** So many events are handed to Node at once: it lets every promise settle between two of them, which is all that is needed of it. */
const atOnce = 64;

export const createScheduler = (startMs: number): Scheduler => {
  const heap: Event[] = [];
  let nowMs = startMs;
  let turns = 0;
  let events = 0;

  /** Runs the next event; false where there is none before the moment. */
  const step = (untilMs: number): boolean => {
    for (;;) {
      const next = heap[0];
      if (!next || next.at > untilMs) return false;
      pop(heap);
      if (!next.run) continue;
      nowMs = next.at;
      events += 1;
      next.run();
      return true;
    }
  };

  return {
    now: () => nowMs,
    events: () => events,
    at: (ms, run) => {
      turns += 1;
      const event: Event = { at: Math.max(ms, nowMs), turn: turns, run };
      push(heap, event);
      return () => {
        event.run = undefined;
      };
    },
    run: (untilMs, stop) =>
      new Promise((resolve, reject) => {
        let ended = false;
        const one = (): void => {
          if (ended) return;
          try {
            const stopped = stop();
            if (!stopped && step(untilMs)) return;
            if (!stopped) nowMs = Math.max(nowMs, untilMs);
            ended = true;
            resolve();
          } catch (error) {
            ended = true;
            reject(error);
          }
        };
        const some = (): void => {
          for (let count = 0; count < atOnce; count += 1) setImmediate(one);
          setImmediate(() => {
            if (!ended) some();
          });
        };
        some();
      }),
  };
};
