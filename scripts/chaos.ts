import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { aboutMutant, mutants, runMutant } from '../test/chaos/mutants.ts';
import { isRight, summaryOf, tableOf } from '../test/chaos/report.ts';
import { runChaos } from '../test/chaos/run.ts';
import { type Kind, kinds } from '../test/chaos/schedule.ts';
import { EngineError } from './engines/index.ts';

const usage =
  'npm run chaos -- [--minutes N] [--seed S] [--brokers 3|1] [--rate PER_SECOND] [--app SHARE] [--only KIND,…] [--mutant NAME] [--json]';

class UsageError extends Error {}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const numberIn = (name: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (text.trim() === '' || !(number >= min && number <= max))
    throw new UsageError(`--${name} wants a number from ${min} to ${max}: ${usage}`);
  return number;
};

const wholeIn = (name: string, text: string, min: number, max: number): number => {
  const number = numberIn(name, text, min, max);
  if (!Number.isInteger(number)) throw new UsageError(`--${name} wants a whole number: ${usage}`);
  return number;
};

const kindsIn = (text: string): Kind[] =>
  text.split(',').map((name) => {
    if (!(name in kinds)) throw new UsageError(`there is no fault "${name}"; there are: ${Object.keys(kinds).join(', ')}`);
    return name as Kind;
  });

const valuesOf = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        brokers: { type: 'string', default: '3' },
        rate: { type: 'string', default: '8' },
        app: { type: 'string', default: '0.1' },
        only: { type: 'string' },
        mutant: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('\n')[0]} Usage: ${usage}`);
  }
};

const readOptions = (args: string[]) => {
  const { minutes, seed, brokers, rate, app, only, mutant, json } = valuesOf(args);
  if (brokers !== '1' && brokers !== '3') throw new UsageError(`--brokers is 3 or 1: ${usage}`);
  if (mutant !== undefined && !mutants().includes(mutant))
    throw new UsageError(`there is no mutant "${mutant}"; there are: ${mutants().join(', ')}`);
  return {
    minutes: numberIn('minutes', minutes, 0.5, 600),
    seed: wholeIn('seed', seed, 0, 2 ** 31 - 1),
    brokers: Number(brokers),
    ratePerSecond: numberIn('rate', rate, 0.1, 1_000),
    appShare: numberIn('app', app, 0, 1),
    ...(only !== undefined && { only: kindsIn(only) }),
    mutant,
    json,
  };
};

const main = async (): Promise<number> => {
  const args = process.argv.slice(2);
  const { mutant, json, ...options } = readOptions(args);
  const stop = new AbortController();
  for (const kind of ['SIGINT', 'SIGTERM'] as const) {
    process.on(kind, () => {
      say(`${kind}: stopping everything`);
      stop.abort();
    });
  }
  if (mutant !== undefined) {
    say(`${mutant}: ${aboutMutant(mutant)}`);
    const rest = args.filter((arg, index) => !arg.startsWith('--mutant') && args[index - 1] !== '--mutant');
    const code = await runMutant(mutant, rest, stop.signal);
    say(code === 1 ? `the mutant ${mutant} was caught` : `the mutant ${mutant} ended with ${code}`);
    return code;
  }
  const outcome = await runChaos({ ...options, say, signal: stop.signal });
  const table = tableOf(outcome);
  if (json) {
    for (const line of table) say(line);
    process.stdout.write(`${JSON.stringify(summaryOf(outcome))}\n`);
  } else process.stdout.write(`${table.join('\n')}\n`);
  return isRight(outcome) ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  const { name, stack, message } = error as Error;
  if (name === 'AbortError') process.exitCode = 130;
  else {
    // What a user can mend is one sentence and says nothing about scenefi; whatever else ends a run is a failure of it.
    const mendable = error instanceof EngineError || error instanceof UsageError;
    say(mendable ? message : (stack ?? message));
    process.exitCode = mendable ? 2 : 1;
  }
}
// Whatever still holds the event loop (a client's timer) must not hold the command.
await sleep(100);
process.exit();
