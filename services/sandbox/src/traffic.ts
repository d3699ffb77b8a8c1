import { type Clock, type Logger, sleep } from '@scenefi/kernel';
import type { SandboxConfig } from './config.ts';
import { plannedEndings, someEnding } from './endings.ts';
import type { Journal } from './journal.ts';
import type { Partner } from './partners.ts';
import { type Plan, planBill } from './plan.ts';
import { createPlay } from './play.ts';
import { seededRandom } from './seeded-random.ts';
import type { Send } from './sender.ts';
import type { PlannedNotice } from './told-bill.ts';

export type TrafficOptions = {
  config: SandboxConfig;
  run: string;
  partners: readonly Partner[];
  send: Send;
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

const hoursOldOf = ({ noise, partnerId, billNo }: Plan): HoursOld[] => noise.hoursOld.map((notice) => ({ notice, partnerId, billNo }));

const planning = ({ config, run, partners, clock }: TrafficOptions) => {
  const { SEED: seed, DUE_SOON_MS: dueSoonMs } = config;
  return (index: number, ending: string, nowMs = clock.now()): Plan => {
    const { partnerId, name: schoolName } = seededRandom(seed, index, 3).pick(partners);
    return planBill(seed, ending, { run, index, partnerId, schoolName, nowMs, dueSoonMs });
  };
};

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

/** Sends a planned set once, then hours-old repeats; answers how many webhooks nobody answered. */
export const sendOnce = async (options: TrafficOptions): Promise<number> => {
  const { config, clock, logger, send, stopping } = options;
  const random = seededRandom(config.SEED, 0);
  const names = plannedEndings(random, config.BILLS);
  const play = createPlay({ ...options, random });
  const plan = planning(options);
  const nowMs = clock.now();
  const hoursOld: HoursOld[] = [];
  let done = 0;
  logger.info('sending bills', { bills: names.length, seed: config.SEED, run: options.run });
  const unanswered = await sumOver(names, { atOnce: billsAtOnceMax, stopping }, async (ending, index) => {
    const planned = plan(index, ending, nowMs);
    const answer = await play(planned);
    hoursOld.push(...hoursOldOf(planned));
    done += 1;
    if (done % Math.ceil(names.length / progressSteps) === 0) logger.info('bills sent', { done, bills: names.length });
    return answer;
  });
  const unansweredRepeats = await sumOver(hoursOld, { atOnce: config.IN_FLIGHT_MAX, stopping }, async (old) =>
    (await send({ ...old, role: 'repeat' })) === 'unknown' ? 1 : 0,
  );
  logger.info(stopping() ? 'stopped before every bill was sent' : 'all bills sent', {
    bills: names.length,
    hoursOldRepeats: hoursOld.length,
    unanswered: unanswered + unansweredRepeats,
  });
  return unanswered + unansweredRepeats;
};

/** Begins bills at an even pace until it is told to stop, then finishes those that are under way. */
export const sendSteadily = async (options: TrafficOptions): Promise<number> => {
  const { config, clock, logger, send, stopping } = options;
  const play = createPlay({ ...options, random: seededRandom(config.SEED, 0) });
  const plan = planning(options);
  const active = new Set<Promise<void>>();
  const remembered: HoursOld[] = [];
  let unanswered = 0;

  const follow = (work: Promise<void>): void => {
    const settled = work.finally(() => active.delete(settled));
    active.add(settled);
  };
  const repeatOld = async (old: HoursOld): Promise<void> => {
    if ((await send({ ...old, role: 'repeat' })) === 'unknown') unanswered += 1;
  };
  const playOne = async (planned: Plan): Promise<void> => {
    unanswered += await play(planned);
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
    follow(playOne(plan(index, someEnding(seededRandom(config.SEED, index, 4)))));
  }
  while (active.size > 0) await Promise.all(active);
  return unanswered;
};
