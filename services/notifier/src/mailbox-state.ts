import type { ChosenItem, Telling } from '@scenefi/contracts';
import type { Instant } from '@scenefi/kernel';

/** Why there was no answer. */
export type Trouble = 'no-callback' | 'address-refused' | 'unreachable' | 'timeout';

/** What a partner answered, as an HTTP status and the beginning of the body, or why there was no answer. */
export type Answer = { at: Instant; tookMs: number; status: number | Trouble; answer: string };

/** What a partner is told: the `type`, the moment and the data of a webhook. */
export type Told = { deliveryId: string; telling: Telling; timestamp: Instant; data: Readonly<Record<string, unknown>> };

export type Letter = Told & {
  status: 'waiting' | 'taken' | 'given-up';
  /** Tries of the present series; a replay begins another. */
  tries: number;
  /** The number of the last attempt; postponed and lost ones have one too. */
  attempt: number;
  /** What became of the last tries. */
  answers: readonly Answer[];
  /** A waiting letter is not tried before. */
  due: Instant;
};

/** What payments said about a payment that a letter may have to name. */
export type KnownPayment = { paymentId: string; debitedAt: Instant; items?: readonly ChosenItem[] };

/** The one attempt that is under way: a call that has not begun by `until` is not made, and at `lostAt` nobody answers for it any more. */
export type Posting = { deliveryId: string; attempt: number; until: Instant; lostAt: Instant };

/** Everything that a partner is told about one thing, in its order. */
export type Mailbox = {
  partnerId: string;
  /** The partner's number of the thing. */
  reference?: string;
  payments: readonly KnownPayment[];
  letters: readonly Letter[];
  /** How many letters wait. */
  waiting: number;
  /** Ids of letters that are kept no longer, so that what they told is not told again. */
  forgotten: readonly string[];
  posting?: Posting;
};

export const noMailbox: Mailbox = { partnerId: '', payments: [], letters: [], waiting: 0, forgotten: [] };

type Known = { partnerId: string; reference?: string; payment?: KnownPayment };

export type MailboxCommand =
  | { type: 'Tell'; partnerId: string; reference?: string; told: Told }
  | ({ type: 'Learn' } & Known)
  | ({ type: 'Attempted'; deliveryId: string; attempt: number; retryAfterMs?: number } & Answer)
  | { type: 'Postponed'; deliveryId: string; attempt: number; until: Instant }
  /** All of one order at once, so that they go in the order of the mailbox. */
  | { type: 'Replay'; deliveryIds: readonly string[] }
  | { type: 'Hurry' }
  | { type: 'Wake' };

export type MailboxFact =
  | ({ type: 'mailbox.learnt' } & Known)
  | { type: 'letter.written'; told: Told; due: Instant }
  | { type: 'letter.sent'; posting: Posting; data: Told['data'] }
  | { type: 'letter.failed'; deliveryId: string; answer: Answer; due: Instant }
  | { type: 'letter.postponed'; deliveryId: string; due: Instant }
  | { type: 'letter.hurried'; deliveryId: string }
  | { type: 'letter.replayed'; deliveryId: string }
  | { type: 'letter.taken'; deliveryId: string; answer: Answer }
  | { type: 'letter.given-up'; deliveryId: string; answer?: Answer };

/** These limits together keep a mailbox under a megabyte whatever partners answer and customers choose. */
export const lettersMax = 100;
const forgottenMax = 500;
const paymentsMax = 20;
const answersMax = 20;
const answersOfEndedMax = 5;

const withLetters = (mailbox: Mailbox, letters: readonly Letter[]): Mailbox => ({
  ...mailbox,
  letters,
  waiting: letters.filter(({ status }) => status === 'waiting').length,
});

/** The oldest letters that have ended make room. */
const bounded = (mailbox: Mailbox): Mailbox => {
  const tooMany = Math.max(0, mailbox.letters.length - lettersMax);
  const leaving = new Set(mailbox.letters.filter(({ status }) => status !== 'waiting').slice(0, tooMany));
  const letters = mailbox.letters.filter((letter) => !leaving.has(letter));
  const forgotten = [...mailbox.forgotten, ...[...leaving].map(({ deliveryId }) => deliveryId)].slice(-forgottenMax);
  return { ...withLetters(mailbox, letters), forgotten };
};

const change = (mailbox: Mailbox, deliveryId: string, to: (letter: Letter) => Letter): Mailbox => {
  const letters = mailbox.letters.map((letter) => (letter.deliveryId === deliveryId ? to(letter) : letter));
  return withLetters(mailbox, letters);
};

/** The attempt of this letter is over; another's is not. */
const returned = ({ posting, ...mailbox }: Mailbox, deliveryId: string): Mailbox =>
  posting && posting.deliveryId !== deliveryId ? { ...mailbox, posting } : mailbox;

const ended = (letter: Letter, status: Letter['status'], answer?: Answer): Letter => ({
  ...letter,
  status,
  tries: letter.tries + (answer ? 1 : 0),
  answers: [...letter.answers, ...(answer ? [answer] : [])].slice(-answersOfEndedMax),
});

const learn = (mailbox: Mailbox, { partnerId, reference, payment }: Known): Mailbox => ({
  ...mailbox,
  partnerId,
  ...(reference !== undefined && { reference }),
  ...(payment && { payments: [...mailbox.payments, payment].slice(-paymentsMax) }),
});

export const evolve = (mailbox: Mailbox, fact: MailboxFact, at: Instant): Mailbox => {
  switch (fact.type) {
    case 'mailbox.learnt':
      return learn(mailbox, fact);
    case 'letter.written': {
      const letter: Letter = { ...fact.told, status: 'waiting', tries: 0, attempt: 0, answers: [], due: fact.due };
      return bounded(withLetters(mailbox, [...mailbox.letters, letter]));
    }
    case 'letter.sent': {
      const { posting, data } = fact;
      return { ...change(mailbox, posting.deliveryId, (letter) => ({ ...letter, attempt: posting.attempt, data, due: at })), posting };
    }
    case 'letter.failed':
      return change(returned(mailbox, fact.deliveryId), fact.deliveryId, (letter) => ({
        ...letter,
        due: fact.due,
        tries: letter.tries + 1,
        answers: [...letter.answers, fact.answer].slice(-answersMax),
      }));
    case 'letter.postponed':
      return change(returned(mailbox, fact.deliveryId), fact.deliveryId, (letter) => ({ ...letter, due: fact.due }));
    case 'letter.hurried':
      return change(mailbox, fact.deliveryId, (letter) => ({ ...letter, due: at }));
    case 'letter.replayed':
      return change(mailbox, fact.deliveryId, (letter) => ({ ...letter, status: 'waiting', tries: 0, due: at }));
    case 'letter.taken':
      return change(returned(mailbox, fact.deliveryId), fact.deliveryId, (letter) => ended(letter, 'taken', fact.answer));
    case 'letter.given-up':
      return change(returned(mailbox, fact.deliveryId), fact.deliveryId, (letter) => ended(letter, 'given-up', fact.answer));
    default:
      return fact satisfies never;
  }
};
