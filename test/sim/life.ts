import type { Clock } from '@scenefi/kernel';
import { numberOf } from './chance.ts';
import type { Fault, Side, World } from './world.ts';

/** Does something outside and answers, now or later. */
export type Deed<Answer> = (answer: (answer: Answer) => void, fail: (error: Error) => void) => void;

export type Call<Answer> = {
  side: Side;
  what: string;
  deed: Deed<Answer>;
  /** Does only half of it; a client that takes this for the whole answers something, one that does not is told of an outage. */
  half?: () => Answer | undefined;
  possible: readonly Fault[];
  /** How much more often than another call of its side it fails. */
  weight?: number;
  /** What the caller sees of an outage. */
  outage: () => Error;
};

/** One life of one process, from its start to its crash. What it waits for when it dies never comes. */
export type Life = {
  /** `campus-1`. */
  readonly process: string;
  /** `campus-1.3` for the third life. */
  readonly name: string;
  alive(): boolean;
  end(): void;
  /** Everything that reaches this process waits until then, as if it had been stopped. */
  stall(untilMs: number): void;
  readonly clock: Clock;
  /** A call to something outside: the one place where a process waits, and so where it can be overtaken, fail or die. */
  call<Answer>(call: Call<Answer>): Promise<Answer>;
};

/** How long after its caller gave up a call may still be done. */
const lateMsMax: Readonly<Record<Side, number>> = { database: 1_500, broker: 1_500, bank: 2_500, school: 1_500, http: 1 };

/** So long after a fault the next one is more likely, and by so much. */
const burstMs = 500;
const burstWeight = 6;

export type LifeOptions = { world: World; process: string; number: number; skewMs: number; crashed: () => void };

export const createLife = ({ world, process, number, skewMs, crashed }: LifeOptions): Life => {
  const { scheduler } = world;
  const name = `${process}.${number}`;
  let alive = true;
  let stalledUntil = 0;
  const own = numberOf(name);
  const struckAt = new Map<Side, number>();
  let calls = 0;

  const crash = (why: string): void => {
    if (!alive) return;
    alive = false;
    world.say(() => `${name} CRASHES ${why}`);
    crashed();
  };

  /** Brings something to this process, unless it is dead by then; later where it is stalled. */
  const reach = (atMs: number, run: () => void): (() => void) =>
    scheduler.at(atMs, () => {
      if (!alive) return;
      if (scheduler.now() < stalledUntil) reach(stalledUntil, run);
      else run();
    });

  const call: Life['call'] = ({ side, what, deed, half, possible, weight = 1, outage }) => {
    calls += 1;
    const id = `${name} ${side} ${calls}`;
    // Trouble seldom comes alone: who was struck a moment ago is likely to be struck again.
    const isBurst = scheduler.now() - (struckAt.get(side) ?? Number.NEGATIVE_INFINITY) < burstMs;
    const fault = world.faultOf(side, id, what, possible, isBurst ? Math.max(weight, burstWeight) : weight);
    if (fault) struckAt.set(side, scheduler.now());
    const there = 1 + Math.floor(world.chance(own, calls, 1) * 4);
    const back = 1 + Math.floor(world.chance(own, calls, 2) * 4);
    return new Promise((resolve, reject) => {
      const now = scheduler.now();
      const fail = (error: Error, inMs: number): void => void reach(scheduler.now() + inMs, () => reject(error));
      const deaf = (atMs: number): void =>
        void scheduler.at(atMs, () =>
          deed(
            () => undefined,
            () => undefined,
          ),
        );
      switch (fault) {
        case 'away':
          return fail(outage(), world.between(1, 400, id, 'away'));
        case 'half': {
          let answer: ReturnType<NonNullable<typeof half>>;
          scheduler.at(now + there, () => {
            answer = half?.();
          });
          const toldIn = world.between(5, 400, id, 'half');
          return void reach(now + toldIn, () => (answer === undefined ? reject(outage()) : resolve(answer)));
        }
        case 'answer-lost':
          deaf(now + there);
          return fail(outage(), world.between(5, 600, id, 'lost'));
        case 'late': {
          const toldIn = world.between(5, 300, id, 'late');
          deaf(now + toldIn + world.between(1, lateMsMax[side], id, 'later'));
          return fail(outage(), toldIn);
        }
        case 'crash-before':
          return void scheduler.at(now + there, () => crash(`before ${what}`));
        case 'crash-after':
          deaf(now + there);
          return void scheduler.at(now + there + 1, () => crash(`after ${what}`));
        default: {
          const slow = fault === 'slow' ? world.between(200, 1_500, id, 'slow') : 0;
          if (fault === 'doubled') deaf(now + there);
          scheduler.at(now + there + slow + (fault === 'doubled' ? back : 0), () =>
            deed(
              (answer) => void reach(scheduler.now() + back, () => resolve(answer)),
              (error) => fail(error, back),
            ),
          );
        }
      }
    });
  };

  return {
    process,
    name,
    alive: () => alive,
    end: () => {
      alive = false;
    },
    stall: (untilMs) => {
      stalledUntil = Math.max(stalledUntil, untilMs);
    },
    clock: { now: () => scheduler.now() + skewMs, after: (delayMs, run) => reach(scheduler.now() + delayMs, run) },
    call,
  };
};
