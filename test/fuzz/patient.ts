import { setTimeout as pause } from 'node:timers/promises';

/** Asks once a second until the other work is over; answers the statuses that came. */
export const askMeanwhile = async (work: Promise<unknown>, ask: () => Promise<number>): Promise<number[]> => {
  const statuses: number[] = [];
  let over = false;
  void work.finally(() => {
    over = true;
  });
  while (!over) {
    statuses.push(await ask());
    await pause(1_000);
  }
  return statuses;
};
