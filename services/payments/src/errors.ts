import { defineErrors } from '@scenefi/kernel';

export const paymentErrors = defineErrors('PAYMENTS', {
  PAYMENT_NOT_FOUND: { status: 404, retryable: false, title: 'No payment has this id' },
});
