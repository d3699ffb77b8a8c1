import { setTimeout as sleep } from 'node:timers/promises';
import { yuan } from '@scenefi/kernel';
import type { Engines } from '../engines/index.ts';
import { type Address, type Snapshot, takeSnapshot } from './watch.ts';

const counts = (states: Record<string, number>): string =>
  Object.entries(states)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([state, count]) => `${state} ${count}`)
    .join(' · ') || 'none yet';

const lines = ({ bills, payments, lag, parked, queue, waitingLetters, ledger }: Snapshot): string[] => [
  `bills     ${counts(bills)}`,
  `payments  ${counts(payments)}`,
  `ledger    ${ledger.entries} entries, sum ${yuan(ledger.sumFen)} yuan, ${ledger.balanced ? 'balanced' : 'NOT BALANCED'}`,
  `open      for people ${queue} · for schools ${waitingLetters} · lag ${lag} · parked ${parked}`,
];

export type PictureParts = { addresses: readonly Address[]; token: string; engines: Engines; dataDir: string };

const heading = ({ addresses, engines, dataDir }: PictureParts): string =>
  [
    '',
    'scenefi is running; Ctrl-C stops it.',
    `  Kafka         ${engines.kafka.address}  ${engines.kafka.about}`,
    `  MongoDB       ${engines.mongo.address}  ${engines.mongo.about}`,
    ...addresses.map(({ name, url }) => `  ${name.padEnd(13)} ${url}  Swagger UI ${url}/docs`),
    `  The internal token stands in ${dataDir}/secrets.json, logs in ${dataDir}/logs.`,
    '',
    '',
  ].join('\n');

/** A short live picture: redrawn in a terminal, a line every ten seconds elsewhere. Never resolves. */
export const showPicture = async (parts: PictureParts): Promise<never> => {
  process.stdout.write(heading(parts));
  const redraw = process.stdout.isTTY;
  let drawn = 0;
  for (;;) {
    try {
      const picture = lines(await takeSnapshot(parts.addresses, parts.token));
      if (redraw) process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${picture.map((line) => `\x1b[2K${line}\n`).join('')}`);
      else process.stdout.write(`${picture.join(' | ')}\n`);
      drawn = picture.length;
    } catch {
      // A service is being started again; the next picture shows it.
    }
    await sleep(redraw ? 1_000 : 10_000);
  }
};
