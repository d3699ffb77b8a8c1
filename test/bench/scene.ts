import { randomBytes } from 'node:crypto';
import type { Engines } from '../../scripts/engines/index.ts';
import { type Backlog, type BacklogOptions, openBacklog } from './backlog.ts';
import type { WriteOrder, WriteReport } from './bare/bulk-writes.ts';
import type { Child, Children } from './children.ts';
import { residentMb, type Speed, speedLines } from './measure.ts';
import { issuedNotice, type Notice, paidNotice } from './notices.ts';
import { partitions } from './our-services.ts';
import type { TimeSplit } from './time-split.ts';
import { noticeUnit } from './units.ts';

const goal = 0.5;

const numbered = (count: number, notice: (index: number) => Notice): Notice[] => Array.from({ length: count }, (_, index) => notice(index));

/** What a round sends, and which bills it leaves behind: some new, some changed a second time. */
type Round = { notices: Notice[]; order: WriteOrder };

const newBills = (run: string, count: number): Round => ({
  notices: numbered(count, (index) => issuedNotice(run, index)),
  order: { created: run },
});

const mixedBills = (run: string, before: string, count: number): Round => ({
  notices: numbered(count / 2, (index) => issuedNotice(run, index)).flatMap((issued, index) => [issued, paidNotice(before, index)]),
  order: { created: run, changed: before },
});

/** Database and topic must hold exactly what was sent. */
const consume = async (backlog: Backlog, { notices, order }: Round): Promise<Speed> => {
  const factsBefore = await backlog.count('campus.bill.v1');
  const speed = await backlog.workOff('campus', notices.map(noticeUnit));
  const bills = backlog.rows('campus', 'bills');
  const billsOf = (run: string, rev: number): Promise<number> => bills.countDocuments({ 'state.terms.title': run, rev });
  const facts = (await backlog.count('campus.bill.v1')) - factsBefore;
  const created = await billsOf(order.created, 1);
  const changed = order.changed === undefined ? 0 : await billsOf(order.changed, 2);
  if (facts !== notices.length || created + changed !== notices.length)
    throw new Error(`${notices.length} notices became ${created} new bills, ${changed} changed ones and ${facts} facts`);
  return speed;
};

const writeBare = async (bare: Child, { notices, order }: Round): Promise<Speed> => {
  const { documents, seconds, cpuMicros } = await bare.ask<WriteReport>(order);
  if (documents !== notices.length) throw new Error(`the bare loop wrote ${documents} documents for ${notices.length} notices`);
  return { perSecond: documents / seconds, cpuPerMessage: cpuMicros / documents, rssMb: residentMb(bare.pid) };
};

/** Calls overlap over partitions, so the parts are told as shares of the time that batches were in hand. */
const splitLine = (split: TimeSplit): string => {
  const total = split.batch?.ms ?? Number.NaN;
  const part = (kind: string): string => {
    const { ms = 0, calls = 0 } = split[kind] ?? {};
    return `${kind} ${Math.round((ms / total) * 100)} % (${calls} × ${(ms / Math.max(1, calls)).toFixed(1)} ms)`;
  };
  const waiting = ['parked heads', 'find', 'write', 'commit'];
  const rest = 1 - waiting.reduce((sum, kind) => sum + (split[kind]?.ms ?? 0), 0) / total;
  const shares = `of the time with a batch: ${waiting.map(part).join(', ')}`;
  return `${shares}; reading, deciding, publishing ${Math.round(rest * 100)} %, in it ${part('produce')}`;
};

/** A scene's consumer against raw bulk writes of the documents that it wrote itself. Answers the report as lines. */
export const benchScene = async (engines: Engines, children: Children, options: BacklogOptions): Promise<string[]> => {
  const { rounds, say } = options;
  const messages = options.messages - (options.messages % 2);
  const backlog = await openBacklog({
    engines,
    children,
    service: 'campus',
    env: { ID_KEY: randomBytes(32).toString('hex') },
    nodeArgs: ['--import', './test/bench/time-split.ts', ...options.nodeArgs],
  });
  const bare = children.start({
    name: 'bulk-writes',
    script: 'test/bench/bare/bulk-writes.ts',
    env: {
      MONGO_URL: engines.mongo.address,
      SOURCE_DATABASE: backlog.databaseOf('campus'),
      DATABASE: backlog.databaseOf('bare'),
      LANES: String(partitions),
    },
  });
  const kinds = {
    'new bills': { campus: [] as Speed[], bulkWrite: [] as Speed[] },
    'half changed': { campus: [] as Speed[], bulkWrite: [] as Speed[] },
  };
  try {
    await bare.ask(undefined);
    const seed = newBills('mixed-0', messages / 2);
    await consume(backlog, seed);
    await writeBare(bare, seed);
    await backlog.child.ask<TimeSplit>({});
    for (let round = 1; round <= rounds; round += 1) {
      const work = {
        'new bills': newBills(`new-${round}`, messages),
        'half changed': mixedBills(`mixed-${round}`, `mixed-${round - 1}`, messages),
      };
      for (const kind of ['new bills', 'half changed'] as const) {
        const campus = await consume(backlog, work[kind]);
        const bulkWrite = await writeBare(bare, work[kind]);
        kinds[kind].campus.push(campus);
        kinds[kind].bulkWrite.push(bulkWrite);
        say(`round ${round}, ${kind}: campus ${Math.round(campus.perSecond)}/s, bulkWrite ${Math.round(bulkWrite.perSecond)}/s`);
      }
    }
    const split = await backlog.child.ask<TimeSplit>({});
    return [
      `${rounds} rounds of ${messages} messages on ${partitions} partitions; median (lowest–highest)`,
      ...Object.entries(kinds).flatMap(([kind, sides]) => speedLines({ kind, unit: 'message', sides, goal })),
      splitLine(split),
    ];
  } finally {
    await backlog.close();
  }
};
