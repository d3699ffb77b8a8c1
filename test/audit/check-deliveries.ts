import type { Evidence, RawMailbox, RawToldData } from './evidence.ts';
import { type Fact, firstAppearances, verbOf } from './facts.ts';
import type { Finding } from './findings.ts';
import { refundOf } from './payment-cases.ts';

/** Something that a school has to be told, in words that show a repeat. */
type Telling = { partnerId: string; payableId: string; words: string };

type OfBill = { payableId: string; partnerId: string; paymentId?: string; asked?: number; refundNo?: string; noticeId?: string };
type Elsewhere = { fit: string; paymentNo: string };

const wordsOf = (telling: string, ...about: unknown[]): string => [telling, ...about.filter((part) => part !== undefined)].join(' ');

/** The words of a webhook, from what it carries. */
const wordsOfData = (telling: string, data: RawToldData): string => {
  switch (telling) {
    case 'payment.debited':
      return wordsOf(telling, data.paymentId, data.reminder);
    case 'bill.disputed':
      return wordsOf(telling, data.paymentNo);
    case 'notice.refused':
      return wordsOf(telling, data.noticeId);
    case 'refund.completed':
    case 'refund.failed':
    case 'refund.refused':
      return wordsOf(telling, data.paymentId, data.refundNo);
    default:
      return wordsOf(telling, data.paymentId);
  }
};

/** What a fact of a bill makes the bank tell its school. */
const ofBill = (fact: Fact): string | undefined => {
  const { paymentId, asked, refundNo, noticeId } = fact.data as OfBill;
  switch (verbOf(fact)) {
    case 'write-off-awaited':
      return wordsOf('payment.debited', paymentId, asked);
    case 'reversal-requested':
    case 'write-off-rejected':
    case 'reversal-begun':
      return wordsOf('payment.reversing', paymentId);
    case 'reversed':
      return wordsOf('payment.reversed', paymentId);
    case 'disputed':
      return wordsOf('payment.disputed', paymentId);
    case 'paid-elsewhere': {
      const { fit, paymentNo } = fact.data.payment as Elsewhere;
      return fit === 'overpaid' ? wordsOf('bill.disputed', paymentNo) : undefined;
    }
    case 'refund-refused':
      return wordsOf('refund.refused', paymentId, refundNo);
    case 'notice-refused':
      return wordsOf('notice.refused', noticeId);
    default:
      return undefined;
  }
};

const tellingOfRefund: Readonly<Record<string, string>> = {
  refunded: 'refund.completed',
  'refund-returned': 'refund.failed',
  'refund-refused': 'refund.refused',
};

/** Whoever said first that a payment goes back, the school is told once. */
const once = (tellings: readonly Telling[]): Telling[] => {
  const reversing = new Set<string>();
  return tellings.filter(({ words, payableId }) => {
    if (!words.startsWith('payment.reversing')) return true;
    const first = !reversing.has(`${payableId} ${words}`);
    reversing.add(`${payableId} ${words}`);
    return first;
  });
};

const wanted = ({ topics }: Evidence): Telling[] => [
  ...once(
    firstAppearances(topics.bills).flatMap((fact) => {
      const words = ofBill(fact);
      const { payableId, partnerId } = fact.data as OfBill;
      return words ? [{ partnerId, payableId, words }] : [];
    }),
  ),
  ...firstAppearances(topics.payments).flatMap((fact) => {
    const telling = tellingOfRefund[verbOf(fact)];
    if (!telling) return [];
    const { about, paymentId, refund } = refundOf(fact);
    return [{ partnerId: about.partnerId, payableId: about.payableId, words: wordsOf(telling, paymentId, refund.refundNo) }];
  }),
  ...firstAppearances(topics.refusals).map(({ data }) => {
    const { noticeId, partnerId } = data as { noticeId: string; partnerId: string };
    return { partnerId, payableId: `notice:${noticeId}`, words: wordsOf('notice.refused', noticeId) };
  }),
];

const keyOf = ({ partnerId, words }: Pick<Telling, 'partnerId' | 'words'>): string => `${partnerId} ${words}`;

type Letter = RawMailbox['state']['letters'][number] & { mailbox: string; partnerId: string };

const lettersOf = ({ mailboxes }: Evidence): Letter[] =>
  mailboxes.flatMap(({ _id: mailbox, state: { partnerId, letters } }) => letters.map((letter) => ({ ...letter, mailbox, partnerId })));

/** Every school was told what it has to know, by its own books, once and under one webhook-id; what waits or was given up is open. */
export const checkDeliveries = (evidence: Evidence, ownBillIds: ReadonlySet<string>): Finding[] => {
  const taken = evidence.schools.flatMap((line) => (line.kind === 'taken' ? [line] : []));
  const heard = Map.groupBy(taken, ({ partnerId, type, data }) => keyOf({ partnerId, words: wordsOfData(type, data) }));
  const letters = lettersOf(evidence);
  const written = Map.groupBy(letters, ({ partnerId, telling, data }) => keyOf({ partnerId, words: wordsOfData(telling, data) }));
  const told = [...Map.groupBy(wanted(evidence), keyOf)].flatMap(([key, same]): Finding[] => {
    const [first] = same;
    const own = ownBillIds.has(first?.payableId ?? '');
    const times = new Set((heard.get(key) ?? []).map(({ webhookId }) => webhookId)).size;
    const open = (written.get(key) ?? []).filter(({ status }) => status !== 'taken').length;
    if (times > same.length)
      return [{ problem: `the school was told ${key} under ${times} webhook-ids`, ...(own && { doubled: times - same.length }) }];
    if (times + open >= same.length) return [];
    return [{ problem: `the school was never told ${key}`, ...(own && { lost: same.length - times - open }) }];
  });
  const known = new Set(taken.map(({ partnerId, webhookId }) => `${partnerId} ${webhookId}`));
  const unheard = letters
    .filter(({ status, partnerId, deliveryId }) => status === 'taken' && !known.has(`${partnerId} ${deliveryId}`))
    .map(({ deliveryId, telling }) => ({
      problem: `delivery ${deliveryId} (${telling}) is taken, and the books of its school do not have it`,
    }));
  const wantedKeys = new Set(wanted(evidence).map(keyOf));
  const unfounded = [...heard.keys()]
    .filter((key) => !wantedKeys.has(key))
    .map((key) => ({ problem: `the school was told ${key} without a fact that says so` }));
  return [...told, ...unheard, ...unfounded];
};

export type DeliveryCounts = { taken: number; waiting: number; givenUp: number };

/** Letters about bills of the journal, and about notices that its schools sent. */
export const countDeliveries = (evidence: Evidence, ownBillIds: ReadonlySet<string>, noticeIds: ReadonlySet<string>): DeliveryCounts => {
  const own = lettersOf(evidence).filter(({ mailbox }) => ownBillIds.has(mailbox) || noticeIds.has(mailbox.replace(/^notice:/, '')));
  const count = (status: string): number => own.filter((letter) => letter.status === status).length;
  return { taken: count('taken'), waiting: count('waiting'), givenUp: count('given-up') };
};
