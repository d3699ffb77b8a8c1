import { notices, paymentIds } from '@scenefi/contracts';
import { expect, test } from 'vitest';
import { reactionTo } from '../../src/schools/react.ts';
import { scriptOf, scripts } from '../../src/schools/scripts.ts';

const at = '2026-09-01T00:00:00.000Z';
const paymentId = paymentIds.of('app', 'anna', '1');

/** What a school says when it is told something the nth time, as short words. */
const said = (word: string, type: string, nth = 1, amountFen = 1_001): string[] => {
  const billNo = word === '' ? '2026-000012' : `2026-000012~${word}`;
  const webhook = { partnerId: 'school-a', webhookId: `dlv-${type}-${nth}`, type, data: {} };
  return reactionTo(webhook, { billNo, paymentId, amountFen }, { nth, sent: 0 }, at).map(({ type: says, data }) =>
    'amountFen' in data ? `${says} ${data.amountFen}` : says,
  );
};

const off = (fen = 1_001): string => `campus.bill.written-off ${fen}`;
const back = (fen = 1_001): string => `campus.refund.requested ${fen}`;
const rejected = 'campus.bill.write-off-rejected';
const closed = 'campus.bill.closed';

type Course = Partial<Record<'debited' | 'again' | 'reversing' | 'reversed' | 'completed', string[]>>;

/** Written by hand: what each script says when the money came, when it is asked again, while and after it is reversed, after a refund. */
const courses: Record<string, Course> = {
  '': { debited: [off()] },
  'no-such-word': { debited: [off()] },
  late: { again: [off()] },
  never: {},
  twice: { debited: [off(), off()] },
  'early-answer': { debited: [off()] },
  'wrong-amount': { debited: [off(1_101)] },
  'wrong-then-right': { debited: [off(1_101), off()] },
  reject: { debited: [rejected] },
  'reject-then-refund': { debited: [rejected], reversed: [back()] },
  'reject-then-off': { debited: [rejected], reversed: [off()] },
  'off-while-reversing': { reversing: [off()] },
  'off-after-reversed': { reversed: [off()] },
  refund: { debited: [off(), back()] },
  'refund-half': { debited: [off(), back(500), back(501)] },
  'refund-too-much': { debited: [off(), back(1_002)] },
  'refund-then-close': { debited: [off(), back()], completed: [closed] },
  down: { debited: [off()] },
  slow: { debited: [off()] },
  'close-on-debit': { debited: [closed] },
};

test('every script has its course in this table', () => {
  expect(Object.keys(courses).sort()).toEqual(['', 'no-such-word', ...Object.keys(scripts)].sort());
});

test.each(Object.keys(courses))('a bill with the word "%s" goes as the table says, and each notice comes once', (word) => {
  const seen = {
    debited: said(word, 'payment.debited'),
    again: said(word, 'payment.debited', 2),
    reversing: said(word, 'payment.reversing'),
    reversed: said(word, 'payment.reversed'),
    completed: said(word, 'refund.completed'),
  };
  expect(seen).toEqual({ debited: [], again: [], reversing: [], reversed: [], completed: [], ...courses[word] });
  expect(said(word, 'payment.debited', 3)).toEqual([]);
  expect(said(word, 'notice.refused')).toEqual([]);
});

test('every notice keeps its contract, and no two share a webhook-id or a refund number', () => {
  for (const word of Object.keys(scripts))
    for (const type of ['payment.debited', 'payment.reversing', 'payment.reversed', 'refund.completed']) {
      const webhook = { partnerId: 'school-a', webhookId: 'dlv_1', type, data: {} };
      const own = reactionTo(webhook, { billNo: `2026-000012~${word}`, paymentId, amountFen: 1_001 }, { nth: 1, sent: 0 }, at);
      for (const { type: says, data } of own) {
        const contract = notices.find((notice) => notice.type === says)!;
        expect(contract.read(data)).toEqual(data);
      }
      expect(new Set(own.map(({ webhookId }) => webhookId)).size).toBe(own.length);
      const refundNos = own.flatMap(({ data }) => data.refundNo ?? []);
      expect(new Set(refundNos).size).toBe(refundNos.length);
    }
});

test('half of one fen is no refund', () => {
  expect(said('refund-half', 'payment.debited', 1, 1)).toEqual([off(1), back(1)]);
});

test('only the word behind the last sign counts, and names of the language are no words', () => {
  expect(scriptOf('a~never~late')).toBe(scripts.late);
  expect(scriptOf('a~late~')).toBe(scriptOf('a'));
  expect(scriptOf('late')).toBe(scriptOf('a'));
  expect(scriptOf('a~constructor')).toBe(scriptOf('a'));
});
