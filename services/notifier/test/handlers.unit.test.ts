import {
  CampusBill,
  CampusBillNoticeRefused,
  CampusNoticeRefused,
  PaymentDebited,
  PaymentRefunded,
  PaymentRefundRefused,
  PaymentRefundReturned,
  payables,
  paymentFacts,
  refusals,
} from '@scenefi/contracts';
import type { Aim, Target } from '@scenefi/engine';
import type { AnyFact } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { notifierHandlers } from '../src/handlers.ts';
import type { MailboxCommand } from '../src/mailbox-state.ts';

const nobody: Target<MailboxCommand> = { apply: async () => [] };
const subscriptions = notifierHandlers(nobody);

const payableId = `bill_${'a'.repeat(26)}`;
const paymentId = `pay_${'b'.repeat(26)}`;
const partnerId = 'school-a';

/** What a fact becomes; what the handlers do not read is left out, as it would be for a later version. */
const hear = (contract: AnyFact, data: object, ceId = `${payableId}:7`): Aim<MailboxCommand>[] => {
  const event = { id: ceId, source: '/scenefi/campus', type: contract.ceType, time: '2026-09-01T02:00:00.000Z' };
  const heard = { data, partnerId: '', event, partition: 0 };
  return subscriptions.filter((one) => one.contract === contract).flatMap((one) => one.map(heard as never) as Aim<MailboxCommand>[]);
};

const ofBill = { payableId, scene: 'campus', partnerId, reference: 'B-1', paymentId, paymentFen: 5, status: 'debited' };
const about = { scene: 'campus', partnerId, payableId };
const refund = { refundNo: 'R-1', amountFen: 2, reason: '学生转学' };
const ofPayment = { paymentId, about, amountFen: 5, refund };
const fromElsewhere = { paymentNo: 'P-1', channel: 'counter', amountFen: 5, paidAt: '2026-09-01T01:00:00.000Z', allocation: 'suspense' };
const paid = { paymentId, amountFen: 5 };

const tellings: [AnyFact, object, string, object][] = [
  [CampusBill.writeOffAwaited, { ...ofBill, asked: 2 }, 'payment.debited', { ...paid, reminder: 2 }],
  [CampusBill.reversalRequested, { ...ofBill, reason: 'closed' }, 'payment.reversing', { ...paid, reason: 'closed' }],
  [CampusBill.writeOffRejected, { ...ofBill, reason: '王小明' }, 'payment.reversing', { ...paid, reason: 'write-off-rejected' }],
  [CampusBill.reversalBegun, ofBill, 'payment.reversing', { ...paid, reason: 'by-the-bank' }],
  [CampusBill.reversed, ofBill, 'payment.reversed', paid],
  [CampusBill.disputed, { ...ofBill, status: 'disputed' }, 'payment.disputed', { ...paid, billStatus: 'disputed' }],
  [
    CampusBill.paidElsewhere,
    { ...ofBill, payment: { ...fromElsewhere, fit: 'overpaid' } },
    'bill.disputed',
    { reason: 'overpaid', ...fromElsewhere, paidAt: '2026-09-01T09:00:00.000+08:00' },
  ],
  [
    CampusBill.refundRefused,
    { ...ofBill, refundNo: 'R-1', refundFen: 2, code: 'disputed' },
    'refund.refused',
    { refundNo: 'R-1', paymentId, amountFen: 2, code: 'disputed' },
  ],
  [
    CampusBillNoticeRefused,
    { ...ofBill, noticeId: 'n', noticeType: 't', code: 'C' },
    'notice.refused',
    { noticeId: 'n', noticeType: 't', code: 'C' },
  ],
];

test.each(tellings)('$type of a scene is told as it stands', (contract, data, telling, told) => {
  const [aim, ...more] = hear(contract, data);
  expect(more).toEqual([]);
  expect(aim).toMatchObject({ id: payableId, command: { type: 'Tell', partnerId, reference: 'B-1', told: { telling } } });
  expect(aim?.command.type === 'Tell' && aim.command.told.data).toEqual(told);
});

