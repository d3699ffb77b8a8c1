import { type AnyStep, webhookSteps } from './app-steps.ts';
import { appEndings, endings } from './endings.ts';
import { createNoise, type Noise } from './noise.ts';
import type { Partner } from './partners.ts';
import { seededRandom } from './seeded-random.ts';
import { tellAppBill } from './told-app-bill.ts';
import { type PlanNumbers, type Step, type Told, tellBill } from './told-bill.ts';

/** One bill from its first webhook to its end, and what is done to disturb it. */
export type Plan<Steps = Step> = Told<Steps> & { ending: string; partnerId: string; billNo: string; noise: Noise };

/** One that the app plays a part in. */
export type AppPlan = Plan<AnyStep>;

const planOf = <Steps extends AnyStep>(
  seed: number,
  ending: string,
  { partnerId, index, nowMs }: PlanNumbers,
  billNo: string,
  told: Told<Steps>,
): Plan<Steps> => {
  const about = { partnerId, billNo, index, steps: webhookSteps(told.steps), nowMs };
  return { ...told, ending, partnerId, billNo, noise: createNoise(seededRandom(seed, index, 2), about) };
};

/** The same seed and numbers give the same plan, whatever was planned before. */
export const planBill = (seed: number, ending: string, numbers: PlanNumbers): Plan => {
  const tell = endings[ending];
  if (!tell) throw new RangeError('no ending has this name');
  const bill = tellBill(seededRandom(seed, numbers.index, 1), numbers);
  return planOf(seed, ending, numbers, bill.billNo, tell(bill));
};

type AppNumbers = Omit<PlanNumbers, 'partnerId' | 'schoolName' | 'word' | 'studentNo'> & { partners: readonly Partner[] };

/** As above; the school is one whose contract says of silence what the ending needs. Throws a RangeError where there is none. */
export const planAppBill = (seed: number, ending: string, { partners, ...numbers }: AppNumbers): AppPlan => {
  const found = appEndings[ending];
  if (!found) throw new RangeError('no ending of the app has this name');
  const { word, wants, tell } = found;
  const fitting = partners.filter(({ onSilence }) => wants === undefined || wants === onSilence);
  const { partnerId, name: schoolName } = seededRandom(seed, numbers.index, 3).pick(fitting);
  const ofSchool = { ...numbers, partnerId, schoolName, ...(word !== undefined && { word }) };
  const bill = tellAppBill(seededRandom(seed, numbers.index, 1), ofSchool);
  return planOf(seed, ending, ofSchool, bill.billNo, tell(bill));
};
