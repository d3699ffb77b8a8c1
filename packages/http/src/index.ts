export { createApp } from './app.ts';
export { requireBearer } from './bearer.ts';
export { httpErrors } from './errors.ts';
export { type MessageBacklog, MessageDetail, MessageRedrive, MessageSummary, messagesRoutes } from './messages-routes.ts';
export { asAppError, Fault, faultsOf, Problem } from './problems.ts';
export { openSecret, sealSecret } from './sealed.ts';
export { formatSecret, isTimely, parseSecret, signWebhook, verifyWebhook, WebhookId } from './signature.ts';
export { parseUntrustedJson } from './untrusted-json.ts';
