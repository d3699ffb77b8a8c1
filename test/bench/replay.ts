import { setTimeout as sleep } from 'node:timers/promises';
import type { Unit } from '@scenefi/engine';
import type { Engines } from '../../scripts/engines/index.ts';
import { type Backlog, type BacklogOptions, openBacklog } from './backlog.ts';
import { billedFact, paidElsewhereFact } from './bill-facts.ts';
import type { Children } from './children.ts';
import { loadAverage } from './costs.ts';
import { cpuMicroseconds, median, residentMb, type Speed, speedLines, spread } from './measure.ts';
import { partitions } from './our-services.ts';

const goals = { ratio: 2.5, million: 5 } as const;
const topic = 'campus.bill.v1';
const rebuildSecondsMax = 300;
const million = 1_000_000;
/** Nobody asks for anything but the views. It is looked often whether they are built, so that the end of a short rebuild is seen. */
const nowhere = 'http://127.0.0.1:9';
const env = { PAYMENTS_URL: nowhere, PROFILES_URL: nowhere, JWKS_URL: nowhere, ISSUER: nowhere, VIEWS_POLL_MS: '100' };

/** The facts of a round: half tell new bills, half that those of the round before were paid. */
const factsOf = (round: number, messages: number): Unit[] =>
  Array.from({ length: messages / 2 }, (_, index) => [
    billedFact(`run-${round}`, index),
    ...(round === 0 ? [] : [paidElsewhereFact(`run-${round - 1}`, index)]),
  ]).flat();

/** After a round one half of it stands at its first version, all that came before at its second. */
const checkViews = async (backlog: Backlog, generation: number, round: number, messages: number): Promise<void> => {
  const bills = backlog.rows(`gateway-g${generation}`, 'bills');
  const [events, all, first] = [
    await backlog.count(topic),
    await bills.countDocuments(),
    await bills.countDocuments({ 'state.version': 1 }),
  ];
  const half = messages / 2;
  if (events !== half + round * messages || all !== half * (round + 1) || first !== half)
    throw new Error(`generation ${generation} shows ${all} bills of ${events} facts, ${first} of them as they were issued`);
};

type Rebuilt = Speed & { events: number; openingSeconds: number };

const beginRebuild = async ({ url, token }: Backlog): Promise<number> => {
  const response = await fetch(`${url}/internal/views/rebuild`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 202) throw new Error(`the gateway answered ${response.status} to a rebuild`);
  return ((await response.json()) as { building: number }).building;
};

/** Timed until the new generation is read: in the database, since asking the gateway for sizes again and again would cost it something. */
const rebuild = async (backlog: Backlog): Promise<Rebuilt> => {
  const { child, rows, count } = backlog;
  const events = await count(topic);
  const cpuBefore = cpuMicroseconds(child.pid);
  const startedAt = performance.now();
  const passed = (): number => (performance.now() - startedAt) / 1000;
  const wanted = await beginRebuild(backlog);
  const [pointer, bills] = [rows('gateway', 'views'), rows(`gateway-g${wanted}`, 'bills')];
  let openingSeconds: number | undefined;
  while (!(await pointer.findOne({ generation: wanted }))) {
    if (openingSeconds === undefined && (await bills.findOne())) openingSeconds = passed();
    if (passed() > rebuildSecondsMax) throw new Error(`the views were not built anew in ${rebuildSecondsMax} s`);
    await sleep(50);
  }
  const seconds = passed();
  const cpuPerMessage = (cpuMicroseconds(child.pid) - cpuBefore) / events;
  return { perSecond: events / seconds, cpuPerMessage, rssMb: residentMb(child.pid), events, openingSeconds: openingSeconds ?? seconds };
};

const millionLine = (rebuilds: readonly Rebuilt[]): string => {
  const minutes = million / median(rebuilds.map(({ perSecond }) => perSecond)) / 60;
  const verdict = minutes <= goals.million ? 'met' : 'MISSED';
  return `an extrapolation, not run: 1 M events in ${minutes.toFixed(1)} min at this rate, goal ≤ ${goals.million}: ${verdict}`;
};

/** Building the gateway's views anew from the first fact on, against hearing the same facts live: the same handlers, once more. */
export const benchReplay = async (engines: Engines, children: Children, options: BacklogOptions) => {
  const { rounds, nodeArgs, say } = options;
  const messages = 2 * Math.ceil(options.messages / 2);
  const backlog = await openBacklog({ engines, children, service: 'gateway', env, nodeArgs });
  const lives: Speed[] = [];
  const rebuilds: Rebuilt[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      // Every rebuild is the next generation, and the one that hears the next facts live.
      const generation = round + 1;
      const live = await backlog.workOff(`gateway-g${generation}`, factsOf(round, messages));
      await checkViews(backlog, generation, round, messages);
      const anew = await rebuild(backlog);
      await checkViews(backlog, generation + 1, round, messages);
      // The first round warms both.
      if (round === 0) continue;
      lives.push(live);
      rebuilds.push(anew);
      say(`round ${round}: live ${Math.round(live.perSecond)}/s, ${anew.events} events anew at ${Math.round(anew.perSecond)}/s`);
    }
    const [fewest, most] = [rebuilds[0]!.events, rebuilds.at(-1)!.events];
    return {
      lines: [
        `${rounds} rounds of ${messages} facts on ${partitions} partitions heard live, then all ${fewest}–${most} there are heard anew; ` +
          `median (lowest–highest); load average ${loadAverage()}`,
        ...speedLines({ kind: 'facts of bills', unit: 'event', sides: { rebuild: rebuilds, live: lives }, goal: goals.ratio }),
        `of a rebuild ${spread(rebuilds.map(({ openingSeconds }) => openingSeconds))} s pass before the first bill stands`,
        millionLine(rebuilds),
      ],
      figures: { rebuild: rebuilds, live: lives },
    };
  } finally {
    await backlog.close();
  }
};
