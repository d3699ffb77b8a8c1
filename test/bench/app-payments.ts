import mongoose from 'mongoose';
import type { Engines } from '../../scripts/engines/index.ts';
import type { AppOrder, AppReport, Times } from './app-load.ts';
import type { Children } from './children.ts';
import { enginePids, loadAverage, startCosts } from './costs.ts';
import { openAdmin } from './kafka.ts';
import { tableOf } from './measure.ts';
import { partnerId, startOurServices } from './our-services.ts';

export type AppPaymentsOptions = { seconds: number; dataDir: string; nodeArgs: readonly string[]; say: (line: string) => void };

const customers = 200;
const billsOfEachMax = 100;
/** More than this machine has ever settled, so that the bills last. */
const preparedPerSecond = 100;
const underWay = 128;
const rampSeconds = 3;
const warmUpSeconds = 8;
/** The debit and the settlement. */
const entriesOfEach = 2;

const timesRow = (name: string, { p50Ms, p99Ms }: Times): string[] => [name, String(Math.round(p50Ms)), String(Math.round(p99Ms))];

/** Payments of the app: gateway, lease, debit at the simulated bank, the school's write-off, ledger. */
export const benchAppPayments = async (engines: Engines, children: Children, options: AppPaymentsOptions) => {
  const { seconds, dataDir, nodeArgs, say } = options;
  const brokers = engines.kafka.address;
  const admin = await openAdmin(brokers);
  const connection = await mongoose.createConnection(engines.mongo.address).asPromise();
  try {
    const ours = await startOurServices({ engines, children, dataDir, nodeArgs });
    const { namespace, secret, portOf, urlOf, databaseOf } = ours;
    const generator = children.start({ name: 'app-load', script: 'test/bench/app-load.ts', env: {} });
    const order: Omit<AppOrder, 'phase'> = {
      run: 'app',
      port: portOf('ingress'),
      partnerId,
      secret,
      brokers,
      paymentsTopic: `${namespace}payments.payment.v1`,
      entriesTopic: `${namespace}ledger.entry.v1`,
      gatewayUrl: urlOf('gateway'),
      worldUrl: urlOf('sandbox-world'),
      customers,
      billsOfEach: Math.min(billsOfEachMax, Math.ceil((preparedPerSecond * (warmUpSeconds + seconds)) / customers)),
      seconds,
      rampSeconds,
      underWay,
    };
    const ordered = async <Answer>(phase: AppOrder['phase'], lasting = seconds): Promise<Answer> => {
      const answer = await generator.ask<Answer & { error?: string }>({ ...order, phase, seconds: lasting });
      if (answer.error !== undefined) throw new Error(`the load generator: ${answer.error}`);
      return answer;
    };
    const { bills } = await ordered<{ bills: number }>('prepare');
    const warm = await ordered<AppReport>('pay', warmUpSeconds);
    say(`${customers} customers with ${bills} bills pay for ${seconds} s, load average ${loadAverage()}`);
    const pids = Object.fromEntries([...ours.children].map(([name, { pid }]) => [name, pid]));
    const costsOfNow = startCosts({ ...pids, ...enginePids(dataDir), generator: generator.pid });
    const report = await ordered<AppReport>('pay');
    const costs = costsOfNow();
    const database = (service: string) => connection.getClient().db(databaseOf(service));
    const entries = await database('ledger').collection('entries').countDocuments();
    const settled = await database('payments').collection('payments').countDocuments({ 'state.status': 'settled' });
    // A fact may be published twice, and is then the same fact; an entry stands once.
    const repeated = (await admin.count(order.entriesTopic)) - entries;
    const payments = warm.payments + report.payments;
    if (entries !== payments * entriesOfEach || settled !== payments || repeated < 0)
      throw new Error(`${payments} payments became ${settled} settled ones and ${entries} entries, ${repeated} more on the topic`);
    const rows = Object.entries(costs).map(([name, { cpuMicros, rssMb }]) => [
      name,
      String(Math.round(cpuMicros / report.payments)),
      String(Math.round(rssMb)),
    ]);
    const lines = [
      `payments in the app, ${underWay} under way: ${report.payments} in ${report.seconds.toFixed(1)} s, ` +
        `${report.perSecond.toFixed(1)}/s settled; load average ${loadAverage()}`,
      ...tableOf([
        ['from the request', 'p50 ms', 'p99 ms'],
        timesRow('until it is answered', report.answered),
        timesRow('until the account is debited', report.debited),
        timesRow('until it is settled in the ledger', report.settled),
      ]),
      ...tableOf([['process', 'CPU µs/payment', 'RSS MB'], ...rows]),
    ];
    return { lines, figures: { ...report, repeated, costs } };
  } finally {
    await connection.close();
    await admin.close();
  }
};
