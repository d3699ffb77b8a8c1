import { defineErrors } from '@scenefi/kernel';

export const notifierErrors = defineErrors('NOTIFIER', {
  DELIVERY_NOT_FOUND: { status: 404, retryable: false, title: 'No delivery has this id, or it ended long ago and is kept no longer' },
  MAILBOX_FULL: { status: 503, retryable: true, title: 'Too many letters about one thing wait for the partner' },
  ADDRESS_REFUSED: { status: 422, retryable: false, title: 'The bank does not post to this address' },
});
