import { type Clock, sleep } from '@scenefi/kernel';
import { type AppClient, paymentIdIn, type SeenBill, type SeenPayment, type Session } from './app-client.ts';
import type { AppPayment, AppStep } from './app-steps.ts';
import type { Journal } from './journal.ts';
import type { AppPlan } from './plan.ts';
import { type AskQuestion, leaseIdIn } from './questions.ts';

type PlayAppOptions = {
  client: AppClient;
  askQuestion: AskQuestion;
  journal: Journal;
  clock: Clock;
  stopping: () => boolean;
  /** How long something is waited for that has to come. */
  patienceMs: number;
};

const pauseMinMs = 150;
const pauseMaxMs = 1_000;
/** One answer may take so long; who waits longer asks again. */
const longPollMs = 2_000;
/** What a process that stops still waits for; what comes later stays undone, and its bill undetermined. */
const stopPatienceMs = 2_500;

/** Thrown where a process that stops waits no longer; nothing is wrong then. */
export const stoppedWaiting = new Error('the process stopped before what was waited for came');

const last: readonly string[] = ['settled', 'refused', 'failed', 'reversed', 'disputed'];

const endOf = ({ status, code }: SeenPayment): string => (code === undefined ? status : `${status} with ${code}`);

/** What is known of one bill while it is played: who signed in, and which payment stands under which key. */
type Memory = { sessions: Map<string, Promise<Session>>; paymentIds: Map<string, string> };

/** Plays what customers and cashiers do. Each step throws where it is answered in another way than planned. */
export const createPlayApp = ({ client, askQuestion, journal, clock, stopping, patienceMs }: PlayAppOptions) => {
  let commands = 0;
  let stoppedAtMs: number | undefined;

  const checkPatience = (what: string, startedMs: number): void => {
    if (clock.now() - startedMs >= patienceMs) throw new Error(`${what} never came`);
    if (stopping()) stoppedAtMs ??= clock.now();
    if (stoppedAtMs !== undefined && clock.now() - stoppedAtMs >= stopPatienceMs) throw stoppedWaiting;
  };
  /** Looks again and again, with growing pauses, until there is something. */
  const waitFor = async <Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> => {
    const startedMs = clock.now();
    for (let pauseMs = pauseMinMs; ; pauseMs = Math.min(pauseMaxMs, pauseMs * 1.5)) {
      const found = await look();
      if (found !== undefined) return found;
      checkPatience(what, startedMs);
      await sleep(clock, pauseMs);
    }
  };

  return ({ partnerId, billNo }: AppPlan) => {
    const { sessions, paymentIds }: Memory = { sessions: new Map(), paymentIds: new Map() };

    const sessionOf = (user: string, stepUp = false): Promise<Session> => {
      const name = `${user} ${stepUp}`;
      const session = sessions.get(name) ?? client.signIn(user, stepUp);
      sessions.set(name, session);
      return session;
    };
    const seenBill = async (user: string, status: string, revision = 0): Promise<SeenBill> => {
      const session = await sessionOf(user);
      return waitFor(`the bill as ${status}`, async () => {
        const bill = (await session.bills()).find((seen) => seen.partnerId === partnerId && seen.reference === billNo);
        return bill?.status === status && (bill.detail.revision ?? 0) >= revision ? bill : undefined;
      });
    };
    const accountOf = async (session: Session, ending: string): Promise<string> => {
      const accountNo = (await session.accountNos()).find((known) => known.endsWith(ending));
      if (accountNo === undefined) throw new Error(`the customer has no account that ends with ${ending}`);
      return accountNo;
    };

    /** The command stands in the journal before its first try, and every answer after it. */
    const payOnce = async ({ key, user, stepUp, amountFen, items }: AppPayment, billId: string, payFrom: string): Promise<void> => {
      const session = await sessionOf(user, stepUp);
      commands += 1;
      const send = commands;
      const { customerId } = session;
      await journal.record({ kind: 'command', command: 'pay', key, billNo, partnerId, customerId, amountFen, payFrom, send });
      const wanted = { billId, expectedAmountFen: amountFen, payFrom, ...(items && { items }) };
      const paymentId = await session.pay(key, wanted, (answer) => {
        const known = paymentIdIn(answer);
        journal.note({ kind: 'outcome', key, send, status: answer.status, ...(known !== undefined && { paymentId: known }) });
      });
      const first = paymentIds.get(key) ?? paymentId;
      if (first !== paymentId) throw new Error(`two payments stand under the key ${key}`);
      paymentIds.set(key, paymentId);
    };
    const pay = async ({ payments, copies, whileBill, revision }: Extract<AppStep, { does: 'pay' }>): Promise<void> => {
      const ready = await Promise.all(
        payments.map(async (payment) => {
          const { billId } = await seenBill(payment.user, whileBill, revision);
          return { payment, billId, payFrom: await accountOf(await sessionOf(payment.user), payment.account) };
        }),
      );
      const many = Array.from({ length: copies }, () => ready).flat();
      await Promise.all(many.map(({ payment, billId, payFrom }) => payOnce(payment, billId, payFrom)));
    };

    const seenPayment = async ({ key, user }: AppPayment, status: string): Promise<void> => {
      const session = await sessionOf(user);
      const paymentId = paymentIds.get(key);
      if (paymentId === undefined) throw new Error(`nothing was paid under the key ${key}`);
      await waitFor(`the payment as ${status}`, async () => {
        const seen = await session.payment(paymentId, longPollMs);
        if (seen.status === status) return seen;
        if (last.includes(seen.status)) throw new Error(`the payment is ${endOf(seen)} instead of ${status}`);
        return undefined;
      });
    };

    const ask = async ({ webhookId, type, leaseId }: Extract<AppStep, { does: 'ask' }>): Promise<void> => {
      const data = type === 'campus.bill.lease' ? { billNo } : { billNo, leaseId };
      const answer = await askQuestion({ partnerId, webhookId, type, data });
      if (answer.status !== 200) throw new Error(`${type} was answered with ${answer.status}`);
      if (type === 'campus.bill.lease' && leaseIdIn(answer) !== leaseId) throw new Error(`${type} was answered with another lease`);
    };

    return async (step: AppStep): Promise<void> => {
      switch (step.does) {
        case 'link':
        case 'link wrongly': {
          const session = await sessionOf(step.user);
          const wanted = { scene: 'campus', partnerId, accountNo: step.studentNo, holderName: step.holderName };
          return step.does === 'link' ? session.link(step.key, wanted) : session.linkWrongly(step.key, wanted);
        }
        case 'pay':
          return pay(step);
        case 'wait for the bill':
          return void (await seenBill(step.user, step.status));
        case 'wait for a payment':
          return seenPayment(step.payment, step.status);
        case 'ask':
          return ask(step);
        default:
          return step satisfies never;
      }
    };
  };
};

export type PlayApp = ReturnType<typeof createPlayApp>;
