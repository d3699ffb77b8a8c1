import { createSecretKey } from 'node:crypto';
import { formatSecret, signWebhook, verifyWebhook } from '@scenefi/http';
import fc from 'fast-check';
import { Webhook } from 'svix';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runs } from './runs.ts';

const nowMs = 1_790_000_000_000;
const timestampS = nowMs / 1_000;
const webhook = fc.record(
  {
    secret: fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    id: fc.stringMatching(/^[\x21-\x2d\x2f-\x39\x3b-\x7e]{1,64}$/),
    body: fc.jsonValue().map((data) => JSON.stringify({ data })),
  },
  { noNullPrototype: true },
);

beforeEach(() => void vi.useFakeTimers({ now: nowMs, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

test('whatever svix signs we accept, and with one more byte no longer', () => {
  fc.assert(
    fc.property(webhook, ({ secret, id, body }) => {
      const signature = new Webhook(formatSecret(secret)).sign(id, new Date(nowMs), body);
      const given = { keys: [createSecretKey(secret)], id, timestamp: String(timestampS), signature, nowMs };
      expect(verifyWebhook({ ...given, body: Buffer.from(body) })).toBe(true);
      expect(verifyWebhook({ ...given, body: Buffer.from(`${body} `) })).toBe(false);
    }),
    runs,
  );
});

test('whatever we sign svix accepts, and with one more byte no longer', () => {
  fc.assert(
    fc.property(webhook, ({ secret, id, body }) => {
      const signature = signWebhook({ secret, id, timestampS, body });
      const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signature };
      const svix = new Webhook(formatSecret(secret));
      expect(() => svix.verify(body, headers)).not.toThrow();
      expect(() => svix.verify(`${body} `, headers)).toThrow();
    }),
    runs,
  );
});

test('during a rotation we accept what svix signed with either key', () => {
  fc.assert(
    fc.property(webhook, webhook, ({ secret, id, body }, { secret: other }) => {
      const signed = [secret, other].map((own) => new Webhook(formatSecret(own)).sign(id, new Date(nowMs), body));
      const given = { id, timestamp: String(timestampS), signature: signed.join(' '), nowMs, body: Buffer.from(body) };
      for (const key of [secret, other]) expect(verifyWebhook({ ...given, keys: [createSecretKey(key)] })).toBe(true);
    }),
    { ...runs, numRuns: 50 },
  );
});