const refunds: [AnyFact, object, string, object][] = [
  [PaymentRefunded, ofPayment, 'refund.completed', {}],
  [PaymentRefundReturned, ofPayment, 'refund.failed', { reason: 'account-refused' }],
  [PaymentRefundRefused, { ...ofPayment, code: 'C' }, 'refund.refused', { code: 'C' }],
  [PaymentRefunded, { ...ofPayment, reference: 'P-1' }, 'refund.completed', { paymentNo: 'P-1' }],
];

test.each(refunds)('$type of payments is told without the number of the bill, which the mailbox knows', (contract, data, telling, more) => {
  const [aim] = hear(contract, data);
  expect(aim).toMatchObject({ id: payableId, command: { type: 'Tell', partnerId, told: { telling } } });
  const told = aim?.command.type === 'Tell' ? aim.command.told.data : undefined;
  expect(told).toEqual({ refundNo: 'R-1', paymentId, amountFen: 2, ...more });
});

const idOf = ([aim]: Aim<MailboxCommand>[]): string => (aim?.command.type === 'Tell' ? aim.command.told.deliveryId : '');

test('one reversal is told once, whoever speaks of it; everything else is a letter for each fact', () => {
  const begun = [CampusBill.reversalRequested, CampusBill.writeOffRejected, CampusBill.reversalBegun];
  const ids = begun.map((contract, index) => idOf(hear(contract, { ...ofBill, reason: 'closed' }, `${payableId}:${index}`)));
  expect(new Set(ids).size).toBe(1);
  const other = idOf(hear(CampusBill.reversalBegun, { ...ofBill, paymentId: `pay_${'c'.repeat(26)}` }));
  expect(ids).not.toContain(other);
  const reminders = [0, 1].map((asked) => idOf(hear(CampusBill.writeOffAwaited, { ...ofBill, asked }, `${payableId}:${asked}`)));
  expect(new Set(reminders).size).toBe(2);
  expect(idOf(hear(CampusBill.writeOffAwaited, { ...ofBill, asked: 1 }, `${payableId}:1`))).toBe(reminders[1]);
});

test('money from elsewhere that fits is nothing that the partner does not know', () => {
  for (const fit of ['exact', 'amount-differs'])
    expect(hear(CampusBill.paidElsewhere, { ...ofBill, payment: { ...fromElsewhere, fit } })).toEqual([]);
});

test('what a letter has to name is learnt before there is one', () => {
  const debitedAt = '2026-09-01T01:00:00.000Z';
  const items = [{ itemNo: 'lunch', quantity: 1 }];
  const [debited] = hear(PaymentDebited, { ...ofPayment, debitedAt, items });
  expect(debited).toEqual({ id: payableId, command: { type: 'Learn', partnerId, payment: { paymentId, debitedAt, items } } });
  expect(hear(CampusBill.refundRequested, ofBill)).toEqual([{ id: payableId, command: { type: 'Learn', partnerId, reference: 'B-1' } }]);
});

test('a notice about nothing known has a mailbox of its own, and a sender who is no partner has none', () => {
  const [aim] = hear(CampusNoticeRefused, { noticeId: 'school-a:1', partnerId, code: 'C' });
  expect(aim).toMatchObject({ id: 'notice:school-a:1', command: { told: { telling: 'notice.refused', data: { code: 'C' } } } });
  expect(hear(CampusNoticeRefused, { noticeId: 'x:1', partnerId: 'No Partner!', code: 'C' })).toEqual([]);
});

test('every scene is heard, and of payments what a partner cannot know by itself', () => {
  const heard = new Set<unknown>(subscriptions.map(({ contract }) => contract));
  for (const payable of Object.values(payables)) expect(heard).toContain(payable.writeOffAwaited);
  for (const refusal of Object.values(refusals)) expect(heard).toContain(refusal);
  const ofPayments = paymentFacts.filter((fact) => heard.has(fact));
  expect(ofPayments).toEqual([PaymentDebited, PaymentRefunded, PaymentRefundReturned, PaymentRefundRefused]);
});
