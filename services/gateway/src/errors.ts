import { defineErrors } from '@scenefi/kernel';

export const gatewayErrors = defineErrors('GATEWAY', {
  BILL_NOT_FOUND: { status: 404, retryable: false, title: 'None of your linked accounts has a bill with this id' },
  PAYMENT_NOT_FOUND: { status: 404, retryable: false, title: 'You have no payment with this id' },
  VIEWS_BEING_BUILT: { status: 409, retryable: false, title: 'A generation of views is being built already' },
  VIEWS_NOT_READY: { status: 503, retryable: true, title: 'The views are not built yet' },
  FACT_WITHOUT_VERSION: { status: 422, retryable: false, title: 'A fact without a sequence has no place in a view' },
});
