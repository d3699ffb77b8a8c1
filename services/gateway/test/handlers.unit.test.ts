import { AccountLinked, payables, paymentFacts } from '@scenefi/contracts';
import type { Heard } from '@scenefi/engine';
import { expect, test } from 'vitest';
import { viewHandlers } from '../src/handlers.ts';
import { at, customerId, link, payment, paymentId } from './view-words.ts';

const target = { apply: async () => [] };
const subscriptions = viewHandlers({ bills: target, payments: target, links: target });

const hear = (type: string, data: object, version = 7) => {
  const event = { id: `x:${version}`, source: '/scenefi/x', type, time: at, sequence: String(version).padStart(10, '0') };
  const subscription = subscriptions.find(({ contract }) => contract.type === type)!;
  return subscription.map({ data, event, partnerId: '', partition: 0 } satisfies Heard<object> as never);
};

const bill = {
  payableId: `bill_${'a'.repeat(26)}`,
  scene: 'campus',
  partnerId: 'school-a',
  reference: 'B-1',
  accountId: `acc_${'a'.repeat(26)}`,
  holderHash: 'hash',
  holderMasked: '王*明',
  title: '学费',
  status: 'leased',
  amountFen: 100,
  paidFen: 0,
  dueAt: at,
  payableAfterDue: false,
  detail: { schoolName: '小学', selection: 'fixed', revision: 0, items: [] },
};

test('a bill is shown by every fact that carries its picture, without what only that fact says', () => {
  const aims = hear('campus.bill.leased', { ...bill, leaseId: 'lea', holder: 'app', leasedFen: 100, until: at });
  expect(aims).toEqual([{ id: bill.payableId, command: { type: 'Show', version: 7, picture: bill } }]);
});

test('a fact beside the picture of a bill shows nothing', () => {
  const { payableId, scene, partnerId, reference } = bill;
  expect(hear('campus.bill.lease-refused', { payableId, scene, partnerId, reference, paymentId, code: 'X_Y' })).toEqual([]);
});

test('every fact of every scene and of payments is heard', () => {
  const heard = new Set(subscriptions.map(({ contract }) => contract.type));
  const wanted = [...Object.values(payables).flatMap((payable) => Object.values(payable)), ...paymentFacts].map(({ type }) => type);
  expect(wanted.filter((type) => !heard.has(type))).toEqual([]);
});

test('a payment is shown with what happened, and without the words of its partner', () => {
  const refund = { refundNo: 'R1', amountFen: 50, reason: '王小明转学' };
  const [aim] = hear('payments.payment.refunded', { ...payment(), refund });
  expect(aim).toEqual({
    id: paymentId,
    command: {
      type: 'Show',
      version: 7,
      picture: payment(),
      moment: { version: 7, fact: 'refunded', at, refund: { refundNo: 'R1', amountFen: 50 } },
    },
  });
});

test('what is told keeps codes, holders, queues and returned money', () => {
  const held = { holder: 'cashier', until: at };
  const momentOf = (verb: string, more: object) =>
    (hear(`payments.payment.${verb}`, { ...payment(), ...more })[0]!.command as { moment: object }).moment;
  expect(momentOf('refused', { code: 'CAMPUS_IN_PAYMENT', held })).toMatchObject({ code: 'CAMPUS_IN_PAYMENT', held });
  expect(momentOf('stuck', { queue: 'debit-unknown' })).toMatchObject({ queue: 'debit-unknown' });
  expect(momentOf('reversed', { returned: true })).toMatchObject({ returned: true });
});

test("money that a partner took is nobody's view", () => {
  const { customerId: _nobody, requestedAt: _never, ...elsewhere } = payment({ status: 'recorded', channel: 'counter' });
  expect(hear('payments.payment.recorded', elsewhere)).toEqual([]);
});

test('links are shown by customer', () => {
  const data = { customerId, links: [link()] };
  expect(hear(AccountLinked.type, data)).toEqual([{ id: customerId, command: { type: 'Show', version: 7, picture: data } }]);
});
