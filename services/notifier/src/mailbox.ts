import { DeliveryGivenUp, DeliveryTaken } from '@scenefi/contracts';
import { addMs, type Context, type Effect, type Instant, type Scene, shanghaiTime, type WakeUp } from '@scenefi/kernel';
import { notifierErrors } from './errors.ts';
import { evolve, type Letter, lettersMax, type Mailbox, type MailboxCommand, type MailboxFact, noMailbox } from './mailbox-state.ts';
import { nextTryAt } from './retry-schedule.ts';

export type MailboxRules = {
  /** Shortens the retry table for a demonstration. */
  retryScale: number;
  /** How long one call may take. */
  callbackTimeoutMs: number;
};

type Of<Type extends MailboxCommand['type']> = Extract<MailboxCommand, { type: Type }>;

/** How long a letter waits for what it should name, since facts of several topics may overtake each other. */
const completeWithinMs = 5_000;
const goneStatus = 410;

const isTaken = (status: Of<'Attempted'>['status']): boolean => typeof status === 'number' && status >= 200 && status < 300;

/** Deliveries about one thing keep their order: only the first letter that waits is tried. */
const headOf = ({ letters }: Mailbox): Letter | undefined => letters.find(({ status }) => status === 'waiting');

const paymentOf = ({ data }: Letter, { payments }: Mailbox) => payments.find(({ paymentId }) => paymentId === data.paymentId);

const isComplete = (letter: Letter, mailbox: Mailbox): boolean => {
  if (letter.telling === 'notice.refused') return true;
  if (mailbox.reference === undefined) return false;
  return letter.telling !== 'payment.debited' || paymentOf(letter, mailbox) !== undefined;
};

/** What a letter says is settled when it goes out first; every later attempt says the same. */
const contentsOf = (letter: Letter, mailbox: Mailbox): Letter['data'] => {
  if (letter.attempt > 0) return letter.data;
  const billNo = mailbox.reference;
  const payment = letter.telling === 'payment.debited' ? paymentOf(letter, mailbox) : undefined;
  return {
    ...(billNo !== undefined && { billNo }),
    ...letter.data,
    ...(payment && { debitedAt: shanghaiTime(payment.debitedAt), ...(payment.items && { items: payment.items }) }),
  };
};

/** Sends the first letter that waits, where it is due and no other is under way. */
const sendHead = (mailbox: Mailbox, at: Instant, { callbackTimeoutMs }: MailboxRules): MailboxFact[] => {
  const head = headOf(mailbox);
  if (!head || (mailbox.posting && mailbox.posting.lostAt > at)) return [];
  const ready = head.due <= at || (head.attempt === 0 && isComplete(head, mailbox));
  if (!ready) return [];
  const until = addMs(at, 2 * callbackTimeoutMs);
  const posting = { deliveryId: head.deliveryId, attempt: head.attempt + 1, until, lostAt: addMs(until, 2 * callbackTimeoutMs) };
  return [{ type: 'letter.sent', posting, data: contentsOf(head, mailbox) }];
};

const learn = ({ partnerId, reference, payment }: Omit<Of<'Learn'>, 'type'>, mailbox: Mailbox): MailboxFact[] => {
  const isNewReference = reference !== undefined && reference !== mailbox.reference;
  const isNewPayment = payment !== undefined && !mailbox.payments.some(({ paymentId }) => paymentId === payment.paymentId);
  if (!isNewReference && !isNewPayment && partnerId === mailbox.partnerId) return [];
  return [{ type: 'mailbox.learnt', partnerId, ...(isNewReference && { reference }), ...(isNewPayment && { payment }) }];
};

/** A reminder that never went out, which a newer one outdoes. */
const isOutdone = ({ status, attempt, data }: Letter): boolean => status === 'waiting' && attempt === 0 && Number(data.reminder) > 0;

/** Where too many wait, the oldest reminder gives way; where there is none, the message waits for room. */
const makeRoom = ({ waiting, letters, partnerId }: Mailbox): MailboxFact[] => {
  if (waiting < lettersMax) return [];
  const outdone = letters.find(isOutdone);
  if (!outdone) throw notifierErrors.MAILBOX_FULL({ partnerId });
  return [{ type: 'letter.given-up', deliveryId: outdone.deliveryId }];
};

const tell = (command: Of<'Tell'>, mailbox: Mailbox, { at }: Context): MailboxFact[] => {
  const { told } = command;
  const { deliveryId } = told;
  const learnt = learn(command, mailbox);
  if (mailbox.forgotten.includes(deliveryId) || mailbox.letters.some((letter) => letter.deliveryId === deliveryId)) return learnt;
  return [...learnt, ...makeRoom(mailbox), { type: 'letter.written', told, due: addMs(at, completeWithinMs) }];
};

