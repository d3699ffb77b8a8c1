import { expect, test } from 'vitest';
import { entryOf, postingRules } from '../src/posting.ts';

type Payment = Parameters<typeof entryOf>[3];
type Fact = 'payments.payment.recorded' | 'payments.payment.reversed';

const payment: Payment = {
  paymentId: `pay_${'a'.repeat(26)}`,
  about: { scene: 'campus', partnerId: 'school-a', payableId: `bill_${'a'.repeat(26)}` },
  status: 'recorded',
  channel: 'counter',
  allocation: 'payable',
  amountFen: 150,
  reversedFen: 0,
  reference: 'P1',
  paidAt: '2026-08-31T00:00:00.000Z',
};
const at = '2026-09-01T00:00:00.000Z';

/** The books, written by hand: which fact, through which channel, for whom, moves what. Debit is positive. */
const rules: Record<Fact, Record<Payment['channel'], Record<Payment['allocation'], string>>> = {
  'payments.payment.recorded': {
    counter: {
      payable: 'clearing:counter +150, payable:school-a -150',
      suspense: 'clearing:counter +150, suspense:school-a -150',
    },
    'aggregated-qr': {
      payable: 'clearing:aggregated-qr +150, payable:school-a -150',
      suspense: 'clearing:aggregated-qr +150, suspense:school-a -150',
    },
    cash: {
      payable: 'clearing:cash +150, payable:school-a -150',
      suspense: 'clearing:cash +150, suspense:school-a -150',
    },
    other: {
      payable: 'clearing:other +150, payable:school-a -150',
      suspense: 'clearing:other +150, suspense:school-a -150',
    },
  },
  'payments.payment.reversed': {
    counter: {
      payable: 'payable:school-a +150, clearing:counter -150',
      suspense: 'suspense:school-a +150, clearing:counter -150',
    },
    'aggregated-qr': {
      payable: 'payable:school-a +150, clearing:aggregated-qr -150',
      suspense: 'suspense:school-a +150, clearing:aggregated-qr -150',
    },
    cash: {
      payable: 'payable:school-a +150, clearing:cash -150',
      suspense: 'suspense:school-a +150, clearing:cash -150',
    },
    other: {
      payable: 'payable:school-a +150, clearing:other -150',
      suspense: 'suspense:school-a +150, clearing:other -150',
    },
  },
};

const cells = Object.entries(rules).flatMap(([fact, channels]) =>
  Object.entries(channels).flatMap(([channel, allocations]) =>
    Object.entries(allocations).map(([allocation, legs]) => ({ fact: fact as Fact, channel, allocation, legs })),
  ),
);

test('the ledger has a rule for every fact of the table and for no other', () => {
  expect(Object.keys(postingRules).sort()).toEqual(Object.keys(rules).sort());
  expect(() => entryOf('payments.payment.settled', 'x:1', at, payment)).toThrow('no posting rule');
});

test.each(cells)('$fact by $channel for $allocation moves what the books say', ({ fact, channel, allocation, legs }) => {
  const entry = entryOf(fact, 'x:1', at, { ...payment, channel: channel as Payment['channel'], allocation: allocation as 'payable' });
  expect(entry.legs.map(({ account, amountFen }) => `${account} ${amountFen < 0 ? '-' : '+'}${Math.abs(amountFen)}`).join(', ')).toBe(legs);
  expect(entry.legs.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(0);
});

test('a reversal mirrors its recording, account by account', () => {
  const legsOf = (fact: Fact) => new Map(entryOf(fact, 'x:1', at, payment).legs.map(({ account, amountFen }) => [account, amountFen]));
  const back = legsOf('payments.payment.reversed');
  for (const [account, amountFen] of legsOf('payments.payment.recorded')) expect(back.get(account)).toBe(-amountFen);
});

test('an entry says which payment it is for, and why', () => {
  const { paymentId, about } = payment;
  expect(entryOf('payments.payment.recorded', `${paymentId}:1`, at, payment)).toMatchObject({
    paymentId,
    about,
    reason: 'recorded',
    postedFor: `${paymentId}:1`,
  });
  expect(entryOf('payments.payment.reversed', `${paymentId}:2`, at, payment).reason).toBe('reversed');
});

test('the same fact has the same entry, another fact another one', () => {
  const idOf = (factId: string) => entryOf('payments.payment.recorded', factId, at, payment).entryId;
  expect(idOf('x:1')).toBe(idOf('x:1'));
  expect(idOf('x:1')).not.toBe(idOf('x:2'));
});

test.each([
  ['2026-08-31T15:59:59.999Z', '2026-08-31'],
  ['2026-08-31T16:00:00.000Z', '2026-09-01'],
  ['2026-12-31T16:00:00.000Z', '2027-01-01'],
])('the business day of %s is %s in Shanghai', (time, day) => {
  expect(entryOf('payments.payment.recorded', 'x:1', time, payment).businessDay).toBe(day);
});

test.each([
  ['an allocation', { allocation: 'escrow' }],
  ['a channel', { channel: 'Mini_Program' }],
])('%s that the accounts do not know is shown before anything is written', (_what, fields) => {
  expect(() => entryOf('payments.payment.recorded', 'x:1', at, { ...payment, ...fields } as Payment)).toThrow();
});
