import { expect, test } from 'vitest';
import { appEndings, endingNames, plannedAppEndings, plannedEndings } from '../../../services/sandbox/src/endings.ts';
import { seededRandom } from '../../../services/sandbox/src/seeded-random.ts';
import { judge } from '../judge.ts';
import { playInMemory } from './in-memory-run.ts';

/** More rounds find rarer orders; a few keep the suite quick. */
const rounds = Number(process.env.ROUNDS ?? 1);
const timeoutMs = rounds * 20_000;
const billsOfSchools = 8;
const billsOfApp = 3;

const appEndingNames = Object.keys(appEndings);

test.each([
  ...endingNames.map((ending) => ({ ending, bills: billsOfSchools })),
  ...appEndingNames.map((ending) => ({ ending, bills: billsOfApp })),
])(
  'a bill ends as planned in every order and at every pace: $ending',
  async ({ ending, bills }) => {
    for (let chance = 1; chance <= rounds; chance += 1) {
      const { problems } = judge(await playInMemory(new Array(bills).fill(ending), chance));
      expect(problems, `chance ${chance}`).toEqual([]);
    }
  },
  timeoutMs,
);

test(
  'a whole set of bills mixed with each other ends as planned',
  async () => {
    for (let chance = 1; chance <= rounds; chance += 1) {
      const random = seededRandom(chance, 0);
      const report = judge(await playInMemory([...plannedEndings(random, 200), ...plannedAppEndings(random, appEndingNames)], chance));
      expect(report.problems, `chance ${chance}`).toEqual([]);
      expect(report).toMatchObject({ ok: true, lost: 0, doubled: 0, parked: 0, undetermined: 0, ledger: { balanced: true, sumFen: 0 } });
      expect(report.bills).not.toHaveProperty('announced');
      expect(Object.keys(report.bills).sort()).toEqual([
        'amount-differs',
        'closed',
        'debited',
        'disputed',
        'expired',
        'issued',
        'lapsed',
        'leased',
        'overpaid',
        'paid-elsewhere',
        'refunded',
        'written-off',
      ]);
      expect(Object.keys(report.app).sort()).toEqual(['debited', 'disputed', 'failed', 'refused', 'reversed', 'settled', 'stuck']);
      expect(Object.keys(report.refunds).sort()).toEqual(['completed', 'refused', 'returned']);
      expect(Object.keys(report.queue).sort()).toEqual([
        'debit-unknown',
        'disputed',
        'in-suspense',
        'refund-returned',
        'write-off-overdue',
      ]);
      expect(report.deliveries).toMatchObject({ waiting: 0, givenUp: 0 });
    }
  },
  timeoutMs,
);
