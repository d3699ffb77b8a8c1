import { defineErrors } from '@scenefi/kernel';

/** What every HTTP edge refuses in the same words. */
export const httpErrors = defineErrors('HTTP', {
  BAD_REQUEST: { status: 400, retryable: false, title: 'The request cannot be understood' },
  NOT_JSON: { status: 400, retryable: false, title: 'The body is not JSON that can be read in one way only' },
  TOO_DEEP: { status: 400, retryable: false, title: 'The body is nested too deeply' },
  INVALID: { status: 400, retryable: false, title: 'The request breaks its contract' },
  UNAUTHORIZED: { status: 401, retryable: false, title: 'The bearer token is missing or wrong' },
  NOT_FOUND: { status: 404, retryable: false, title: 'There is nothing at this place' },
  IDEMPOTENCY_KEY_MISSING: { status: 400, retryable: false, title: 'A command needs an Idempotency-Key of 1 to 64 visible characters' },
  REQUEST_TIMEOUT: { status: 408, retryable: true, title: 'The request did not arrive in time' },
  BODY_TOO_LARGE: { status: 413, retryable: false, title: 'The body is larger than this route takes' },
  TOO_MANY_REQUESTS: { status: 429, retryable: true, title: 'Too many requests, try again later' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, title: 'This route takes another media type' },
  HEADERS_TOO_LARGE: { status: 431, retryable: false, title: 'The headers are larger than this server takes' },
  INTERNAL: { status: 500, retryable: false, title: 'The request failed by a fault of ours' },
  OVERLOADED: { status: 503, retryable: true, title: 'More comes than can be answered, try again later' },
  UNAVAILABLE: { status: 503, retryable: true, title: 'Something this service needs is away, try again' },
});
