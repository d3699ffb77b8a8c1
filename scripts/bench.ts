import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { benchAppPayments } from '../test/bench/app-payments.ts';
import { type Children, createChildren } from '../test/bench/children.ts';
import { benchConsume } from '../test/bench/consume.ts';
import { benchFootprint } from '../test/bench/footprint.ts';
import { benchIngress } from '../test/bench/ingress.ts';
import { benchLedger } from '../test/bench/ledger.ts';
import { benchPipeline } from '../test/bench/pipeline.ts';
import { benchReplay } from '../test/bench/replay.ts';
import { benchScene } from '../test/bench/scene.ts';
import { acquireEngines, EngineError, type Engines } from './engines/index.ts';

const dataDir = process.env.BENCH_DATA_DIR ?? join('.data', 'bench');
const usage =
  'npm run bench -- ingress|consume|scene|ledger|pipeline|replay|app|footprint [--rounds N] [--requests N] [--messages N] [--seconds N] ' +
  '[--json] [--cpu-prof FOLDER]';

class UsageError extends Error {}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const wholeNumber = (name: string, text: string, max: number): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > max)
    throw new UsageError(`--${name} wants a whole number up to ${max}: ${usage}`);
  return number;
};

type Report = { lines: string[]; figures?: object };
type Options = Parameters<typeof benchIngress>[2] & Parameters<typeof benchScene>[2] & Parameters<typeof benchPipeline>[2];
type Bench = (engines: Engines, children: Children, options: Options) => Promise<Report>;

const benches: Record<string, Bench> = {
  ingress: benchIngress,
  consume: benchConsume,
  scene: async (...parts) => ({ lines: await benchScene(...parts) }),
  ledger: benchLedger,
  replay: benchReplay,
  /** Webhooks to the ledger, then payments in the app. */
  pipeline: async (engines, children, options) => {
    const webhooks = await benchPipeline(engines, children, options);
    await children.stop();
    const app = await benchAppPayments(engines, children, options);
    return { lines: [...webhooks.lines, '', ...app.lines], figures: { webhooks: webhooks.figures, app: app.figures } };
  },
  app: benchAppPayments,
  footprint: benchFootprint,
};

const readOptions = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        requests: { type: 'string', default: '8000' },
        messages: { type: 'string', default: '20000' },
        seconds: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
        'cpu-prof': { type: 'string' },
      },
    });
    const [what = '', ...more] = positionals;
    const bench = benches[what];
    if (!bench || more.length > 0) throw new UsageError(usage);
    const folder = values['cpu-prof'];
    return {
      bench,
      json: values.json,
      rounds: wholeNumber('rounds', values.rounds, 100),
      requests: wholeNumber('requests', values.requests, 200_000),
      messages: wholeNumber('messages', values.messages, 500_000),
      seconds: wholeNumber('seconds', values.seconds, 3_600),
      nodeArgs: folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`],
      dataDir,
      say,
    };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${(error as Error).message}: ${usage}`);
  }
};

const explain = (error: unknown): string => {
  if (error instanceof EngineError || error instanceof UsageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

const stop = new AbortController();

const main = async (): Promise<void> => {
  const { bench, json, ...options } = readOptions();
  const interrupted = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(new Error('interrupted')));
  });
  interrupted.catch(() => undefined);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  const engines = await acquireEngines({ dataDir, say, signal: stop.signal });
  const taken = { kafka: engines.kafka.about, mongo: engines.mongo.about };
  say(`Kafka: ${taken.kafka}; MongoDB: ${taken.mongo}`);
  const children = createChildren(join(dataDir, 'logs'));
  try {
    const { lines, figures = {} } = await Promise.race([bench(engines, children, options), interrupted]);
    process.stdout.write(`${lines.join('\n')}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ engines: taken, ...figures })}\n`);
  } finally {
    await children.stop();
    await engines.stop();
  }
  // Docker keeps its data elsewhere; what is here would only be in the way of the next run.
  if (!existsSync(join(dataDir, 'compose-project'))) rmSync(dataDir, { recursive: true, force: true });
};

try {
  await main();
} catch (error) {
  say(stop.signal.aborted ? 'stopped before the end' : explain(error));
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
// Whatever still holds the event loop (a client's timer) must not hold the command.
await sleep(100);
process.exit();
