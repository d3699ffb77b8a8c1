import { parseArgs } from 'node:util';
import { yuan } from '@scenefi/kernel';
import { z } from 'zod';
import { runCommand, Usage } from './operator/access.ts';
import { type Decision, paymentsDesk, type QueueItem } from './operator/payments.ts';

const usage = `npm run payments -- queue
npm run payments -- show <paymentId>
npm run payments -- resolve <paymentId> --outcome <outcome> --by <name> --reason <text> [--refund <refundNo>] [--account <accountNo>]

queue              outcomes
debit-unknown      failed, debited
write-off-overdue  reverse, written-off
credit-unknown     credited, returned
refund-unknown     credited, returned
refund-returned    credit-other-account, credited
disputed           reverse-stands, written-off-stands
in-suspense        give-back, owed-to-partner

An outcome that moves money is done when a second person says the same.`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const minuteMs = 60_000;

const lineOf = ({ paymentId, queue, refundNo, about, amountFen, ageMs, asked, proposal }: QueueItem): string =>
  [
    queue.padEnd(17),
    paymentId,
    ...(refundNo === undefined ? [] : [`refund ${refundNo}`]),
    `${yuan(amountFen)} yuan`,
    about.partnerId,
    `waits ${Math.floor(ageMs / minuteMs)} min`,
    ...(asked ? [`asked ${asked.attempts} times, again at ${asked.againAt}`] : []),
    ...(proposal ? [`${proposal.by} proposes ${proposal.outcome}: ${proposal.reason}`] : []),
  ].join('  ');

const Resolved = z.object({ stage: z.string(), queue: z.array(z.object({ proposal: z.object({ by: z.string() }).optional() })) });

const flags = {
  outcome: { type: 'string' },
  by: { type: 'string' },
  reason: { type: 'string' },
  refund: { type: 'string' },
  account: { type: 'string' },
} as const;

const decisionOf = (values: Partial<Record<keyof typeof flags, string>>): Decision => {
  const { outcome, by, reason, refund, account } = values;
  if (!outcome || !by || !reason) throw new Usage(usage);
  return {
    outcome,
    by,
    reason,
    ...(refund !== undefined && { refundNo: refund }),
    ...(account !== undefined && { accountNo: account }),
  };
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: flags });
  const [action, paymentId] = positionals;
  if (action === 'queue') {
    const items = await paymentsDesk().queue();
    for (const item of items) print(lineOf(item));
    if (items.length === 0) print('no payment waits for people');
    return;
  }
  if (!paymentId) throw new Usage(usage);
  if (action === 'show') print(JSON.stringify(await paymentsDesk().show(paymentId), null, 2));
  else if (action === 'resolve') {
    const decision = decisionOf(values);
    const { stage, queue } = Resolved.parse(await paymentsDesk().resolve(paymentId, decision));
    const proposed = queue.some(({ proposal }) => proposal?.by === decision.by);
    print(proposed ? `proposed by ${decision.by}; another person has to confirm it` : `resolved; the payment is ${stage}`);
  } else throw new Usage(usage);
});
