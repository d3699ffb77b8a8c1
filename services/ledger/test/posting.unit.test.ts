import { expect, test } from 'vitest';
import { bookedFacts, entryOf, postingRules } from '../src/posting.ts';

type Payment = Parameters<typeof entryOf>[3];

const about = { scene: 'campus', partnerId: 'school-a', payableId: `bill_${'a'.repeat(26)}` };
const customerId = `cus_${'c'.repeat(26)}` as const;
const at = '2026-09-01T00:00:00.000Z';

const payment: Payment = {
  paymentId: `pay_${'a'.repeat(26)}`,
  about,
  channel: 'counter',
  allocation: 'payable',
  amountFen: 150,
  reversedFen: 0,
  reference: 'P1',
  paidAt: '2026-08-31T00:00:00.000Z',
};
const inApp: Payment = { paymentId: payment.paymentId, about, channel: 'app', amountFen: 150, reversedFen: 0, customerId };
const refund = { refundNo: 'R1', amountFen: 40, reason: 'moved away' };

const through = (channel: Payment['channel'], allocation: 'payable' | 'suspense'): Payment => ({ ...payment, channel, allocation });

/** The books, written by hand: which fact of which payment moves what. Debit is positive. */
const books: [fact: string, what: string, payment: Payment, legs: string][] = [
  ['recorded', 'counter, payable', through('counter', 'payable'), 'clearing:counter +150, payable:school-a -150'],
  ['recorded', 'counter, suspense', through('counter', 'suspense'), 'clearing:counter +150, suspense:school-a -150'],
  ['recorded', 'QR, payable', through('aggregated-qr', 'payable'), 'clearing:aggregated-qr +150, payable:school-a -150'],
  ['recorded', 'QR, suspense', through('aggregated-qr', 'suspense'), 'clearing:aggregated-qr +150, suspense:school-a -150'],
  ['allocated', 'counter', through('counter', 'payable'), 'suspense:school-a +150, payable:school-a -150'],
  ['allocated', 'QR, 40 refunded before', { ...payment, refundedFen: 40 }, 'suspense:school-a +110, payable:school-a -110'],
  ['reversed', 'counter, payable', through('counter', 'payable'), 'payable:school-a +150, clearing:counter -150'],
  ['reversed', 'counter, suspense', through('counter', 'suspense'), 'suspense:school-a +150, clearing:counter -150'],
  ['reversed', 'QR, payable', through('aggregated-qr', 'payable'), 'payable:school-a +150, clearing:aggregated-qr -150'],
  ['debited', 'app', inApp, 'clearing:customer +150, suspense:school-a -150'],
  ['debited', 'mandate', { ...inApp, channel: 'mandate' }, 'clearing:customer +150, suspense:school-a -150'],
  ['settled', 'app', inApp, 'suspense:school-a +150, payable:school-a -150'],
  ['reversed', 'app', inApp, 'suspense:school-a +150, clearing:customer -150'],
  ['reversed', 'app, refused by the account', { ...inApp, returned: true }, `suspense:school-a +150, returned:${customerId} -150`],
  ['refunded', 'app', { ...inApp, refund }, 'payable:school-a +40, clearing:customer -40'],
  ['refunded', 'counter, payable', { ...payment, refund }, 'payable:school-a +40, clearing:counter -40'],
  ['refunded', 'QR, suspense', { ...through('aggregated-qr', 'suspense'), refund }, 'suspense:school-a +40, clearing:aggregated-qr -40'],
  ['refund-returned', 'app', { ...inApp, refund }, `payable:school-a +40, returned:${customerId} -40`],
  ['refund-returned', 'counter', { ...payment, refund }, 'payable:school-a +40, suspense:school-a -40'],
  ['refund-recredited', 'app', { ...inApp, refund }, `returned:${customerId} +40, clearing:customer -40`],
];

const words = (legs: ReturnType<typeof entryOf>['legs']): string =>
  legs.map(({ account, amountFen }) => `${account} ${amountFen < 0 ? '-' : '+'}${Math.abs(amountFen)}`).join(', ');

test('the ledger has a rule for every fact that moves money and for no other', () => {
  const facts = [...new Set(books.map(([fact]) => `payments.payment.${fact}`))].sort();
  expect(Object.keys(postingRules).sort()).toEqual(facts);
  expect(bookedFacts.map(({ type }) => type).sort()).toEqual(facts);
  expect(() => entryOf('payments.payment.requested', 'x:1', at, payment)).toThrow('no posting rule');
});

