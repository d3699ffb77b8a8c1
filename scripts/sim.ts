import { parseArgs } from 'node:util';
import { courseOf } from '../test/sim/course.ts';
import { aboutMutant, mutants, runMutant } from '../test/sim/mutants.ts';
import { type Result, runCourse } from '../test/sim/run.ts';
import { runSeedsOnCores } from '../test/sim/seed-workers.ts';
import type { Tally } from '../test/sim/seeds.ts';
import { shrink } from '../test/sim/shrink.ts';

const usage = 'npm run sim -- [--seeds N] [--from N] [--seed S] [--minutes N] [--mutant NAME | --mutants] [--json]';

class UsageError extends Error {}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const whole = (name: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${name} wants a whole number from 1 on: ${usage}`);
  return number;
};

const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '2000' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        mutant: { type: 'string' },
        mutants: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const { seed, minutes, ...rest } = values;
    return {
      ...rest,
      seeds: whole('seeds', values.seeds),
      from: whole('from', values.from),
      ...(seed !== undefined && { seed: whole('seed', seed) }),
      ...(minutes !== undefined && { minutes: whole('minutes', minutes) }),
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${(error as Error).message}: ${usage}`);
  }
};
type Options = ReturnType<typeof readOptions>;

const brokenIn = ({ violations }: Result): string => violations.map(({ invariant, what }) => `BROKEN ${invariant}: ${what}`).join('\n');

/** One seed with everything that happened in it. */
const showSeed = async (seed: number, json: boolean): Promise<boolean> => {
  const { trace, ...result } = await runCourse(courseOf(seed), { traced: true });
  if (json) print(JSON.stringify({ seed, ...result }));
  else for (const line of trace) print(line);
  if (!json)
    print(
      result.violations.length === 0
        ? `seed ${seed} came to rest after ${result.restedMs} ms`
        : `seed ${seed}: ${brokenIn({ trace, ...result })}`,
    );
  return result.violations.length === 0;
};

const tell = async ({ failures }: Tally): Promise<void> => {
  for (const { seed, result } of failures) {
    print(`seed ${seed}: ${brokenIn(result)}`);
    const { result: least, kept, dropped, runs } = await shrink(seed, result);
    print(`\nthe least that breaks it (${dropped} things left out in ${runs} runs):`);
    for (const name of kept) print(`  ${name}`);
    for (const line of least.trace) print(line);
    print(`again: npm run sim -- --seed ${seed}`);
  }
};

/** What this process has worked; on a busy machine that says more than how long it took. */
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};

const runMany = async ({ seeds, from, minutes, json }: Options): Promise<boolean> => {
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  const count = minutes === undefined ? seeds : Number.MAX_SAFE_INTEGER;
  const goOn = (): boolean => minutes === undefined || seconds() < minutes * 60;
  const tally = await runSeedsOnCores({ from, count }, goOn);
  const { failures, ...sums } = tally;
  if (json) {
    const told = failures.map(({ seed, result }) => ({ seed, ...result.violations[0] }));
    print(JSON.stringify({ ...sums, seconds: processorSeconds(), failures: told }));
  } else {
    await tell(tally);
    const { seeds: ran, events, facts, faults } = sums;
    const took = `${seconds().toFixed(1)} s (${processorSeconds().toFixed(1)} s of a processor)`;
    print(`${ran} seeds from ${from} in ${took}: ${events} events, ${facts} facts, ${faults} faults; ${failures.length} failed`);
  }
  return failures.length === 0;
};

/** A mutant must be caught: then the command fails, as it would for the same fault in our own code. */
const tryMutants = (names: readonly string[], { seeds, from }: Options): boolean => {
  let survived = 0;
  for (const name of names) {
    const { seed, invariant, what, seconds, seeds: ran } = runMutant(name, { from, seeds });
    const took = `${ran} seeds, ${seconds.toFixed(1)} s`;
    if (seed === undefined) survived += 1;
    print(
      seed === undefined
        ? `${name.padEnd(34)} SURVIVED ${took}`
        : `${name.padEnd(34)} caught   ${took}, seed ${seed}: ${invariant} (${what})`,
    );
  }
  if (names.length > 1) print(`${names.length - survived} of ${names.length} mutants were caught`);
  return survived > 0;
};

const main = async (): Promise<boolean> => {
  const options = readOptions();
  const { seed, mutant } = options;
  if (mutant !== undefined) {
    if (!mutants().includes(mutant)) throw new UsageError(`there is no mutant ${mutant}; the mutants are ${mutants().join(', ')}`);
    print(aboutMutant(mutant));
    return tryMutants([mutant], options);
  }
  if (options.mutants) return !tryMutants(mutants(), options);
  return seed === undefined ? runMany(options) : showSeed(seed, options.json);
};

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 2;
}
