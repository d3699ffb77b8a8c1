import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../services/sandbox/src/seeded-random.ts';
import { faults, type Scene } from './faults.ts';
import { kinds, type Planned } from './schedule.ts';

export type Done = { kind: Planned['kind']; beganMs: number; tookMs: number; to: string };

type Parts = Omit<Scene, 'random'> & { planned: readonly Planned[]; say: (line: string) => void };

/** Does the planned faults at their times. Two that touch the same thing wait for each other; all others overlap as they come. */
export const unleash = async ({ planned, say, ...scene }: Parts): Promise<Done[]> => {
  const startedMs = performance.now();
  const lanes = new Map<string, Promise<void>>();
  const done: Done[] = [];
  const doOne = async ({ kind, seed }: Planned): Promise<void> => {
    const beganMs = performance.now() - startedMs;
    say(`${Math.round(beganMs / 1000)} s: ${kind}`);
    const to = await faults[kind]({ ...scene, random: seededRandom(seed) });
    const tookMs = performance.now() - startedMs - beganMs;
    say(`${Math.round((beganMs + tookMs) / 1000)} s: ${kind} is over (${to})`);
    done.push({ kind, beganMs, tookMs, to });
  };
  for (const one of planned) {
    const waitMs = one.atMs - (performance.now() - startedMs);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: scene.signal });
    const { lane } = kinds[one.kind];
    const before = lanes.get(lane) ?? Promise.resolve();
    const next = before.then(() => doOne(one));
    // Whether it failed is asked for at the end; until then nobody may be told of an unhandled rejection.
    next.catch(() => undefined);
    lanes.set(lane, next);
  }
  await Promise.all(lanes.values());
  return done;
};
