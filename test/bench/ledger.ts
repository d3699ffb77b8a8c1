import { isDeepStrictEqual } from 'node:util';
import type { Engines } from '../../scripts/engines/index.ts';
import { type Backlog, type BacklogOptions, openBacklog } from './backlog.ts';
import type { PostReport } from './bare/ledger-writes.ts';
import type { Child, Children } from './children.ts';
import { loadAverage } from './costs.ts';
import { residentMb, type Speed, speedLines, spread } from './measure.ts';
import { partitions } from './our-services.ts';
import { bookedPayments } from './payment-facts.ts';

const goal = 0.7;

/** Every fact must stand in the database as one entry, and as many on the ledger's own topic. */
const post = async (backlog: Backlog, run: string, messages: number): Promise<Speed> => {
  const entries = backlog.rows('ledger', 'entries');
  const counts = async (): Promise<[facts: number, entries: number]> => [
    await backlog.count('ledger.entry.v1'),
    await entries.countDocuments(),
  ];
  const before = await counts();
  const speed = await backlog.workOff('ledger', bookedPayments(run, messages));
  const after = await counts();
  const [facts, documents] = after.map((count, index) => count - before[index]!);
  if (facts !== messages || documents !== messages)
    throw new Error(`${messages} facts of payments became ${documents} entries and ${facts} facts of the ledger`);
  return speed;
};

type Bare = Speed & { entriesPerSlice: number; sharesPerSlice: number };

/** The same entries must come to the same balances. */
const postBare = async (backlog: Backlog, bare: Child, messages: number): Promise<Bare> => {
  const { entries, slices, shares, seconds, cpuMicros } = await bare.ask<PostReport>({});
  if (entries !== messages) throw new Error(`the bare loop wrote ${entries} entries for ${messages} facts`);
  const [ours, theirs] = await Promise.all(
    ['ledger', 'bare'].map((database) => backlog.rows(database, 'balances').find().sort({ _id: 1 }).toArray()),
  );
  if (!isDeepStrictEqual(ours, theirs)) throw new Error('the bare loop came to other balances');
  return {
    perSecond: entries / seconds,
    cpuPerMessage: cpuMicros / entries,
    rssMb: residentMb(bare.pid),
    entriesPerSlice: entries / slices,
    sharesPerSlice: shares / slices,
  };
};

/** The ledger's consumer against the raw transactions that write the same entries and balances, slice by slice. */
export const benchLedger = async (engines: Engines, children: Children, options: BacklogOptions) => {
  const { rounds, nodeArgs, say } = options;
  const messages = 4 * Math.ceil(options.messages / 4);
  const backlog = await openBacklog({ engines, children, service: 'ledger', nodeArgs });
  const bare = children.start({
    name: 'ledger-writes',
    script: 'test/bench/bare/ledger-writes.ts',
    env: {
      MONGO_URL: engines.mongo.address,
      SOURCE_DATABASE: backlog.databaseOf('ledger'),
      DATABASE: backlog.databaseOf('bare'),
      PARTITIONS: String(partitions),
    },
  });
  const ledger: Speed[] = [];
  const transactions: Bare[] = [];
  try {
    await bare.ask(undefined);
    for (let round = 0; round <= rounds; round += 1) {
      const ours = await post(backlog, `run-${round}`, messages);
      const raw = await postBare(backlog, bare, messages);
      // The first round warms both.
      if (round === 0) continue;
      ledger.push(ours);
      transactions.push(raw);
      say(`round ${round}: ledger ${Math.round(ours.perSecond)}/s, transactions ${Math.round(raw.perSecond)}/s`);
    }
    const perSlice = (of: 'entriesPerSlice' | 'sharesPerSlice'): string => spread(transactions.map((raw) => raw[of]));
    return {
      lines: [
        `${rounds} rounds of ${messages} facts on ${partitions} partitions; median (lowest–highest); load average ${loadAverage()}`,
        ...speedLines({ kind: 'facts of payments', unit: 'message', sides: { ledger, transactions }, goal }),
        `one transaction of either side: ${perSlice('entriesPerSlice')} entries, ${perSlice('sharesPerSlice')} shares of balances`,
      ],
      figures: { ledger, transactions },
    };
  } finally {
    await backlog.close();
  }
};
