import { type Clock, sleep } from '@scenefi/kernel';
import type { Journal } from './journal.ts';
import type { Plan } from './plan.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Send, type SendOutcome, sha256 } from './sender.ts';
import type { PlannedNotice, Step } from './told-bill.ts';

type PlayOptions = { send: Send; journal: Journal; clock: Clock; random: SeededRandom; stopping: () => boolean };

const waitSliceMs = 250;

/** Sends the webhooks of one bill as planned, with all its noise; answers how many webhooks nobody answered. */
export const createPlay = ({ send, journal, clock, random, stopping }: PlayOptions) => {
  /** A waiting step may begin early when the process stops: the bill ends the same. */
  const waitUntil = async (atMs: number): Promise<void> => {
    while (!stopping() && clock.now() < atMs) await sleep(clock, Math.min(waitSliceMs, atMs - clock.now()));
  };

  return async ({ partnerId, billNo, ending, steps, expected, noise }: Plan): Promise<number> => {
    const outcomes: Promise<SendOutcome>[] = [];
    const post = (notice: PlannedNotice, role: 'plan' | 'repeat'): Promise<SendOutcome> => {
      const outcome = send({ notice, partnerId, billNo, role });
      outcomes.push(outcome);
      return outcome;
    };
    /** All copies at once; a straggler comes while later notices are under way. */
    const sendNotice = async (notice: PlannedNotice): Promise<void> => {
      const copies = Array.from({ length: (noise.copies.get(notice) ?? 1) - 1 }, () => post(notice, 'repeat'));
      await Promise.all([post(notice, 'plan'), ...copies]);
      if (noise.stragglers.has(notice)) void post(notice, 'repeat');
    };
    const playStep = async ({ manner, notices, notBeforeMs }: Step): Promise<void> => {
      if (notBeforeMs !== undefined) await waitUntil(notBeforeMs);
      if (manner === 'parallel') await Promise.all(notices.map(sendNotice));
      else for (const notice of manner === 'in order' ? notices : random.shuffled(notices)) await sendNotice(notice);
    };

    const notices = steps.flatMap((step) => step.notices.map(({ noticeId, body }) => ({ noticeId, bodySha256: sha256(body) })));
    await journal.record({ kind: 'plan', ending, partnerId, billNo, notices, expected });
    for (const notice of noise.bad) outcomes.push(send({ notice, partnerId, billNo, role: 'bad', fault: notice.fault }));
    for (const step of steps) await playStep(step);
    return (await Promise.all(outcomes)).filter((outcome) => outcome === 'unknown').length;
  };
};

export type Play = ReturnType<typeof createPlay>;
