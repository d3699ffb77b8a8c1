import { notices } from '@scenefi/contracts';
import { httpErrors, isTimely, type PartnerTable, parseUntrustedJson, verifyWebhook, WebhookId } from '@scenefi/http';
import type { AnyNotice, Clock, Meter } from '@scenefi/kernel';
import { bodiesOf, readerOf } from './bodies.ts';
import { ingressErrors } from './errors.ts';

/** A webhook as it came: headers that are missing are empty texts. */
export type Webhook = {
  partnerId: string;
  id: string;
  timestamp: string;
  signature: string;
  mediaType: string | undefined;
  traceparent: string;
  body: Buffer;
};

/** What a webhook turned out to be: the contract it keeps, and the id of what it is about. */
export type Notice = { noticeId: string; contract: AnyNotice; about: string };

export const noticeBodies = bodiesOf(notices);
const readNotice = readerOf(noticeBodies, 'notices');

type GateOptions = { partners: PartnerTable; clock: Clock; meter: Meter };

/**
 * Lets in whoever signed, and reads what it sent, in this order: who sent it (401), what it is (415, 400).
 * A sender that is not known learns nothing else, neither from words nor from time. Throws an AppError.
 */
export const createGate = ({ partners, clock, meter }: GateOptions) => {
  const reasonOf = ({ partnerId, timestamp }: Webhook, nowMs: number): string => {
    if (!partners.knows(partnerId)) return 'partner';
    return isTimely(timestamp, nowMs) ? 'signature' : 'timestamp';
  };

  const authenticate = (webhook: Webhook): void => {
    const nowMs = clock.now();
    if (verifyWebhook({ ...webhook, keys: partners.keysOf(webhook.partnerId), nowMs })) return;
    meter.count('ingress_rejected_total', { reason: reasonOf(webhook, nowMs) });
    throw ingressErrors.UNAUTHORIZED({ challenge: 'StandardWebhooks' });
  };

  return (webhook: Webhook): unknown => {
    authenticate(webhook);
    const { id, mediaType, body } = webhook;
    if (mediaType !== 'application/json') throw httpErrors.UNSUPPORTED_MEDIA_TYPE({ detail: 'application/json' });
    const webhookId = WebhookId.safeParse(id);
    if (!webhookId.success) {
      throw httpErrors.INVALID({ errors: webhookId.error.issues.map(({ message }) => ({ path: 'headers.webhook-id', message })) });
    }
    return parseUntrustedJson(body);
  };
};

export type Gate = ReturnType<typeof createGate>;

/** Decides whether a notice may go to the log: its contract (400), and whether the sender may serve its scene (403). */
export const createAdmit =
  ({ gate, partners }: { gate: Gate; partners: PartnerTable }) =>
  (webhook: Webhook): Notice => {
    const { partnerId, id } = webhook;
    const { contract, data } = readNotice(gate(webhook));
    if (!partners.mayServe(partnerId, contract.scene)) throw ingressErrors.SCENE_NOT_ALLOWED({ partnerId });
    // A partner id holds no colon and a webhook id neither, so no two notices share this one.
    return { noticeId: `${partnerId}:${id}`, contract, about: contract.about(partnerId, data as never) };
  };
