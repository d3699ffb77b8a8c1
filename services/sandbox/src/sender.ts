import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { signWebhook } from '@scenefi/http';
import { type Clock, type Logger, type Random, sleep } from '@scenefi/kernel';
import type { Journal, Role } from './journal.ts';
import type { Fault } from './noise.ts';
import type { Partner } from './partners.ts';
import type { PlannedNotice } from './told-bill.ts';
import { createTurnstile } from './turnstile.ts';

/** One webhook to be sent, however many tries it takes. */
export type Sending = { notice: PlannedNotice; partnerId: string; billNo: string; role: Role; fault?: Fault };

/** `unknown` where nobody answered within the whole deadline. */
export type SendOutcome = 'accepted' | 'rejected' | 'unknown';

type SenderOptions = {
  urls: readonly string[];
  partners: readonly Partner[];
  journal: Journal;
  clock: Clock;
  random: Random;
  logger: Logger;
  inFlightMax: number;
  requestTimeoutMs: number;
  deadlineMs: number;
};

const backoffMinMs = 100;
const backoffMaxMs = 5_000;
const accepted = 202;
const noAnswer = 0;

const staleMs = 3_600_000;
const shiftMs: Partial<Record<Fault, number>> = { 'stale-timestamp': -staleMs, 'future-timestamp': staleMs };

/** After these nobody knows whether the notice was taken, so it is sent again. */
const isUnknown = (status: number): boolean => status === noAnswer || status === 429 || status >= 500;

export const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Waits longer each time, by chance between half and whole, so that many senders do not come back together. */
const backoffMs = (tries: number, random: Random): number =>
  Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(tries, 10)) * (0.5 + random.number() / 2);

type Request = { url: string; headers: Record<string, string>; body: string };

/** The status, or 0 where none came; the body is read, so that the connection can be used again. */
const postOnce = async ({ url, headers, body }: Request, clock: Clock, timeoutMs: number): Promise<number> => {
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: abort.signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return noAnswer;
  } finally {
    cancel();
  }
};

/** Sends webhooks until they are answered, spread over all addresses, each written to the journal before its first try. */
export const createSender = (options: SenderOptions) => {
  const { urls, partners, journal, clock, random, logger, requestTimeoutMs, deadlineMs } = options;
  const through = createTurnstile(options.inFlightMax);
  const secrets = new Map(partners.map(({ partnerId, secret }) => [partnerId, secret]));
  const stranger: KeyObject = createSecretKey(random.bytes(32));
  let sends = 0;
  let turns = 0;

  const requestOf = ({ notice, partnerId, fault }: Sending): Request => {
    const { noticeId, webhookId: id, body } = notice;
    const timestampS = Math.floor((clock.now() + (fault ? (shiftMs[fault] ?? 0) : 0)) / 1000);
    const secret = fault === 'wrong-signature' ? stranger : (secrets.get(partnerId) ?? stranger);
    const headers = {
      'content-type': fault === 'wrong-media-type' ? 'text/plain' : 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signWebhook({ secret, id, timestampS, body: fault === 'altered-body' ? `${body} ` : body }),
    };
    turns += 1;
    // The notice names its sender itself, since one kind of fault is a sender that nobody knows.
    return { url: `${urls[turns % urls.length]}/v1/partners/${noticeId.slice(0, noticeId.indexOf(':'))}/notices`, headers, body };
  };

  const intend = (sending: Sending, send: number): Promise<void> => {
    const { notice, billNo, role } = sending;
    const { noticeId, webhookId, type, body } = notice;
    const partnerId = noticeId.slice(0, noticeId.indexOf(':'));
    const expect = role === 'bad' ? 'rejected' : 'accepted';
    return journal.record({
      kind: 'intent',
      noticeId,
      partnerId,
      webhookId,
      billNo,
      type,
      role,
      expect,
      bodySha256: sha256(body),
      send,
    });
  };

  return async (sending: Sending): Promise<SendOutcome> => {
    sends += 1;
    const send = sends;
    const { noticeId } = sending.notice;
    await intend(sending, send);
    const giveUpAtMs = clock.now() + deadlineMs;
    for (let tries = 0; ; tries += 1) {
      const status = await through(() => postOnce(requestOf(sending), clock, requestTimeoutMs));
      journal.note({ kind: 'answer', noticeId, send, status });
      if (status === accepted) return 'accepted';
      if (!isUnknown(status)) {
        if (sending.role !== 'bad') logger.warn('a notice was rejected', { noticeId, status, role: sending.role });
        return 'rejected';
      }
      if (clock.now() >= giveUpAtMs) {
        logger.error('a notice was never answered', { noticeId, status, tries });
        return 'unknown';
      }
      await sleep(clock, backoffMs(tries, random));
    }
  };
};

export type Send = ReturnType<typeof createSender>;