/** A success counts whenever it is heard; a failure only of the attempt that is under way. */
const attempted = (command: Of<'Attempted'>, mailbox: Mailbox, { at }: Context, { retryScale }: MailboxRules): MailboxFact[] => {
  const { type: _, deliveryId, attempt, retryAfterMs, ...answer } = command;
  const letter = mailbox.letters.find((known) => known.deliveryId === deliveryId);
  if (letter?.status !== 'waiting') return [];
  if (isTaken(answer.status)) return [{ type: 'letter.taken', deliveryId, answer }];
  if (!isUnderWay(command, mailbox)) return [];
  const tried = { deliveryId, tries: letter.tries + 1, at, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const due = answer.status === goneStatus ? undefined : nextTryAt(tried, retryScale);
  return due ? [{ type: 'letter.failed', deliveryId, answer, due }] : [{ type: 'letter.given-up', deliveryId, answer }];
};

const isUnderWay = ({ deliveryId, attempt }: { deliveryId: string; attempt: number }, { posting }: Mailbox): boolean =>
  posting?.deliveryId === deliveryId && posting.attempt === attempt;

const replay = ({ deliveryIds }: Of<'Replay'>, { letters }: Mailbox): MailboxFact[] => {
  const kept = letters.filter(({ deliveryId }) => deliveryIds.includes(deliveryId));
  if (kept.length === 0) throw notifierErrors.DELIVERY_NOT_FOUND({ deliveryIds });
  return kept.map(({ deliveryId }) => ({ type: 'letter.replayed', deliveryId }));
};

const hurry = (mailbox: Mailbox, { at }: Context): MailboxFact[] => {
  const head = headOf(mailbox);
  return head && !mailbox.posting && head.due > at ? [{ type: 'letter.hurried', deliveryId: head.deliveryId }] : [];
};

const decideOne = (command: MailboxCommand, mailbox: Mailbox, context: Context, rules: MailboxRules): MailboxFact[] => {
  switch (command.type) {
    case 'Tell':
      return tell(command, mailbox, context);
    case 'Learn':
      return learn(command, mailbox);
    case 'Attempted':
      return attempted(command, mailbox, context, rules);
    case 'Postponed':
      if (!isUnderWay(command, mailbox)) return [];
      return [{ type: 'letter.postponed', deliveryId: command.deliveryId, due: command.until }];
    case 'Replay':
      return replay(command, mailbox);
    case 'Hurry':
      return hurry(mailbox, context);
    case 'Wake':
      return [];
    default:
      return command satisfies never;
  }
};

const wakeAt = (mailbox: Mailbox): WakeUp | undefined => {
  const at = mailbox.posting ? mailbox.posting.lostAt : headOf(mailbox)?.due;
  return at && { at, takes: false };
};

const effectsOf = ({ posting }: Mailbox): Effect[] =>
  posting ? [{ kind: 'post', key: posting.deliveryId, attempt: posting.attempt, until: posting.until }] : [];

/** What others hear of a letter's end: how often it was tried, and nothing of what it said. */
const publish = (fact: MailboxFact, { partnerId, letters }: Mailbox, payableId: string): unknown => {
  const letter = letters.find((known) => 'deliveryId' in fact && known.deliveryId === fact.deliveryId);
  if (!letter) throw new Error(`${fact.type} of a letter that is not kept`);
  return { deliveryId: letter.deliveryId, partnerId, payableId, telling: letter.telling, attempts: letter.tries };
};

/** What a partner is told about one thing: in order, again and again until it is taken or the schedule ends. */
export const mailboxScene = (rules: MailboxRules): Scene<Mailbox, MailboxCommand, MailboxFact> => ({
  name: 'mailbox',
  initial: noMailbox,
  decide: (command, mailbox, context) => {
    const facts = decideOne(command, mailbox, context, rules);
    const after = facts.reduce((state, fact) => evolve(state, fact, context.at), mailbox);
    return [...facts, ...sendHead(after, context.at, rules)];
  },
  evolve,
  contracts: {
    'mailbox.learnt': 'private',
    'letter.written': 'private',
    'letter.sent': 'private',
    'letter.failed': 'private',
    'letter.postponed': 'private',
    'letter.hurried': 'private',
    'letter.replayed': 'private',
    'letter.taken': DeliveryTaken,
    'letter.given-up': DeliveryGivenUp,
  },
  publish,
  wakeAt,
  effectsOf,
});
