import { setTimeout as sleep } from 'node:timers/promises';
import { BillIssuedNotice } from '@scenefi/contracts';
import { parseSecret, signWebhook } from '@scenefi/http';
import { noticeData } from '../../packages/testing/src/notices.ts';
import type { Probed } from './town.ts';

const everyMs = 200;
const patienceMs = 5_000;
/** So many that every partition has some of them. */
const bills = 12;

const withdrawnEvery = 5;

/**
 * A school that posts five times a second, at each ingress in turn, and notes when it was last answered with 2xx.
 * Now and then it signs with its withdrawn key, and must never be.
 */
export const startProbe = (school: Probed, urls: readonly string[]) => {
  const [secret, withdrawn] = [parseSecret(school.secret), parseSecret(school.withdrawn)];
  const stop = new AbortController();
  const issuedAt = new Date().toISOString();
  // The same few notices again and again: to be taken once each, whatever happens, and no load for those who decide.
  const bodies = Array.from({ length: bills }, (_, index) =>
    JSON.stringify({ type: BillIssuedNotice.type, timestamp: issuedAt, data: noticeData.issued(`probe-${index}`) }),
  );
  let lastTakenMs = performance.now();
  let longestMs = 0;
  let taken = 0;
  let withdrawnTaken = 0;
  const refused = new Map<number, number>();

  const send = async (round: number, key: Buffer): Promise<number> => {
    const id = `probe-${round % bills}`;
    const body = bodies[round % bills]!;
    const timestampS = Math.floor(Date.now() / 1000);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signWebhook({ secret: key, id, timestampS, body }),
    };
    const url = `${urls[round % urls.length]!}/v1/partners/${school.partnerId}/notices`;
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(patienceMs)]);
    const answer = await fetch(url, { method: 'POST', body, headers, signal }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status ?? 0;
  };
  const isTaken = (status: number): boolean => status >= 200 && status < 300;

  const postWithdrawn = async (round: number): Promise<void> => {
    if (isTaken(await send(round, withdrawn))) withdrawnTaken += 1;
  };
  const post = async (round: number): Promise<void> => {
    const status = await send(round, secret);
    const nowMs = performance.now();
    if (!isTaken(status)) {
      refused.set(status, (refused.get(status) ?? 0) + 1);
      return;
    }
    taken += 1;
    longestMs = Math.max(longestMs, nowMs - lastTakenMs);
    lastTakenMs = nowMs;
  };
  const posting = (async (): Promise<void> => {
    for (let round = 0; !stop.signal.aborted; round += 1) {
      void post(round);
      if (round % withdrawnEvery === 0) void postWithdrawn(round);
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();

  return {
    /** Ends it; answers the longest time between two answers of 2xx. */
    stop: async () => {
      const longestOutageMs = Math.round(Math.max(longestMs, performance.now() - lastTakenMs));
      stop.abort();
      await posting;
      return { longestOutageMs, taken, withdrawnTaken, refused: Object.fromEntries(refused) };
    },
  };
};
