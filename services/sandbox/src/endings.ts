import { appPaidEndings } from './endings-app.ts';
import { appBesideEndings } from './endings-app-beside.ts';
import { appRefusedEndings } from './endings-app-refused.ts';
import { appReversedEndings } from './endings-app-reversed.ts';
import { earlyEndings } from './endings-early.ts';
import { paidEndings } from './endings-paid.ts';
import { refundEndings } from './endings-refunds.ts';
import { refusedEndings } from './endings-refused.ts';
import { unpaidEndings } from './endings-unpaid.ts';
import type { Partner } from './partners.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { AppEnding } from './told-app-bill.ts';
import type { Ending } from './told-bill.ts';

/** Every way a bill can end that only its school has to do with. */
export const endings: Readonly<Record<string, Ending>> = { ...unpaidEndings, ...earlyEndings, ...paidEndings, ...refusedEndings };

export const endingNames = Object.keys(endings);

/** Every way a bill can end that the app, a cash desk or the core bank plays a part in. */
export const appEndings: Readonly<Record<string, AppEnding>> = {
  ...appPaidEndings,
  ...appRefusedEndings,
  ...appReversedEndings,
  ...appBesideEndings,
  ...refundEndings,
};

/** Those that can be played with these schools: some need one whose contract says that silence is answered by a reversal. */
export const appEndingNames = (partners: readonly Partner[]): string[] =>
  Object.entries(appEndings)
    .filter(([, { wants }]) => wants === undefined || partners.some(({ onSilence }) => onSilence === wants))
    .map(([name]) => name);

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

const timesOf = (names: readonly string[], times: (name: string) => number): string[] =>
  names.flatMap((name) => Array.from({ length: times(name) }, () => name));

const bag = timesOf(endingNames, (name) => weights[name] ?? 1);

/** An ending by chance, normal payments most often. */
export const someEnding = (random: SeededRandom): string => random.pick(bag);

const appWeights: Readonly<Record<string, number>> = {
  'app-paid': 40,
  'app-paid-choice': 15,
  'refunded-whole': 3,
  // Would be asked for until people end it, and traffic that never ends has no people.
  'app-debit-never-answered': 0,
};

/** The same for the app, among endings that can be played. */
export const someAppEnding = (random: SeededRandom, names: readonly string[]): string =>
  random.pick(timesOf(names, (name) => appWeights[name] ?? 1));

/** The endings of a planned set: each at least twice, the rest by weight, in an order that the seed decides. */
export const plannedEndings = (random: SeededRandom, bills: number): string[] => {
  const sure = timesOf(endingNames, () => timesEach);
  const rest = Math.max(bills, billsMin, sure.length) - sure.length;
  return random.shuffled([...sure, ...Array.from({ length: rest }, () => someEnding(random))]);
};

/** The endings of the app in a planned set: each as often as every other one at least comes. */
export const plannedAppEndings = (random: SeededRandom, names: readonly string[]): string[] =>
  random.shuffled(timesOf(names, () => timesEach));
