import { type DataOf, defineFact } from '@scenefi/kernel';
import { z } from 'zod';
import { PartnerId } from './parties.ts';

const KeyId = z.string().regex(/^[a-z0-9]{1,32}$/);

/** Who a partner is and which scenes it may serve; the highest revision counts. */
export const PartnerDescribed = defineFact({
  type: 'merchants.partner.described',
  topic: 'merchants.partner.v1',
  title: 'What a partner may do',
  data: ({ word }) =>
    z.object({
      partnerId: PartnerId,
      revision: z.int().min(1),
      name: z.string().min(1).max(100),
      scenes: z.array(z.string()),
      callbackUrl: z.url().exactOptional().describe('where the bank posts what the partner has to know'),
      onSilence: word('queue', 'reverse')
        .exactOptional()
        .describe('what becomes of a payment that the partner never writes off: people decide, or it is reversed'),
    }),
  key: (data) => `${data.partnerId}:${data.revision}`,
});
export type PartnerDescribed = DataOf<typeof PartnerDescribed>;

/** A key that a partner signs its webhooks with. The secret travels sealed, bound to partner and key. */
export const CredentialIssued = defineFact({
  type: 'merchants.credential.issued',
  topic: 'merchants.credential.v1',
  title: 'A partner may sign with this key',
  key: (data) => `${data.partnerId}:${data.keyId}`,
  data: () => z.object({ partnerId: PartnerId, keyId: KeyId, sealed: z.string().describe('AES-256-GCM, base64') }),
});
export type CredentialIssued = DataOf<typeof CredentialIssued>;

/** Revoked wins over issued, in whatever order the two are read. */
export const CredentialRevoked = defineFact({
  type: 'merchants.credential.revoked',
  topic: 'merchants.credential.v1',
  title: 'This key counts no longer',
  key: (data) => `${data.partnerId}:${data.keyId}:revoked`,
  data: () => z.object({ partnerId: PartnerId, keyId: KeyId }),
});
export type CredentialRevoked = DataOf<typeof CredentialRevoked>;
