import { published, scenario } from '@scenefi/testing/scenario';
import { describe, expect, test } from 'vitest';
import type { BillCommand, BillFact } from '../src/bill-state.ts';
import { evolve } from '../src/evolve.ts';
import {
  afterDue,
  amend,
  aYearLater,
  billed,
  canaries,
  changed,
  close,
  closed,
  expired,
  issue,
  judged,
  kept,
  paid,
  pay,
  refused,
  type Status,
  scene,
  voided,
  voidOf,
  wake,
} from './bill-words.ts';

const given = scenario(scene, { at: afterDue });

const past = judged('P0', 102, 'exact');
const exact = judged('P1', 102, 'exact');
const differs = judged('P1', 7, 'amount-differs');
const tooMuch = judged('P1', 102, 'overpaid');

/** A bill at revision 2 that owes 102 fen, whose payment P0 came and went. Its due time has passed. */
const lived = [billed(), changed(1), changed(2), paid(past), voided(past)];

type OfApp = 'leased' | 'debited' | 'reversing' | 'written-off' | 'refunded' | 'disputed';

/** How a bill may stand without the app, and beside it what leads elsewhere because of what the bill is without its payments. */
const rows = {
  announced: [],
  lapsed: [kept(voidOf('P5')), refused(voidOf('P5'), 'CAMPUS_NEVER_IN_TIME')],
  issued: lived,
  closed: [...lived, closed],
  expired: [...lived, expired],
  'paid-elsewhere': [...lived, paid(exact)],
  'amount-differs': [...lived, paid(differs)],
  overpaid: [...lived, paid(judged('P9', 102, 'exact')), paid(tooMuch)],
  'overpaid, else closed': [...lived, closed, paid(tooMuch)],
  'paid-elsewhere, else expired': [...lived, expired, paid(exact)],
} satisfies Record<Exclude<Status, OfApp>, BillFact[]> & Record<string, BillFact[]>;

const commands = {
  Issue: issue(),
  IssueDifferent: issue({ title: 'other' }),
  Amend: amend(3),
  AmendAgain: amend(2),
  AmendReused: amend(2, { dueAt: afterDue }),
  AmendStale: amend(1),
  AmendGap: amend(4),
  Close: close,
  PayExact: pay('P1', 102),
  PayDiffers: pay('P1', 7),
  PaySecond: pay('P2', 102),
  PayVoided: pay('P0', 102),
  VoidKnown: voidOf('P1'),
  VoidAgain: voidOf('P0'),
  VoidUnknown: voidOf('P7'),
  Wake: wake,
} satisfies Record<string, BillCommand>;

type End = Status | `${Status} kept` | `CAMPUS_${string}`;

const early = {
  Issue: 'issued',
  IssueDifferent: 'issued',
  Amend: 'announced kept',
  AmendAgain: 'announced kept',
  AmendReused: 'announced kept',
  AmendStale: 'announced kept',
  AmendGap: 'announced kept',
  Close: 'announced kept',
  PayExact: 'announced kept',
  PayDiffers: 'announced kept',
  PaySecond: 'announced kept',
  PayVoided: 'announced kept',
  VoidKnown: 'announced kept',
  VoidAgain: 'announced kept',
  VoidUnknown: 'announced kept',
} as const;

