import type { Clock } from './ports.ts';

type Deadline = { clock: Pick<Clock, 'after'>; ms: number; late: () => Error };

/** What the work came to, or the error of `late` where that takes longer; the work itself goes on, unseen. */
export const withDeadline = <Value>(work: Promise<Value>, { clock, ms, late }: Deadline): Promise<Value> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error) => {
        cancel();
        reject(error);
      },
    );
  });
