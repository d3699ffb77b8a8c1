import { paymentFacts, queues } from '@scenefi/contracts';
import { describe, expect, test } from 'vitest';
import { messageOf } from '../src/messages/message.ts';
import { reasonOf } from '../src/messages/reasons.ts';
import type { Moment } from '../src/view.ts';
import { at, moment, payment, paymentId } from './view-words.ts';

const tell = (fact: string, fields: Partial<Moment> = {}) => messageOf({ payment: payment(), moment: moment(3, fact, fields) });
const news = tell('a-kind-of-fact-that-comes-later');

/** Money that a partner took has no customer who could be told. */
const verbs = paymentFacts.map(({ type }) => type.replace('payments.payment.', '')).filter((verb) => verb !== 'recorded');

describe.each(verbs)('a payment that was %s', (verb) => {
  test('is told in both languages, in words of its own', () => {
    const { zh, en } = tell(verb, { code: 'CAMPUS_ALREADY_PAID', refund: { refundNo: 'R1', amountFen: 2_050 } });
    expect([zh, en]).not.toEqual([news.zh, news.en]);
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/);
    expect(en).toMatch(/^[A-Z][\x20-\x7e]*\.$/);
    for (const text of [zh, en]) {
      expect(text).toContain(verb.startsWith('refund') ? '20.50' : '1500.00');
      expect(text).not.toMatch(/undefined|null|\{|CAMPUS|_/);
    }
  });
});

/** Written by hand from what scenes and payments promise. */
const codes = [
  'CAMPUS_BILL_NOT_FOUND',
  'CAMPUS_BILL_CLOSED',
  'CAMPUS_BILL_EXPIRED',
  'CAMPUS_ALREADY_PAID',
  'CAMPUS_IN_PAYMENT',
  'CAMPUS_AMOUNT_CHANGED',
  'CAMPUS_WRONG_ITEMS',
  'CAMPUS_DISPUTED',
  'PAYMENTS_OVER_PAYMENT_LIMIT',
  'PAYMENTS_OVER_DAY_LIMIT',
  'PAYMENTS_STEP_UP_NEEDED',
  'PAYMENTS_LEASE_EXPIRED',
  'PAYMENTS_BILL_WITHDRAWN',
  'PAYMENTS_PAID_ELSEWHERE',
  'PAYMENTS_INSUFFICIENT_FUNDS',
  'PAYMENTS_FOREIGN_ACCOUNT',
  'PAYMENTS_ACCOUNT_CLOSED',
  'PAYMENTS_ACCOUNT_FROZEN',
  'PAYMENTS_CANCELLED',
  'PAYMENTS_REFUSED_BY_BANK',
  'PAYMENTS_RESOLVED_AS_FAILED',
];

test.each(codes)('%s has a reason of its own in both languages', (code) => {
  const reason = reasonOf(code);
  expect(reason).not.toEqual(reasonOf('NOBODY_KNOWS'));
  expect(reason.zh).toMatch(/[\u4e00-\u9fff]/);
  expect(reason.en).toMatch(/^[\x20-\x7e]+$/);
  const told = tell('refused', { code });
  expect(told.zh).toContain(reason.zh);
  expect(told.en).toContain(reason.en);
});

test('a code that comes later has a reason too, and so has none', () => {
  expect(tell('failed', { code: 'PAYMENTS_LATER' }).en).toContain('call us');
  expect(tell('failed').zh).toContain('客服');
});

test('a scene that comes later shares the words', () => {
  expect(reasonOf('PARKING_ALREADY_PAID')).toEqual(reasonOf('CAMPUS_ALREADY_PAID'));
});

test('every queue is told in its own words', () => {
  const told = [...queues, 'none', 'a-later-queue'].map((queue) => tell('stuck', { queue }).en);
  expect(new Set(told).size).toBe(told.length);
});

test('money that could not go back says who to call', () => {
  expect(tell('reversed', { returned: true }).zh).toContain('联系客服');
  expect(tell('reversed').zh).not.toContain('联系客服');
});

test('a message names its payment, its bill and its moment', () => {
  const { messageId, billId } = tell('debited');
  expect({ messageId, billId }).toEqual({ messageId: `${paymentId}:3`, billId: payment().about.payableId });
  expect(tell('debited')).toMatchObject({ paymentId, at });
  expect(tell('debited').zh).toBe('已从账户 **** 0001 扣款 1500.00 元，等待收款单位确认。');
});
