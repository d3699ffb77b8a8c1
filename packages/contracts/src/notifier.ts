import { type DataOf, defineFact, defineId } from '@scenefi/kernel';
import { z } from 'zod';
import { PartnerId } from './parties.ts';

export const deliveryIds = defineId('dlv');

/** What partners are told, by the `type` of the webhook. */
export const tellings = [
  'payment.debited',
  'payment.reversing',
  'payment.reversed',
  'payment.disputed',
  'refund.completed',
  'refund.refused',
  'refund.failed',
  'bill.disputed',
  'notice.refused',
] as const;
export type Telling = (typeof tellings)[number];

const ofDelivery = (verb: string, title: string) =>
  defineFact({
    type: `notifier.delivery.${verb}`,
    topic: 'notifier.delivery.v1',
    title,
    data: ({ word }) =>
      z.object({
        deliveryId: deliveryIds.schema.describe('the webhook-id'),
        partnerId: PartnerId,
        payableId: z.string().describe('what it is about; deliveries about one thing keep their order'),
        telling: word(...tellings),
        attempts: z.int().min(0),
      }),
    key: ({ payableId }) => payableId,
  });

export const DeliveryTaken = ofDelivery('taken', 'A partner took a webhook: it answered 2xx');
export const DeliveryGivenUp = ofDelivery('given-up', 'A partner did not take a webhook within the whole schedule; people can replay it');
export type DeliveryEnd = DataOf<typeof DeliveryTaken>;
