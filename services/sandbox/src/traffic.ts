import { type Clock, type Logger, sleep } from '@scenefi/kernel';
import type { SandboxConfig } from './config.ts';
import { appEndingNames, appEndings, plannedAppEndings, plannedEndings, someAppEnding, someEnding } from './endings.ts';
import type { Journal } from './journal.ts';
import type { Partner } from './partners.ts';
import { type AppPlan, planAppBill, planBill } from './plan.ts';
import { createPlay } from './play.ts';
import type { PlayApp } from './play-app.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import type { Send } from './sender.ts';
import type { PlannedNotice } from './told-bill.ts';

export type TrafficOptions = {
  config: SandboxConfig;
  run: string;
  partners: readonly Partner[];
  send: Send;
  /** Absent where there is no app. */
  playApp?: PlayApp;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  stopping: () => boolean;
};

const progressSteps = 5;
/** More bills at once would only wait in line; a waiting one holds no connection. */
const billsAtOnceMax = 500;
const sliceMs = 250;
const rememberedMax = 200;

type HoursOld = { notice: PlannedNotice; partnerId: string; billNo: string };

const hoursOldOf = ({ noise, partnerId, billNo }: AppPlan): HoursOld[] => noise.hoursOld.map((notice) => ({ notice, partnerId, billNo }));

/** One bill of the run to come: how it ends, and whether the app plays a part in it. */
type Job = { ending: string; ofApp: boolean };

const planning = ({ config, run, partners, clock }: TrafficOptions) => {
  const { SEED: seed, DUE_SOON_MS: dueSoonMs } = config;
  return (index: number, { ending, ofApp }: Job, nowMs = clock.now()): AppPlan => {
    const numbers = { run, index, nowMs, dueSoonMs };
    if (ofApp) return planAppBill(seed, ending, { ...numbers, partners });
    const { partnerId, name: schoolName } = seededRandom(seed, index, 3).pick(partners);
    return planBill(seed, ending, { ...numbers, partnerId, schoolName });
  };
};

/** The endings of the app that can be played; which are left out, and why, is told. */
const playableOfApp = ({ playApp, partners, logger }: TrafficOptions): string[] => {
  const names = playApp ? appEndingNames(partners) : [];
  const leftOut = Object.keys(appEndings).filter((name) => !names.includes(name));
  if (!playApp) logger.info('nobody pays in the app, since GATEWAY_URL and WORLD_URL are not given', { leftOut: leftOut.length });
  else if (leftOut.length > 0) logger.info('some endings are left out, since no school has the contract that they need', { leftOut });
  return names;
};

/** Those of the app begin first, since they take longest. */
const plannedJobs = (random: SeededRandom, bills: number, playable: readonly string[]): Job[] => [
  ...plannedAppEndings(random, playable).map((ending) => ({ ending, ofApp: true })),
  ...plannedEndings(random, bills).map((ending) => ({ ending, ofApp: false })),
];

/** Runs the work for every item, so many at a time, and adds up what it answers. */
const sumOver = async <Item>(
  items: readonly Item[],
  { atOnce, stopping }: { atOnce: number; stopping: () => boolean },
  work: (item: Item, index: number) => Promise<number>,
): Promise<number> => {
  let next = 0;
  let sum = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && !stopping()) {
      const index = next;
      next += 1;
      const answer = await work(items[index]!, index);
      sum += answer;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return sum;
};

/** Plays a planned set once, then sends hours-old repeats; answers how much of it failed. */
export const sendOnce = async (options: TrafficOptions): Promise<number> => {
  const { config, clock, logger, send, stopping } = options;
  const random = seededRandom(config.SEED, 0);
  const jobs = plannedJobs(random, config.BILLS, playableOfApp(options));
  const play = createPlay({ ...options, random });
  const plan = planning(options);
  const nowMs = clock.now();
  const hoursOld: HoursOld[] = [];
  let done = 0;
  const bills = jobs.length;
  logger.info('sending bills', { bills, ofApp: jobs.filter(({ ofApp }) => ofApp).length, seed: config.SEED, run: options.run });
  const failed = await sumOver(jobs, { atOnce: billsAtOnceMax, stopping }, async (job, index) => {
    const planned = plan(index, job, nowMs);
    const answer = await play(planned);
    hoursOld.push(...hoursOldOf(planned));
    done += 1;
    if (done % Math.ceil(bills / progressSteps) === 0) logger.info('bills sent', { done, bills });
    return answer;
  });
  const failedRepeats = await sumOver(hoursOld, { atOnce: config.IN_FLIGHT_MAX, stopping }, async (old) =>
    (await send({ ...old, role: 'repeat' })) === 'unknown' ? 1 : 0,
  );
  logger.info(stopping() ? 'stopped before every bill was sent' : 'all bills sent', {
    bills,
    hoursOldRepeats: hoursOld.length,
    failed: failed + failedRepeats,
  });
  return failed + failedRepeats;
};

/** Begins bills at an even pace until it is told to stop, then finishes those that are under way. */
export const sendSteadily = async (options: TrafficOptions): Promise<number> => {
  const { config, clock, logger, send, stopping } = options;
  const play = createPlay({ ...options, random: seededRandom(config.SEED, 0) });
  const plan = planning(options);
  const active = new Set<Promise<void>>();
  const remembered: HoursOld[] = [];
  const playable = playableOfApp(options);
  let failed = 0;

  const someJob = (index: number): Job => {
    const random = seededRandom(config.SEED, index, 4);
    const ofApp = playable.length > 0 && random.happens(config.APP_SHARE);
    return { ending: ofApp ? someAppEnding(random, playable) : someEnding(random), ofApp };
  };

  const follow = (work: Promise<void>): void => {
    const settled = work.finally(() => active.delete(settled));
    active.add(settled);
  };
  const repeatOld = async (old: HoursOld): Promise<void> => {
    if ((await send({ ...old, role: 'repeat' })) === 'unknown') failed += 1;
  };
  const playOne = async (planned: AppPlan): Promise<void> => {
    failed += await play(planned);
    remembered.push(...hoursOldOf(planned));
    if (remembered.length > rememberedMax) follow(repeatOld(remembered.shift()!));
  };

  logger.info('sending bills steadily', { ratePerSecond: config.RATE_PER_SECOND, run: options.run });
  const startedMs = clock.now();
  for (let index = 0; !stopping(); index += 1) {
    const atMs = startedMs + (index * 1_000) / config.RATE_PER_SECOND;
    while (!stopping() && (clock.now() < atMs || active.size >= billsAtOnceMax)) {
      await sleep(clock, Math.max(1, Math.min(sliceMs, atMs - clock.now())));
    }
    if (stopping()) break;
    follow(playOne(plan(index, someJob(index))));
  }
  while (active.size > 0) await Promise.all(active);
  return failed;
};
