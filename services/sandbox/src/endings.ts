import { earlyEndings } from './endings-early.ts';
import { paidEndings } from './endings-paid.ts';
import { refusedEndings } from './endings-refused.ts';
import { unpaidEndings } from './endings-unpaid.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Ending } from './told-bill.ts';

/** Every way a bill can end. */
export const endings: Readonly<Record<string, Ending>> = { ...unpaidEndings, ...earlyEndings, ...paidEndings, ...refusedEndings };

export const endingNames = Object.keys(endings);

/** What schools mostly see; every other ending comes once where these come so often. */
const weights: Readonly<Record<string, number>> = {
  'paid-by-aggregated-qr': 40,
  'paid-at-counter': 25,
  'paid-choice': 15,
  'paid-in-cash': 8,
  issued: 8,
  'paid-as-amended': 6,
  voided: 4,
  'paid-otherwise': 4,
};

const timesEach = 2;
const billsMin = 200;

const bag = endingNames.flatMap((name) => Array.from({ length: weights[name] ?? 1 }, () => name));

/** An ending by chance, normal payments most often. */
export const someEnding = (random: SeededRandom): string => random.pick(bag);

/** The endings of a planned set: each at least twice, the rest by weight, in an order that the seed decides. */
export const plannedEndings = (random: SeededRandom, bills: number): string[] => {
  const sure = endingNames.flatMap((name) => Array.from({ length: timesEach }, () => name));
  const rest = Math.max(bills, billsMin, sure.length) - sure.length;
  return random.shuffled([...sure, ...Array.from({ length: rest }, () => someEnding(random))]);
};
