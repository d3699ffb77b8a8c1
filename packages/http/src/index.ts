export { type AppOptions, createApp } from './app.ts';
export { requireBearer } from './bearer.ts';
export { httpErrors } from './errors.ts';
export type { Health } from './health.ts';
export { type MessageBacklog, MessageDetail, MessageRedrive, MessageSummary, messagesRoutes } from './messages-routes.ts';
export { asAppError, Fault, faultsOf, Problem, problemOf } from './problems.ts';
export { openSecret, type SealOwner, sealSecret } from './sealed.ts';
export { formatSecret, isTimely, parseSecret, signWebhook, verifyWebhook, WebhookId } from './signature.ts';
export { parseUntrustedJson } from './untrusted-json.ts';
