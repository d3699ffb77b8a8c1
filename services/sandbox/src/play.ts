import { type Clock, type Logger, sleep } from '@scenefi/kernel';
import { type AppStep, isAppStep, webhookSteps } from './app-steps.ts';
import type { Journal } from './journal.ts';
import type { AppPlan } from './plan.ts';
import { type PlayApp, stoppedWaiting } from './play-app.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Send, type SendOutcome, sha256 } from './sender.ts';
import type { PlannedNotice, Step } from './told-bill.ts';

type PlayOptions = {
  send: Send;
  /** Absent where there is no app. */
  playApp?: PlayApp;
  journal: Journal;
  clock: Clock;
  random: SeededRandom;
  logger: Logger;
  stopping: () => boolean;
};

const waitSliceMs = 250;

/**
 * Plays one bill as planned, with all its noise; answers how much of it failed: webhooks that nobody answered, and one more
 * where the app was answered in another way than planned, after which the bill is left as it stands.
 */
export const createPlay = ({ send, playApp, journal, clock, random, logger, stopping }: PlayOptions) => {
  /** A waiting step may begin early when the process stops: the bill ends the same. */
  const waitUntil = async (atMs: number): Promise<void> => {
    while (!stopping() && clock.now() < atMs) await sleep(clock, Math.min(waitSliceMs, atMs - clock.now()));
  };

  return async (plan: AppPlan): Promise<number> => {
    const { partnerId, billNo, ending, steps, expected, noise } = plan;
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
    const sendStep = async ({ manner, notices, notBeforeMs }: Step): Promise<void> => {
      if (notBeforeMs !== undefined) await waitUntil(notBeforeMs);
      if (manner === 'parallel') await Promise.all(notices.map(sendNotice));
      else for (const notice of manner === 'in order' ? notices : random.shuffled(notices)) await sendNotice(notice);
    };
    const playAppStep = playApp?.(plan);
    let wrong = 0;
    /** Whether the bill can go on; where the process stops nothing is wrong. */
    const isDone = async (step: AppStep): Promise<boolean> => {
      try {
        if (!playAppStep) throw new Error('there is no app');
        await playAppStep(step);
        return true;
      } catch (error) {
        if (error === stoppedWaiting) return false;
        wrong += 1;
        const reason = error instanceof Error ? error.message : String(error);
        logger.error('a bill is left as it stands', { billNo, ending, doing: step.does, reason });
        return false;
      }
    };

    const notices = webhookSteps(steps).flatMap((step) =>
      step.notices.map(({ noticeId, body }) => ({ noticeId, bodySha256: sha256(body) })),
    );
    await journal.record({ kind: 'plan', ending, partnerId, billNo, notices, expected });
    for (const notice of noise.bad) outcomes.push(send({ notice, partnerId, billNo, role: 'bad', fault: notice.fault }));
    for (const step of steps) {
      if (!isAppStep(step)) await sendStep(step);
      else if (!(await isDone(step))) break;
    }
    return wrong + (await Promise.all(outcomes)).filter((outcome) => outcome === 'unknown').length;
  };
};

export type Play = ReturnType<typeof createPlay>;
