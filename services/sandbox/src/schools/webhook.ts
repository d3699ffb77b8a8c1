import { PartnerRef } from '@scenefi/contracts';
import { faultsOf, httpErrors, parseUntrustedJson } from '@scenefi/http';
import { AmountFen } from '@scenefi/kernel';
import { z } from 'zod';

/** What the bank posts, as far as a school understands it; fields that it does not know are kept as they came. */
export const WebhookBody = z.object({
  type: z.string().min(1).max(100),
  data: z
    .looseObject({
      billNo: PartnerRef,
      paymentId: z.string().max(64),
      amountFen: AmountFen,
      refundNo: PartnerRef,
    })
    .partial(),
});

/** A webhook whose signature was right. */
export type Webhook = { partnerId: string; webhookId: string } & z.output<typeof WebhookBody>;

/** Throws HTTP_NOT_JSON or HTTP_INVALID, both 400. */
export const readWebhookBody = (bytes: Buffer): z.output<typeof WebhookBody> => {
  const read = WebhookBody.safeParse(parseUntrustedJson(bytes));
  if (!read.success) throw httpErrors.INVALID({ errors: faultsOf(read.error.issues) });
  return read.data;
};
