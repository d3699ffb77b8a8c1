import { defineErrors } from '@scenefi/kernel';

export const campusErrors = defineErrors('CAMPUS', {
  ISSUED_DIFFERENTLY: { status: 409, retryable: false, title: 'This billNo was issued before with other content; the first stands' },
  NOTHING_TO_PAY: { status: 422, retryable: false, title: 'The items add up to nothing' },
  AMOUNT_TOO_LARGE: { status: 422, retryable: false, title: 'The amounts add up to more than ten billion yuan' },
  REVISION_REUSED: { status: 409, retryable: false, title: 'This revision was sent before with other content; the first stands' },
  BILL_CLOSED: { status: 422, retryable: false, title: 'The bill is closed and cannot be amended' },
  ALREADY_PAID: { status: 422, retryable: false, title: 'The bill is paid; void the payment first' },
  PAYMENT_NO_REUSED: { status: 409, retryable: false, title: 'This paymentNo was sent before with other content; the first stands' },
  TOO_MANY_EARLY: { status: 422, retryable: false, title: 'Too many notices came for this bill before their time' },
  NEVER_IN_TIME: { status: 422, retryable: false, title: 'What the notice needs did not come within the time that notices are kept' },
  BILL_NOT_FOUND: { status: 404, retryable: false, title: 'No bill has this id' },
});
