import { AppError, defineErrors } from '@scenefi/kernel';

/** Why a message can never be read. */
export const busErrors = defineErrors('BUS', {
  NOT_CLOUDEVENT: { status: 422, retryable: false, title: 'The headers of the message are no CloudEvent' },
  NOT_JSON: { status: 422, retryable: false, title: 'The value of the message is no JSON' },
  UNKNOWN_TYPE: { status: 422, retryable: false, title: 'The catalogue has no such type on this topic' },
  CONTRACT_BROKEN: { status: 422, retryable: false, title: 'The data breaks the contract of its type' },
});

/** What the engine itself refuses, or shows where a bug stands behind it. */
export const engineErrors = defineErrors('ENGINE', {
  ID_REUSED: { status: 409, retryable: false, title: 'This id was used before with other data; the first stands' },
  FACT_TOO_LARGE: { status: 422, retryable: false, title: 'What this command would publish is over 256 KiB' },
  STATE_TOO_LARGE: { status: 422, retryable: false, title: 'The aggregate would outgrow its document' },
  UNEXPECTED: { status: 500, retryable: true, title: 'A bug or an outside fault; the message waits and is tried again' },
  WAITS: { status: 409, retryable: true, title: 'An earlier message of the same key waits' },
  TOO_OLD: { status: 410, retryable: false, title: 'The message waited for its whole time and was given up' },
  NO_SUCH_MESSAGE: { status: 404, retryable: false, title: 'No parked or dead message has this id' },
});

/** The same refusal again, from the code that was kept. */
export const refusedBefore = (code: string): AppError =>
  new AppError(code, { status: 422, retryable: false, title: 'The message was refused when it first came' });
