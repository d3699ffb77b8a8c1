import { defineErrors } from '@scenefi/kernel';

const table = {
  PAYMENT_NOT_FOUND: { status: 404, retryable: false, title: 'No payment has this id' },
  REQUESTED_DIFFERENTLY: { status: 409, retryable: false, title: 'This payment was requested before with other content; the first stands' },
  OVER_PAYMENT_LIMIT: { status: 422, retryable: false, title: 'The amount is over what one payment may be' },
  OVER_DAY_LIMIT: { status: 422, retryable: false, title: 'The amount is over what the customer may still pay on this day' },
  STEP_UP_NEEDED: { status: 422, retryable: false, title: 'An amount of this size needs a second proof of who pays' },
  LEASE_EXPIRED: { status: 422, retryable: false, title: 'The time to pay was over before the debit was sent' },
  BILL_WITHDRAWN: { status: 422, retryable: false, title: 'The partner withdrew the bill before the debit was sent' },
  PAID_ELSEWHERE: { status: 422, retryable: false, title: 'The bill was paid elsewhere before the debit was sent' },
  INSUFFICIENT_FUNDS: { status: 422, retryable: false, title: 'The account does not hold the amount' },
  FOREIGN_ACCOUNT: { status: 422, retryable: false, title: 'The account is not one of the customer' },
  ACCOUNT_CLOSED: { status: 422, retryable: false, title: 'The account is closed' },
  ACCOUNT_FROZEN: { status: 422, retryable: false, title: 'The account is frozen' },
  CANCELLED: { status: 422, retryable: false, title: 'The debit was cancelled at the core bank before it was applied' },
  REFUSED_BY_BANK: { status: 422, retryable: false, title: 'The core bank refused the debit' },
  RESOLVED_AS_FAILED: { status: 422, retryable: false, title: 'People found that the debit did not take place' },
  NOT_REFUNDABLE: { status: 422, retryable: false, title: 'The payment is not settled, so there is nothing to refund' },
  EXCEEDS_REFUNDABLE: { status: 422, retryable: false, title: 'So much is not left of the payment' },
  REFUND_NO_REUSED: { status: 409, retryable: false, title: 'This refundNo was sent before with other content; the first stands' },
  REFUNDED_IN_PART: { status: 422, retryable: false, title: 'The payment was refunded, so it cannot be taken back whole' },
  NOTHING_TO_RESOLVE: { status: 409, retryable: false, title: 'Nothing of this payment waits for such a decision' },
  SECOND_PERSON_NEEDED: { status: 409, retryable: false, title: 'Another person has to confirm this decision' },
  STILL_ASKED: { status: 409, retryable: false, title: 'The core bank has not yet said that the first credit was refused' },
  ACCOUNT_NEEDED: { status: 422, retryable: false, title: 'This decision names the account that gets the money' },
  NOT_OWN_ACCOUNT: { status: 422, retryable: false, title: 'The account is not one of the customer who paid' },
  BANK_UNAVAILABLE: { status: 503, retryable: true, title: 'The core bank did not answer in time' },
} as const;

/** What is refused over HTTP, what ends a fact as a dead letter, and the codes in refusals of payments and refunds. */
export const paymentErrors = defineErrors('PAYMENTS', table);

/** The code that a fact carries where nobody waits for an error. */
export const codeOf = (name: keyof typeof table): string => `PAYMENTS_${name}`;

const ofBank = {
  'insufficient-funds': 'INSUFFICIENT_FUNDS',
  'foreign-account': 'FOREIGN_ACCOUNT',
  'account-closed': 'ACCOUNT_CLOSED',
  'account-frozen': 'ACCOUNT_FROZEN',
  cancelled: 'CANCELLED',
} as const satisfies Record<string, keyof typeof table>;

/** The core bank's word for a refusal as a code of ours; a word that nobody knows is still a refusal. */
export const codeOfBank = (word: string): string =>
  codeOf(Object.entries(ofBank).find(([known]) => known === word)?.[1] ?? 'REFUSED_BY_BANK');