test.each(books)('%s (%s) moves what the books say', (fact, _what, moved, legs) => {
  const entry = entryOf(`payments.payment.${fact}`, 'x:1', at, moved);
  expect(words(entry.legs)).toBe(legs);
  expect(entry.legs.reduce((sum, { amountFen }) => sum + amountFen, 0)).toBe(0);
});

/** What a series of facts leaves on the accounts. */
const balancesAfter = (...facts: [fact: string, payment: Payment][]): Record<string, number> => {
  const balances: Record<string, number> = {};
  for (const [index, [fact, moved]] of facts.entries())
    for (const { account, amountFen } of entryOf(`payments.payment.${fact}`, `x:${index}`, at, moved).legs)
      balances[account] = (balances[account] ?? 0) + amountFen;
  return Object.fromEntries(Object.entries(balances).filter(([, fen]) => fen !== 0));
};

test('a payment that was debited and reversed leaves nothing anywhere', () => {
  expect(balancesAfter(['debited', inApp], ['reversed', inApp])).toEqual({});
});

test('a settled payment is owed to the partner, and less what was refunded', () => {
  expect(balancesAfter(['debited', inApp], ['settled', inApp], ['refunded', { ...inApp, refund }])).toEqual({
    'clearing:customer': 110,
    'payable:school-a': -110,
  });
});

test('a refund that its account refused lies under the customer until another account takes it', () => {
  const settled: [string, Payment][] = [
    ['debited', inApp],
    ['settled', inApp],
    ['refund-returned', { ...inApp, refund }],
  ];
  expect(balancesAfter(...settled)[`returned:${customerId}`]).toBe(-40);
  expect(balancesAfter(...settled, ['refund-recredited', { ...inApp, refund }])).toEqual({
    'clearing:customer': 110,
    'payable:school-a': -110,
  });
});

test('what people let the partner have leaves suspense whole, and later refunds and a reversal are taken from the partner', () => {
  const inSuspense = through('counter', 'suspense');
  const refunded: Payment = { ...inSuspense, refundedFen: 40, refund };
  const allocated: Payment = { ...payment, refundedFen: 40 };
  const decided: [string, Payment][] = [
    ['recorded', inSuspense],
    ['refunded', refunded],
    ['allocated', allocated],
  ];
  expect(balancesAfter(...decided)).toEqual({ 'clearing:counter': 110, 'payable:school-a': -110 });
  const rest: Payment = { ...allocated, refundedFen: 150, refund: { ...refund, refundNo: 'R2', amountFen: 110 } };
  expect(balancesAfter(...decided, ['refunded', rest])).toEqual({});
  expect(balancesAfter(['recorded', inSuspense], ['allocated', payment], ['reversed', payment])).toEqual({});
});

test('a refund that was refused before people let the partner have the rest stays in suspense until it is paid out', () => {
  const inSuspense = through('counter', 'suspense');
  const told: [string, Payment][] = [
    ['recorded', inSuspense],
    ['refund-returned', { ...inSuspense, refundedFen: 40, refund }],
    ['allocated', { ...payment, refundedFen: 40 }],
  ];
  expect(balancesAfter(...told)).toEqual({ 'clearing:counter': 150, 'suspense:school-a': -40, 'payable:school-a': -110 });
  const paidOut: [string, Payment] = ['refund-recredited', { ...payment, refundedFen: 40, refund }];
  expect(balancesAfter(...told, paidOut)).toEqual({ 'clearing:counter': 110, 'payable:school-a': -110 });
});

test('an allocation of nothing is shown before anything is written', () => {
  expect(() => entryOf('payments.payment.allocated', 'x:1', at, { ...payment, refundedFen: 150 })).toThrow();
});

test('a reversal mirrors its recording, account by account', () => {
  const legsOf = (fact: string) => new Map(entryOf(fact, 'x:1', at, payment).legs.map(({ account, amountFen }) => [account, amountFen]));
  const back = legsOf('payments.payment.reversed');
  for (const [account, amountFen] of legsOf('payments.payment.recorded')) expect(back.get(account)).toBe(-amountFen);
});

test('an entry says which payment it is for, and why', () => {
  const { paymentId } = payment;
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
