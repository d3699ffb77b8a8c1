import { defineErrors } from '@scenefi/kernel';

/** What the outside world refuses: the core bank, and schools that are asked by webhook. */
export const sandboxErrors = defineErrors('SANDBOX', {
  KEY_REUSED: { status: 409, retryable: false, title: 'This key was used before with other content; the first stands' },
  OUTCOME_NOT_KNOWN: { status: 404, retryable: true, title: 'No outcome stands under this key' },
  BANK_FAILED: { status: 500, retryable: true, title: 'The core bank failed on purpose; nothing was booked' },
  BANK_BUSY: { status: 503, retryable: true, title: 'The core bank is busy on purpose; it may or may not book later' },
  WEBHOOK_UNAUTHORIZED: { status: 401, retryable: false, title: 'The webhook is not signed with the key of this school' },
  SCHOOL_DOWN: { status: 503, retryable: true, title: 'The school does not take webhooks now, on purpose' },
});
