import { type Clock, epochMs, instantOf, type Logger, shanghaiTime, sleep } from '@scenefi/kernel';
import { sandboxErrors } from '../errors.ts';
import type { KeptLines } from '../kept-lines.ts';
import type { Send } from '../sender.ts';
import { createBooks, type SchoolLine, type Taken } from './books.ts';
import { type Before, reactionTo, type ToldPayment } from './react.ts';
import { scriptOf } from './scripts.ts';
import type { Webhook } from './webhook.ts';

type SchoolsOptions = KeptLines<SchoolLine> & { send: Send; clock: Clock; logger: Logger };

/**
 * Schools that answer. A webhook stands in the file with everything that the school is going to do about it before the bank hears
 * that it was taken; what a crash left undone is done by the next process under the same webhook-ids.
 */
export const createSchools = ({ lines, journal, send, clock, logger }: SchoolsOptions) => {
  const books = createBooks(lines);
  const deliveries = new Map<string, number>();
  let stopped = false;

  const isDown = ({ partnerId, data: { billNo = '' } }: Webhook): boolean => {
    const downFor = scriptOf(billNo).downFor ?? 0;
    if (downFor === 0) return false;
    const bill = `${partnerId}:${billNo}`;
    const before = deliveries.get(bill) ?? 0;
    deliveries.set(bill, before + 1);
    return before < downFor;
  };
  /** Some webhooks name the payment only; its bill is known from earlier ones. */
  const withBillNo = (webhook: Webhook): Webhook => {
    const { partnerId, data } = webhook;
    const billNo = data.billNo ?? (data.paymentId && books.billNoOf(partnerId, data.paymentId));
    return billNo ? { ...webhook, data: { ...data, billNo } } : webhook;
  };
  /** The payment that a webhook is about: as it says itself, or as the school remembers it, since other amounts may stand there too. */
  const paymentOf = ({ partnerId, data }: Webhook): ToldPayment | undefined => {
    const { billNo } = data;
    if (billNo === undefined) return undefined;
    const last = books.lastPayment(partnerId, billNo);
    const paymentId = data.paymentId ?? last?.paymentId;
    const amountFen = paymentId === last?.paymentId ? last?.amountFen : data.amountFen;
    return paymentId === undefined || amountFen === undefined ? undefined : { billNo, paymentId, amountFen };
  };
  const beforeOf = ({ partnerId, type }: Webhook, { billNo, paymentId }: ToldPayment): Before => ({
    nth: 1 + books.timesTold(partnerId, billNo, type, paymentId),
    sent: books.noticesSent(partnerId, billNo),
  });
  const takenFrom = (webhook: Webhook): Taken => {
    const { partnerId, webhookId, type, data } = webhook;
    const at = instantOf(clock.now());
    const payment = paymentOf(webhook);
    const notices = payment ? reactionTo(webhook, payment, beforeOf(webhook, payment), at) : [];
    return { kind: 'taken', partnerId, webhookId, type, data, at, notices };
  };

  /** One notice after the other, each until it is answered, however long the bank is away. */
  const act = async ({ partnerId, at, notices }: Taken): Promise<void> => {
    for (const { webhookId, type, data } of notices) {
      if (!books.awaits(partnerId, webhookId)) continue;
      const body = JSON.stringify({ type, timestamp: shanghaiTime(at), data });
      const notice = { noticeId: `${partnerId}:${webhookId}`, webhookId, type, body };
      let outcome = await send({ notice, partnerId, billNo: String(data.billNo), role: 'plan' });
      while (outcome === 'unknown' && !stopped) outcome = await send({ notice, partnerId, billNo: String(data.billNo), role: 'plan' });
      if (outcome === 'unknown') return;
      const line: SchoolLine = { kind: 'answered', partnerId, webhookId, outcome };
      books.take(line);
      journal.note(line);
    }
  };
  const actLater = (taken: Taken): void => {
    act(taken).catch((error: unknown) => {
      // A process that stops has closed its files; the next one finds what is left to do.
      if (!stopped) logger.error('a school could not act', { webhookId: taken.webhookId, reason: String(error) });
    });
  };

  return {
    /**
     * Resolves when the webhook may be answered with 200; the answer is to be called once that is done, and the school acts.
     * Throws SANDBOX_SCHOOL_DOWN. A webhook-id that was taken before changes nothing.
     */
    take: async (webhook: Webhook): Promise<() => void> => {
      if (isDown(webhook)) throw sandboxErrors.SCHOOL_DOWN();
      const known = books.knows(webhook.partnerId, webhook.webhookId);
      const taken = known ? undefined : takenFrom(withBillNo(webhook));
      if (taken) {
        books.take(taken);
        journal.note(taken);
      }
      await journal.record();
      const { actsFirst, answersAfterMs } = scriptOf(webhook.data.billNo ?? '');
      if (taken && actsFirst) await act(taken);
      if (answersAfterMs) await sleep(clock, answersAfterMs);
      return () => {
        if (taken && !actsFirst) actLater(taken);
      };
    },
    books,
    /** Does what a process before this one had decided and not done. */
    resume: (): void => {
      const unfinished = books.unfinished().sort((left, right) => epochMs(left.at) - epochMs(right.at));
      if (unfinished.length > 0) logger.info('schools go on where they stopped', { webhooks: unfinished.length });
      for (const taken of unfinished) actLater(taken);
    },
    stop: async (): Promise<void> => {
      stopped = true;
      await journal.close();
    },
  };
};

export type Schools = ReturnType<typeof createSchools>;
