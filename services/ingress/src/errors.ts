import { defineErrors } from '@scenefi/kernel';

export const ingressErrors = defineErrors('INGRESS', {
  UNKNOWN_TYPE: { status: 400, retryable: false, title: 'No notice has this type' },
  BROKEN_CONTRACT: { status: 400, retryable: false, title: 'The notice breaks the contract of its type' },
  UNAUTHORIZED: { status: 401, retryable: false, title: 'The signature, its time or its sender is not accepted' },
  SCENE_NOT_ALLOWED: { status: 403, retryable: false, title: 'This partner may not serve this scene' },
  NOT_READY: { status: 503, retryable: true, title: 'Partners are not known yet, send again' },
  NOT_ACKNOWLEDGED: { status: 503, retryable: true, title: 'Whether the notice was taken is unknown, send it again' },
});
