import { CampusBill, payables } from '@scenefi/contracts';
import { expect, test } from 'vitest';
import { paymentHandlers } from '../src/handlers.ts';
import { about, later, paymentId } from './payment-words.ts';

const subscriptions = paymentHandlers({ apply: async () => [] });
const aimsOf = (contract: unknown, data: object) =>
  subscriptions.filter((one) => one.contract === contract).flatMap(({ map }) => map({ data } as never));

const of = { ...about, paymentId };

test('the lease of a payment is heard, the lease of a cashier is none of our business', () => {
  const until = later(60_000);
  expect(aimsOf(CampusBill.leased, { leaseId: paymentId, until })).toEqual([{ id: paymentId, command: { type: 'Leased', until } }]);
  expect(aimsOf(CampusBill.leased, { leaseId: `lea_${'a'.repeat(26)}`, until })).toEqual([]);
});

test('why a lease was refused is told with who holds it, where somebody does', () => {
  const held = { holder: 'cashier', until: later(60_000) };
  expect(aimsOf(CampusBill.leaseRefused, { ...of, code: 'CAMPUS_IN_PAYMENT', held })).toEqual([
    { id: paymentId, command: { type: 'LeaseRefused', code: 'CAMPUS_IN_PAYMENT', held } },
  ]);
  expect(aimsOf(CampusBill.leaseRefused, { ...of, code: 'CAMPUS_BILL_CLOSED' })).toEqual([
    { id: paymentId, command: { type: 'LeaseRefused', code: 'CAMPUS_BILL_CLOSED' } },
  ]);
});

test("a partner's own words about a rejected write-off go no further", () => {
  expect(aimsOf(CampusBill.writeOffRejected, { ...of, reason: 'Wang Xiaoming moved away' })).toEqual([
    { id: paymentId, command: { type: 'RequestReversal', reason: 'write-off-rejected' } },
  ]);
});

test.each([
  ['writtenOff', {}, { type: 'WriteOff' }],
  ['writeOffOverdue', {}, { type: 'Overdue' }],
  ['disputed', {}, { type: 'Dispute' }],
  ['reversalRequested', { reason: 'closed' }, { type: 'RequestReversal', reason: 'closed' }],
  ['leaseQuestioned', { reason: 'expired' }, { type: 'QuestionLease', about, reason: 'expired' }],
  [
    'refundRequested',
    { refundNo: 'R1', refundFen: 5, refundReason: 'left' },
    { type: 'Refund', refundNo: 'R1', amountFen: 5, reason: 'left' },
  ],
] as const)('every scene says %s in the same words', (name, more, command) => {
  for (const payable of Object.values(payables)) expect(aimsOf(payable[name], { ...of, ...more })).toEqual([{ id: paymentId, command }]);
});
