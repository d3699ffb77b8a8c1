import type { Telling } from '@scenefi/contracts';
import { addMs, type Instant } from '@scenefi/kernel';
import { mailboxScene } from '../src/mailbox.ts';
import type { Answer, Letter, MailboxCommand, MailboxFact, Told } from '../src/mailbox-state.ts';

export const at: Instant = '2026-09-01T02:00:00.000Z';
const timeoutMs = 10_000;
export const scene = mailboxScene({ retryScale: 1, callbackTimeoutMs: timeoutMs });

export const partnerId = 'school-a';
export const payableId = `bill_${'a'.repeat(26)}`;
export const paymentId = `pay_${'b'.repeat(26)}`;
export const idOf = (name: string): string => `dlv_${name.padEnd(26, 'x')}`;

export const told = (name: string, telling: Telling = 'payment.reversed', data: Told['data'] = { paymentId, amountFen: 5 }): Told => ({
  deliveryId: idOf(name),
  telling,
  timestamp: '2026-09-01T01:59:00.000Z',
  data,
});

export const tell = (name: string, telling?: Telling, data?: Told['data']): MailboxCommand => ({
  type: 'Tell',
  partnerId,
  reference: 'B-1',
  told: told(name, telling, data),
});

export const answer = (status: Answer['status'], more: Partial<Answer> = {}): Answer => ({ at, tookMs: 3, status, answer: '', ...more });

export const attempted = (name: string, attempt: number, status: Answer['status'], retryAfterMs?: number): MailboxCommand => ({
  type: 'Attempted',
  deliveryId: idOf(name),
  attempt,
  ...answer(status),
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

export const learnt: MailboxFact = { type: 'mailbox.learnt', partnerId, reference: 'B-1' };

export const written = (name: string, telling?: Telling, data?: Told['data']): MailboxFact => ({
  type: 'letter.written',
  told: told(name, telling, data),
  due: '2026-09-01T02:00:05.000Z',
});

export const sent = (name: string, attempt: number, when: Instant = at, data: Told['data'] = {}, untilMs = 2 * timeoutMs): MailboxFact => {
  const until = addMs(when, untilMs);
  const contents = { billNo: 'B-1', paymentId, amountFen: 5, ...data };
  return { type: 'letter.sent', posting: { deliveryId: idOf(name), attempt, until, lostAt: addMs(until, untilMs) }, data: contents };
};

export const failed = (name: string, due: Instant, status: Answer['status'] = 503): MailboxFact => ({
  type: 'letter.failed',
  deliveryId: idOf(name),
  answer: answer(status),
  due,
});
export const taken = (name: string): MailboxFact => ({ type: 'letter.taken', deliveryId: idOf(name), answer: answer(200) });
export const givenUp = (name: string, status: Answer['status'] = 503): MailboxFact => ({
  type: 'letter.given-up',
  deliveryId: idOf(name),
  answer: answer(status),
});

/** Which attempt of which letter is under way, and how each letter stands. */
export const standing = ({ letters, posting }: { letters: readonly Letter[]; posting?: { attempt: number } }): string =>
  [...letters.map(({ status }) => status), ...(posting ? [`#${posting.attempt}`] : [])].join(' ');
