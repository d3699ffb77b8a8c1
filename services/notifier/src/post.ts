import type { KeyObject } from 'node:crypto';
import { signWebhook } from '@scenefi/http';
import { AppError, type Clock, instantOf } from '@scenefi/kernel';
import { Agent, type Dispatcher, request } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import type { Answer } from './mailbox-state.ts';

const answerBytesMax = 8 * 1024;
const answerCharactersMax = 200;
const connectionsMax = 32;

export type Webhook = { url: string; key: KeyObject; deliveryId: string; body: string };

/** What came back, and how long a partner that is busy wants to be left alone. */
export type Posted = Answer & { retryAfterMs?: number };

type PostParts = { guard: AddressGuard; clock: Clock; timeoutMs: number };

/** The beginning of an answer; what a partner sends beyond, or does not send in time, is nobody's loss. */
const beginningOf = async (body: Dispatcher.ResponseData['body']): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      // Leaving the loop destroys the stream, and with it the connection.
      if (bytes >= answerBytesMax) break;
    }
  } catch {
    // The status has come, and it alone counts.
  }
  const text = Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8');
  return [...text.replace(/\p{C}+/gu, ' ').trim()].slice(0, answerCharactersMax).join('');
};

/** Seconds or a date, as RFC 9110 allows; only a partner that is busy is believed. */
const retryAfterOf = (status: number, header: string | string[] | undefined, nowMs: number): number | undefined => {
  if ((status !== 429 && status !== 503) || typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return ms > 0 ? ms : undefined;
};

const reasonOf = (error: unknown): string => {
  if (error instanceof AppError) return String(error.details.reason);
  const { code, message } = error as { code?: string; message?: string };
  return (code ?? message ?? String(error)).slice(0, answerCharactersMax);
};

/**
 * Posts one webhook as Standard Webhooks 1.0.0 says and follows no redirect. The whole call takes at most `timeoutMs`, name and
 * connection included. Never rejects: whatever goes wrong is an answer too.
 */
export const createPost = ({ guard, clock, timeoutMs }: PostParts) => {
  const agent = new Agent({
    connections: connectionsMax,
    allowH2: false,
    keepAliveTimeout: 1_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { lookup: guard.lookup, timeout: timeoutMs },
  });

  const send = async ({ url, key, deliveryId, body }: Webhook, signal: AbortSignal) => {
    const timestampS = Math.floor(clock.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'scenefi-notifier',
      'webhook-id': deliveryId,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signWebhook({ secret: key, id: deliveryId, timestampS, body }),
    };
    const {
      statusCode: status,
      headers: came,
      body: answer,
    } = await request(guard.check(url), {
      dispatcher: agent,
      method: 'POST',
      headers,
      body,
      signal,
    });
    const retryAfterMs = retryAfterOf(status, came['retry-after'], clock.now());
    return { status, answer: await beginningOf(answer), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  };

  return async (webhook: Webhook): Promise<Posted> => {
    const startedMs = clock.now();
    const at = instantOf(startedMs);
    const abort = new AbortController();
    const cancel = clock.after(timeoutMs, () => abort.abort());
    const troubleOf = (error: unknown) => {
      if (abort.signal.aborted) return { status: 'timeout' as const, answer: '' };
      return { status: error instanceof AppError ? ('address-refused' as const) : ('unreachable' as const), answer: reasonOf(error) };
    };
    const came = await send(webhook, abort.signal).catch(troubleOf);
    cancel();
    return { at, tookMs: Math.max(0, clock.now() - startedMs), ...came };
  };
};

export type Post = ReturnType<typeof createPost>;
