import { AppError, type Clock, Outage } from '@scenefi/kernel';
import type { z } from 'zod';
import { Problem } from './problems.ts';

export type InternalCall<Answer> = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  answer: z.ZodType<Answer>;
};

type Options = { baseUrl: string; token: string; clock: Clock; timeoutMs?: number };

/** A refusal of the other service is ours to pass on, in its own words; that it does not know us is our own fault. */
const refusalOf = (status: number, text: string): Error => {
  const problem = Problem.safeParse(parsed(text));
  if (!problem.success || status >= 500 || status === 401) return new Outage(`another service answered ${status}`);
  const { code, title, detail, errors } = problem.data;
  const details = { ...(detail !== undefined && { detail }), ...(errors && { errors }) };
  return new AppError(code, { status, retryable: status === 429, title }, details);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Calls one service of ours behind its internal token. Rejects with the AppError that it answered (4xx), or with an Outage:
 * then whether the call was done is not known, and the same may be sent again.
 */
export const createInternalCalls = ({ baseUrl, token, clock, timeoutMs = 5_000 }: Options) => {
  const authorization = `Bearer ${token}`;

  return async <Answer>({ method, path, body, answer }: InternalCall<Answer>): Promise<Answer> => {
    const abort = new AbortController();
    const cancel = clock.after(timeoutMs, () => abort.abort());
    try {
      // A body that is announced and not sent would be refused.
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) };
      const request = { method, headers, signal: abort.signal, ...sent };
      const response = await fetch(`${baseUrl}${path}`, request).catch((cause: unknown) => {
        throw new Outage('another service does not answer', { cause });
      });
      const text = await response.text().catch((cause: unknown) => {
        throw new Outage('another service broke off its answer', { cause });
      });
      if (!response.ok) throw refusalOf(response.status, text);
      const read = answer.safeParse(parsed(text));
      if (!read.success) throw new Outage('another service answered in other words than it promises', { cause: read.error });
      return read.data;
    } finally {
      cancel();
    }
  };
};

export type InternalCalls = ReturnType<typeof createInternalCalls>;
