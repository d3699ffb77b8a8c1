import { defineErrors } from '@scenefi/kernel';

export const profileErrors = defineErrors('PROFILES', {
  NAME_DIFFERS: { status: 422, retryable: false, title: 'The account belongs to somebody of another name' },
  // Retryable, so that the refusal is not kept: the same request is taken once the lock has ended.
  LOCKED: { status: 403, retryable: true, title: 'Too many wrong names were given; no account can be linked for now' },
  TOO_MANY_LINKS: { status: 422, retryable: false, title: 'The customer follows as many accounts as anybody may' },
  LINK_NOT_FOUND: { status: 404, retryable: false, title: 'The customer follows no such account' },
});
