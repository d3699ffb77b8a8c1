import { createSecretKey, type KeyObject } from 'node:crypto';
import { signWebhook } from '@scenefi/http';
import type { Clock, Random } from '@scenefi/kernel';
import type { Fault } from './noise.ts';
import type { Partner } from './partners.ts';
import type { Request } from './patient-requests.ts';

/** What a school sends to ingress: under which name, signed with whose key, and what is wrong with it on purpose. */
type ToSign = {
  to: 'notices' | 'questions';
  sender: string;
  partnerId: string;
  webhookId: string;
  body: string;
  fault?: Fault | undefined;
};

type SigningOptions = { urls: readonly string[]; partners: readonly Partner[]; clock: Clock; random: Random };

const staleMs = 3_600_000;
const shiftMs: Partial<Record<Fault, number>> = { 'stale-timestamp': -staleMs, 'future-timestamp': staleMs };

/** Signs as Standard Webhooks says, each try at its own time, and goes round all addresses of ingress. */
export const createSigning = ({ urls, partners, clock, random }: SigningOptions) => {
  const secrets = new Map(partners.map(({ partnerId, secret }) => [partnerId, secret]));
  const stranger: KeyObject = createSecretKey(random.bytes(32));
  let turns = 0;

  return ({ to, sender, partnerId, webhookId, body, fault }: ToSign): Request => {
    const timestampS = Math.floor((clock.now() + (fault ? (shiftMs[fault] ?? 0) : 0)) / 1000);
    const secret = fault === 'wrong-signature' ? stranger : (secrets.get(partnerId) ?? stranger);
    const signed = fault === 'altered-body' ? `${body} ` : body;
    turns += 1;
    return {
      method: 'POST',
      url: `${urls[turns % urls.length]}/v1/partners/${sender}/${to}`,
      headers: {
        'content-type': fault === 'wrong-media-type' ? 'text/plain' : 'application/json',
        'webhook-id': webhookId,
        'webhook-timestamp': String(timestampS),
        'webhook-signature': signWebhook({ secret, id: webhookId, timestampS, body: signed }),
      },
      body,
    };
  };
};
