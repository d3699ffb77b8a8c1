import { parseArgs } from 'node:util';
import { audit } from './audit.ts';
import type { Report } from './report.ts';

const usage =
  'node test/audit/main.ts --journal FILE --bank FILE --schools FILE --brokers HOST:PORT,… --mongo URL [--namespace NAME.] [--json]\n';

const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

const textOf = ({ problems, notices, bills, payments, app, refunds, queue, deliveries, ledger, ...report }: Report): string =>
  [
    `notices: ${counted(notices)}`,
    `bills: ${counted(bills)}`,
    `payments from elsewhere: ${counted(payments)}`,
    `payments of the app: ${counted(app)}`,
    `refunds: ${counted(refunds)}`,
    `for people: ${counted(queue)}`,
    `deliveries: ${counted(deliveries)}`,
    `dead letters ${report.deadLetters}, parked ${report.parked}, repeats ${report.repeats}, undetermined ${report.undetermined}`,
    `ledger: ${ledger.entries} entries, sum ${ledger.sumFen} fen, ${ledger.balanced ? 'balanced' : 'NOT BALANCED'}`,
    `lost ${report.lost}, doubled ${report.doubled}`,
    ...problems.map((problem) => `WRONG: ${problem}`),
    report.ok ? 'the books are right' : `${problems.length} things are wrong`,
    '',
  ].join('\n');

const { values } = parseArgs({
  options: {
    journal: { type: 'string' },
    bank: { type: 'string' },
    schools: { type: 'string' },
    brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? '' },
    mongo: { type: 'string', default: process.env.MONGO_URL ?? '' },
    namespace: { type: 'string', default: process.env.NAMESPACE ?? '' },
    json: { type: 'boolean', default: false },
  },
});
const { journal, bank, schools, brokers, mongo, namespace, json } = values;
if (!journal || !bank || !schools || !brokers || !mongo) {
  process.stderr.write(usage);
  process.exit(2);
}
const report = await audit({ brokers, mongoUrl: mongo, namespace, journalFile: journal, bankFile: bank, schoolsFile: schools });
process.stdout.write(json ? `${JSON.stringify(report)}\n` : textOf(report));
process.exitCode = report.ok ? 0 : 1;
