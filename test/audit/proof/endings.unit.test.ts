import { expect, test } from 'vitest';
import { endingNames, plannedEndings } from '../../../services/sandbox/src/endings.ts';
import { seededRandom } from '../../../services/sandbox/src/seeded-random.ts';
import { judge } from '../judge.ts';
import { playInMemory } from './in-memory-run.ts';

/** More rounds find rarer orders; a few keep the suite quick. */
const rounds = Number(process.env.ROUNDS ?? 2);
const timeoutMs = rounds * 10_000;

test.each(endingNames)(
  'a bill ends as planned in every order and at every pace: %s',
  async (ending) => {
    for (let chance = 1; chance <= rounds; chance += 1) {
      const { problems } = judge(await playInMemory(new Array(8).fill(ending), chance));
      expect(problems, `chance ${chance}`).toEqual([]);
    }
  },
  timeoutMs,
);

test(
  'a whole set of bills mixed with each other ends as planned',
  async () => {
    for (let chance = 1; chance <= rounds; chance += 1) {
      const report = judge(await playInMemory(plannedEndings(seededRandom(chance, 0), 200), chance));
      expect(report.problems, `chance ${chance}`).toEqual([]);
      expect(report).toMatchObject({ ok: true, lost: 0, doubled: 0, parked: 0, undetermined: 0, ledger: { balanced: true, sumFen: 0 } });
      expect(report.bills).not.toHaveProperty('announced');
      expect(Object.keys(report.bills).sort()).toEqual(
        ['amount-differs', 'closed', 'expired', 'issued', 'lapsed', 'overpaid', 'paid-elsewhere'].sort(),
      );
    }
  },
  timeoutMs,
);
