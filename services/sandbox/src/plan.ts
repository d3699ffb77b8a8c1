import { endings } from './endings.ts';
import { createNoise, type Noise } from './noise.ts';
import { seededRandom } from './seeded-random.ts';
import { type PlanNumbers, type Told, tellBill } from './told-bill.ts';

/** One bill from its first webhook to its end, and what is done to disturb it. */
export type Plan = Told & { ending: string; partnerId: string; billNo: string; noise: Noise };

/** The same seed and numbers give the same plan, whatever was planned before. */
export const planBill = (seed: number, ending: string, numbers: PlanNumbers): Plan => {
  const tell = endings[ending];
  if (!tell) throw new RangeError('no ending has this name');
  const bill = tellBill(seededRandom(seed, numbers.index, 1), numbers);
  const told = tell(bill);
  const { partnerId, index } = numbers;
  const about = { partnerId, billNo: bill.billNo, index, steps: told.steps, nowMs: numbers.nowMs };
  return { ...told, ending, partnerId, billNo: bill.billNo, noise: createNoise(seededRandom(seed, index, 2), about) };
};
