import { type Bank, createBank } from './bank.ts';
import { type Callers, createCallers, type Ended } from './callers.ts';
import { type Cluster, createCluster } from './cluster.ts';
import { busyMs, type Course, type Stimulus } from './course.ts';
import { judgeEnd } from './end.ts';
import { act, strike } from './happen.ts';
import { inWorld } from './network.ts';
import { type Operators, startOperators } from './operators.ts';
import { openMatters } from './rest.ts';
import { createSchools, type Schools } from './school.ts';
import { builds, tables } from './services.ts';
import { type Watched, watch } from './watch.ts';
import { createWorld, type Violation, type World } from './world.ts';

/** What a command of the outside was, and how it ended for its caller. */
export type Told = { stimulus: Stimulus; ended: Ended };

/** Everything that a judge of a run looks at. */
export type Scenery = {
  world: World;
  course: Course;
  cluster: Cluster;
  bank: Bank;
  schools: Schools;
  callers: Callers;
  operators: Operators;
  told: readonly Told[];
};

/** The same, with everything that was seen on the way. */
export type Evidence = Scenery & { watched: Watched };

export type Result = {
  violations: readonly Violation[];
  trace: readonly string[];
  /** The names of the faults that struck, so that the next run can leave some out. */
  struck: readonly string[];
  /** How many faults and blows there were. */
  faults: number;
  events: number;
  facts: number;
  restedMs: number;
};

/** After so long everything has to have come to its end. */
const restMs = 75_000;
const lookMs = 250;
/** Nothing may move for so long where all is said to be at its end. */
const stillMs = 1_200;

/** Plays one course to its end, and judges it. */
export const runCourse = async (
  course: Course,
  { traced = false, only }: { traced?: boolean; only?: ReadonlySet<string> } = {},
): Promise<Result> => {
  const { seed, weather, startMs } = course;
  const world = createWorld({ seed, weather, startMs, calmAtMs: startMs + busyMs + 500, traced, ...(only && { only }) });
  const { scheduler } = world;
  const bank = createBank(world);
  const schools = createSchools(world, course.stimuli, () => callers);
  const cluster = createCluster({ world, builds: builds((parts) => schools.postOf(parts)), tables });
  const callers = createCallers(world, cluster);
  const operators = startOperators(world, cluster, callers);
  const scenery = { world, course, cluster, bank, schools, callers, operators, told: [] as Told[] };
  const watched = watch(scenery);

  return inWorld(world, bank, cluster.lives, async () => {
    cluster.start();
    for (const stimulus of course.stimuli)
      if (world.allows(stimulus.id)) scheduler.at(startMs + stimulus.atMs, () => act(scenery, stimulus));
    for (const blow of course.blows) if (world.allows(blow.id)) scheduler.at(startMs + blow.atMs, () => strike(scenery, blow));

    const stop = (): boolean => world.violations.length > 0;
    await scheduler.run(world.calmAtMs, stop);
    let still = 0;
    let seen = -1;
    while (!stop() && still * lookMs < stillMs && scheduler.now() < startMs + restMs) {
      await scheduler.run(scheduler.now() + lookMs, stop);
      const moved = watched.moves();
      still = moved === seen && openMatters(scenery).length === 0 ? still + 1 : 0;
      seen = moved;
    }
    const restedMs = scheduler.now() - startMs;
    if (!stop()) {
      for (const matter of still * lookMs < stillMs ? openMatters(scenery) : []) world.violate('everything comes to rest', matter);
      if (still * lookMs < stillMs && world.violations.length === 0) world.violate('everything comes to rest', 'something moves for ever');
      judgeEnd({ ...scenery, watched });
    }
    for (const life of cluster.lives.values()) life.end();
    return {
      violations: world.violations,
      trace: world.trace,
      struck: [...course.stimuli, ...course.blows]
        .map(({ id }) => id)
        .filter(world.allows)
        .concat(world.struck),
      faults: world.struck.length + course.blows.filter(({ id }) => world.allows(id)).length,
      events: scheduler.events(),
      facts: watched.facts(),
      restedMs,
    };
  });
};
