import { createSecretKey, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/fuzz/runs.ts';
import { formatSecret, parseSecret, signWebhook, verifyWebhook, WebhookId } from '../src/index.ts';

const keyOf = (bytes: Uint8Array): KeyObject => createSecretKey(Buffer.from(bytes));

const secret = fc.uint8Array({ minLength: 24, maxLength: 64 });
const body = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const id = fc.stringMatching(/^[\x21-\x2d\x2f-\x39\x3b-\x7e]{1,64}$/);
const timestampS = fc.integer({ min: 0, max: 253_402_300_799 });
const webhook = fc.record({ secret, body, id, timestampS }, { noNullPrototype: true });

/** Texts that look like the header, and texts that do not. */
const base64 = fc.uint8Array({ minLength: 20, maxLength: 44 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const part = fc.oneof(base64, fc.constantFrom('v1,', 'v1', 'v1a,', ' ', ',', '=', '\t'), fc.string({ unit: 'binary' }));
const header = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));

test('what is signed verifies, among other keys and other signatures too', () => {
  fc.assert(
    fc.property(webhook, secret, header, (signed, other, before) => {
      const signature = signWebhook({ ...signed, secret: keyOf(signed.secret) });
      const asked = { ...signed, timestamp: String(signed.timestampS), nowMs: signed.timestampS * 1_000, signature };

      expect(WebhookId.safeParse(signed.id).success).toBe(true);
      expect(verifyWebhook({ ...asked, keys: [keyOf(signed.secret)] })).toBe(true);
      expect(verifyWebhook({ ...asked, keys: [keyOf(other), keyOf(signed.secret)] })).toBe(true);
      const few = before.split(' ').slice(0, 9).join(' ');
      expect(verifyWebhook({ ...asked, signature: `${few} ${signature}`, keys: [keyOf(signed.secret)] })).toBe(true);
    }),
    runs,
  );
});

test('whatever one changes of what was signed, it verifies no longer', () => {
  const changed = fc.record({ at: fc.nat(), xor: fc.integer({ min: 1, max: 255 }), which: fc.constantFrom('body', 'id', 'time', 'key') });
  fc.assert(
    fc.property(webhook, changed, (signed, { at, xor, which }) => {
      const flipped = (bytes: Uint8Array): Buffer => {
        const copy = Buffer.from(bytes);
        if (copy.length === 0) return Buffer.from([xor]);
        copy[at % copy.length]! ^= xor;
        return copy;
      };
      const { body, id, timestampS, secret } = signed;
      const verified = verifyWebhook({
        keys: [keyOf(which === 'key' ? flipped(secret) : secret)],
        id: which === 'id' ? flipped(Buffer.from(id)).toString('latin1') : id,
        timestamp: String(which === 'time' ? timestampS + xor : timestampS),
        signature: signWebhook({ ...signed, secret: keyOf(secret) }),
        body: which === 'body' ? flipped(body) : body,
        nowMs: timestampS * 1_000,
      });
      expect(verified).toBe(false);
    }),
    runs,
  );
});

test('no headers of a stranger verify or throw, with keys or without', () => {
  fc.assert(
    fc.property(webhook, header, header, header, (sent, id, timestamp, signature) => {
      const { body, timestampS } = sent;
      for (const keys of [[], [keyOf(sent.secret)]]) {
        expect(verifyWebhook({ keys, id, timestamp, signature, body, nowMs: timestampS * 1_000 })).toBe(false);
        expect(verifyWebhook({ keys, id: sent.id, timestamp: String(timestampS), signature, body, nowMs: timestampS * 1_000 })).toBe(false);
      }
    }),
    runs,
  );
});

test('without a key not even the right signature verifies', () => {
  fc.assert(
    fc.property(webhook, (signed) => {
      const signature = signWebhook({ ...signed, secret: keyOf(signed.secret) });
      const { body, id, timestampS } = signed;
      expect(verifyWebhook({ keys: [], id, timestamp: String(timestampS), signature, body, nowMs: timestampS * 1_000 })).toBe(false);
    }),
    runs,
  );
});

test('a secret is read from one text only: the one that was given', () => {
  fc.assert(
    fc.property(secret, fc.nat(), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), (bytes, at, letter) => {
      const text = formatSecret(Buffer.from(bytes));
      expect(parseSecret(text)).toEqual(Buffer.from(bytes));
      const place = at % text.length;
      const other = text.slice(0, place) + letter + text.slice(place + 1);
      if (other === text) return;
      const read = ((): Buffer | undefined => {
        try {
          return parseSecret(other);
        } catch {
          return undefined;
        }
      })();
      if (read) expect(read).not.toEqual(Buffer.from(bytes));
    }),
    runs,
  );
});
