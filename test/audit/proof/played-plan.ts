import { createHash } from 'node:crypto';
import { type AppStep, isAppStep } from '../../../services/sandbox/src/app-steps.ts';
import { appEndings } from '../../../services/sandbox/src/endings.ts';
import { type AppPlan, planAppBill, planBill } from '../../../services/sandbox/src/plan.ts';
import type { SeededRandom } from '../../../services/sandbox/src/seeded-random.ts';
import type { PlannedNotice } from '../../../services/sandbox/src/told-bill.ts';
import { partners } from './in-memory-services.ts';

export type Posting = { does: 'post'; notice: PlannedNotice; role: 'plan' | 'repeat' };
export type Action = Posting | AppStep;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Numbers = { seed: number; run: string; index: number; nowMs: number };

/** The plan of a bill, of any of the sandbox's endings. */
export const planOf = (ending: string, { seed, ...rest }: Numbers): AppPlan => {
  const numbers = { ...rest, dueSoonMs: 4_000 };
  if (Object.hasOwn(appEndings, ending)) return planAppBill(seed, ending, { ...numbers, partners });
  const { partnerId, name: schoolName } = partners[rest.index % partners.length]!;
  return planBill(seed, ending, { ...numbers, partnerId, schoolName });
};

/** One order that the manner of each step allows, with copies at once and stragglers some notices later. */
export const actionsOf = ({ steps, noise }: AppPlan, random: SeededRandom): Action[] => {
  const actions: Action[] = [];
  for (const step of steps) {
    if (isAppStep(step)) {
      actions.push(step);
      continue;
    }
    const { manner, notices } = step;
    for (const notice of manner === 'in order' ? notices : random.shuffled(notices)) {
      const copies = Math.min(noise.copies.get(notice) ?? 1, 4);
      for (let copy = 0; copy < copies; copy += 1) actions.push({ does: 'post', notice, role: copy === 0 ? 'plan' : 'repeat' });
    }
  }
  for (const notice of noise.stragglers) {
    const first = actions.findIndex((action) => action.does === 'post' && action.notice === notice);
    actions.splice(random.between(first + 1, actions.length), 0, { does: 'post', notice, role: 'repeat' });
  }
  return actions;
};