/** Every state meets every command; a pair that is missing does not compile. Written by hand, not derived from the code. */
const ends: Record<keyof typeof rows, Record<keyof typeof commands, End>> = {
  announced: { ...early, Wake: 'announced' },
  lapsed: { ...early, Wake: 'lapsed' },
  issued: {
    Issue: 'issued',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'issued',
    AmendAgain: 'issued',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'issued',
    AmendGap: 'issued kept',
    Close: 'closed',
    PayExact: 'paid-elsewhere',
    PayDiffers: 'amount-differs',
    PaySecond: 'paid-elsewhere',
    PayVoided: 'issued',
    VoidKnown: 'issued kept',
    VoidAgain: 'issued',
    VoidUnknown: 'issued kept',
    Wake: 'expired',
  },
  closed: {
    Issue: 'closed',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_BILL_CLOSED',
    AmendAgain: 'closed',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'closed',
    AmendGap: 'CAMPUS_BILL_CLOSED',
    Close: 'closed',
    PayExact: 'overpaid',
    PayDiffers: 'overpaid',
    PaySecond: 'overpaid',
    PayVoided: 'closed',
    VoidKnown: 'closed kept',
    VoidAgain: 'closed',
    VoidUnknown: 'closed kept',
    Wake: 'closed',
  },
  expired: {
    Issue: 'expired',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'issued',
    AmendAgain: 'expired',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'expired',
    AmendGap: 'expired kept',
    Close: 'closed',
    PayExact: 'paid-elsewhere',
    PayDiffers: 'amount-differs',
    PaySecond: 'paid-elsewhere',
    PayVoided: 'expired',
    VoidKnown: 'expired kept',
    VoidAgain: 'expired',
    VoidUnknown: 'expired kept',
    Wake: 'expired',
  },
  'paid-elsewhere': {
    Issue: 'paid-elsewhere',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_ALREADY_PAID',
    AmendAgain: 'paid-elsewhere',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'paid-elsewhere',
    AmendGap: 'CAMPUS_ALREADY_PAID',
    Close: 'CAMPUS_ALREADY_PAID',
    PayExact: 'paid-elsewhere',
    PayDiffers: 'CAMPUS_PAYMENT_NO_REUSED',
    PaySecond: 'overpaid',
    PayVoided: 'paid-elsewhere',
    VoidKnown: 'issued',
    VoidAgain: 'paid-elsewhere',
    VoidUnknown: 'paid-elsewhere kept',
    Wake: 'paid-elsewhere',
  },
  'amount-differs': {
    Issue: 'amount-differs',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_ALREADY_PAID',
    AmendAgain: 'amount-differs',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'amount-differs',
    AmendGap: 'CAMPUS_ALREADY_PAID',
    Close: 'CAMPUS_ALREADY_PAID',
    PayExact: 'CAMPUS_PAYMENT_NO_REUSED',
    PayDiffers: 'amount-differs',
    PaySecond: 'overpaid',
    PayVoided: 'amount-differs',
    VoidKnown: 'issued',
    VoidAgain: 'amount-differs',
    VoidUnknown: 'amount-differs kept',
    Wake: 'amount-differs',
  },
  overpaid: {
    Issue: 'overpaid',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_ALREADY_PAID',
    AmendAgain: 'overpaid',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'overpaid',
    AmendGap: 'CAMPUS_ALREADY_PAID',
    Close: 'CAMPUS_ALREADY_PAID',
    PayExact: 'overpaid',
    PayDiffers: 'CAMPUS_PAYMENT_NO_REUSED',
    PaySecond: 'overpaid',
    PayVoided: 'overpaid',
    VoidKnown: 'paid-elsewhere',
    VoidAgain: 'overpaid',
    VoidUnknown: 'overpaid kept',
    Wake: 'overpaid',
  },
  'overpaid, else closed': {
    Issue: 'overpaid',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_ALREADY_PAID',
    AmendAgain: 'overpaid',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'overpaid',
    AmendGap: 'CAMPUS_ALREADY_PAID',
    Close: 'overpaid',
    PayExact: 'overpaid',
    PayDiffers: 'CAMPUS_PAYMENT_NO_REUSED',
    PaySecond: 'overpaid',
    PayVoided: 'overpaid',
    VoidKnown: 'closed',
    VoidAgain: 'overpaid',
    VoidUnknown: 'overpaid kept',
    Wake: 'overpaid',
  },
  'paid-elsewhere, else expired': {
    Issue: 'paid-elsewhere',
    IssueDifferent: 'CAMPUS_ISSUED_DIFFERENTLY',
    Amend: 'CAMPUS_ALREADY_PAID',
    AmendAgain: 'paid-elsewhere',
    AmendReused: 'CAMPUS_REVISION_REUSED',
    AmendStale: 'paid-elsewhere',
    AmendGap: 'CAMPUS_ALREADY_PAID',
    Close: 'CAMPUS_ALREADY_PAID',
    PayExact: 'paid-elsewhere',
    PayDiffers: 'CAMPUS_PAYMENT_NO_REUSED',
    PaySecond: 'overpaid',
    PayVoided: 'paid-elsewhere',
    VoidKnown: 'expired',
    VoidAgain: 'paid-elsewhere',
    VoidUnknown: 'paid-elsewhere kept',
    Wake: 'paid-elsewhere',
  },
};

const pairs = Object.entries(ends).flatMap(([row, cells]) =>
  Object.entries(cells).map(([name, end]) => ({ row: row as keyof typeof rows, name: name as keyof typeof commands, end })),
);

describe.each(pairs)('$row meets $name: $end', ({ row, name, end }) => {
  const before = given(...rows[row]);
  const command = commands[name];

  if (end.startsWith('CAMPUS_')) {
    test('it is refused, however often it comes', () => {
      before.when(command).refused(end);
      before.when(command, aYearLater).refused(end);
    });
    return;
  }

  test('it ends so, and coming again a year later it changes nothing', () => {
    const after = before.when(command).state();
    const keptMore = after.kept.length > before.state.kept.length;
    expect(after.status + (keptMore ? ' kept' : '')).toBe(end);
    expect(scene.decide(command, after, { at: aYearLater })).toEqual([]);
  });

  test('what it publishes keeps its contract and names nobody', () => {
    let state = before.state;
    for (const fact of scene.decide(command, state, { at: afterDue })) {
      state = evolve(state, fact);
      if (scene.contracts[fact.type] === 'private') continue;
      const text = JSON.stringify(published(scene, fact, state, `bill_${'a'.repeat(26)}`));
      for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
    }
  });
});
