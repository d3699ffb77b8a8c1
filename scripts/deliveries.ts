import { parseArgs } from 'node:util';
import { runCommand, Usage } from './operator/access.ts';
import { type Deliveries, openDeliveries } from './operator/deliveries.ts';

const usage = `npm run deliveries -- list [--partner P] [--status waiting|taken|given-up] [--after <cursor>]
npm run deliveries -- show <id>
npm run deliveries -- replay <id>
npm run deliveries -- replay --partner P --from 2026-09-01T00:00:00+08:00 --to 2026-09-02T00:00:00+08:00
npm run deliveries -- partners
npm run deliveries -- resume <partner>`;

type Flags = Partial<Record<'partner' | 'status' | 'after' | 'from' | 'to', string>>;
type Call = { deliveries: Deliveries; about: string | undefined; flags: Flags };

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const named = (about: string | undefined): string => {
  if (!about) throw new Usage(usage);
  return about;
};

const actions: Record<string, (call: Call) => Promise<void>> = {
  list: async ({ deliveries, flags: { partner, status, after } }) => {
    const filter = { ...(partner && { partnerId: partner }), ...(status && { status }), ...(after && { after }) };
    const { deliveries: page, next } = await deliveries.list(filter);
    for (const { deliveryId, partnerId, status: stands, telling, timestamp, tries, lastStatus, due } of page) {
      const last = lastStatus === undefined ? [] : [`${lastStatus} in try ${tries}`];
      print([deliveryId, partnerId, stands.padEnd(8), telling, timestamp, ...last, ...(due ? [`next ${due}`] : [])].join('  '));
    }
    if (page.length === 0) print('no deliveries');
    if (next) print(`more: --after ${next}`);
  },
  show: async ({ deliveries, about }) => print(JSON.stringify(await deliveries.show(named(about)), null, 2)),
  replay: async ({ deliveries, about, flags: { partner, from, to } }) => {
    if (!about && !(partner && from && to)) throw new Usage(usage);
    const replayed =
      partner && from && to ? await deliveries.replayRange({ partnerId: partner, from, to }) : await deliveries.replay(named(about));
    print(`${replayed} ${replayed === 1 ? 'delivery goes' : 'deliveries go'} out again, under the same webhook-ids`);
  },
  partners: async ({ deliveries }) => {
    const partners = await deliveries.partners();
    for (const { partnerId, waiting, failures, pausedSince, nextProbeAt } of partners) {
      const pause = pausedSince ? [`paused since ${pausedSince}`, `next probe ${nextProbeAt}`] : [];
      print([partnerId.padEnd(24), `${waiting} waiting`, `${failures} failures in a row`, ...pause].join('  '));
    }
    if (partners.length === 0) print('nothing waits and nobody fails');
  },
  resume: async ({ deliveries, about }) => {
    const mailboxes = await deliveries.resume(named(about));
    print(`${about} is tried at once; ${mailboxes} ${mailboxes === 1 ? 'mailbox goes' : 'mailboxes go'} on`);
  },
};

await runCommand(async () => {
  const text = { type: 'string' } as const;
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: { partner: text, status: text, after: text, from: text, to: text },
  });
  const [name, about] = positionals;
  const action = name === undefined ? undefined : actions[name];
  if (!action) throw new Usage(usage);
  await action({ deliveries: openDeliveries(), about, flags });
});
