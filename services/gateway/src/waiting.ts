import { type Clock, sleep } from '@scenefi/kernel';

type Waiter<View> = {
  id: string;
  isReached: (view: View | undefined) => boolean;
  until: number;
  resolve: (view: View | undefined) => void;
  reject: (error: unknown) => void;
};

type WaitingParts<View> = {
  /** Reads views by their ids; what is not there is left out. */
  look: (ids: readonly string[]) => Promise<ReadonlyMap<string, View>>;
  clock: Clock;
  everyMs: number;
};

export type Waiting<View> = {
  /** Resolves with the view once it has got there, or as it stands when the time is over; rejects where views cannot be read. */
  until(id: string, isReached: (view: View | undefined) => boolean, waitMs: number): Promise<View | undefined>;
  /** Lets everybody go with what there is, so that a process that stops keeps nobody. */
  end(): void;
};

/** One poll for all who wait: views are fed by whichever replica reads their partition, so no replica would hear of all of them. */
export const createWaiting = <View>({ look, clock, everyMs }: WaitingParts<View>): Waiting<View> => {
  const waiters = new Set<Waiter<View>>();
  let polls = false;
  let ended = false;

  const round = async (): Promise<void> => {
    const asked = [...waiters];
    try {
      const views = await look([...new Set(asked.map(({ id }) => id))]);
      const now = clock.now();
      for (const waiter of asked) {
        const view = views.get(waiter.id);
        if (!ended && now < waiter.until && !waiter.isReached(view)) continue;
        waiters.delete(waiter);
        waiter.resolve(view);
      }
    } catch (error) {
      for (const waiter of asked) {
        waiters.delete(waiter);
        waiter.reject(error);
      }
    }
  };

  const poll = async (): Promise<void> => {
    while (waiters.size > 0) {
      await sleep(clock, everyMs);
      await round();
    }
    polls = false;
  };

  return {
    until: (id, isReached, waitMs) =>
      new Promise((resolve, reject) => {
        waiters.add({ id, isReached, until: clock.now() + waitMs, resolve, reject });
        if (polls) return;
        polls = true;
        void poll();
      }),
    end: () => {
      ended = true;
    },
  };
};
