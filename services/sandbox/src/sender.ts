import { createHash } from 'node:crypto';
import type { Clock, Logger, Random } from '@scenefi/kernel';
import type { Journal, Role } from './journal.ts';
import type { Fault } from './noise.ts';
import type { Partner } from './partners.ts';
import { createPatience, isUnknown } from './patient-requests.ts';
import { createSigning } from './signed-requests.ts';
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

const accepted = 202;

export const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');

/** The notice names its sender itself, since one kind of fault is a sender that nobody knows. */
const senderOf = ({ noticeId }: PlannedNotice): string => noticeId.slice(0, noticeId.indexOf(':'));

/** Sends webhooks until they are answered, spread over all addresses, each written to the journal before its first try. */
export const createSender = (options: SenderOptions) => {
  const { journal, logger } = options;
  const through = createTurnstile(options.inFlightMax);
  const ask = createPatience(options);
  const sign = createSigning(options);
  let sends = 0;

  const intend = ({ notice, billNo, role }: Sending, send: number): Promise<void> => {
    const { noticeId, webhookId, type, body } = notice;
    const expect = role === 'bad' ? 'rejected' : 'accepted';
    const partnerId = senderOf(notice);
    const bodySha256 = sha256(body);
    return journal.record({ kind: 'intent', noticeId, partnerId, webhookId, billNo, type, role, expect, bodySha256, send });
  };

  return async (sending: Sending): Promise<SendOutcome> => {
    sends += 1;
    const send = sends;
    const { notice, partnerId, role, fault } = sending;
    const { noticeId, webhookId, body } = notice;
    await intend(sending, send);
    const { status, tries } = await ask(() => sign({ to: 'notices', sender: senderOf(notice), partnerId, webhookId, body, fault }), {
      through,
      heard: ({ status }) => journal.note({ kind: 'answer', noticeId, send, status }),
    });
    if (status === accepted) return 'accepted';
    if (isUnknown({ status })) {
      logger.error('a notice was never answered', { noticeId, status, tries });
      return 'unknown';
    }
    if (role !== 'bad') logger.warn('a notice was rejected', { noticeId, status, role });
    return 'rejected';
  };
};

export type Send = ReturnType<typeof createSender>;
