import { createSecretKey, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { formatSecret, isTimely, parseSecret, signWebhook, verifyWebhook, WebhookId } from '../src/index.ts';

const secret = Buffer.alloc(32, 7);
const other = Buffer.alloc(32, 8);
const nowMs = 1_790_000_000_000;
const timestampS = nowMs / 1000;
const body = Buffer.from('{"type":"campus.bill.issued","title":"学费"}');
const id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W';

const signed = {
  keys: [createSecretKey(secret)],
  id,
  timestamp: String(timestampS),
  signature: signWebhook({ secret, id, timestampS, body }),
  body,
  nowMs,
};

test('what we sign is what the specification computes by hand', () => {
  expect(
    signWebhook({
      secret: Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'),
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampS: 1614265330,
      body: '{"test": 2432232314}',
    }),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

describe('the standardwebhooks library', () => {
  const library = new Webhook(formatSecret(secret));
  beforeEach(() => void vi.useFakeTimers({ now: nowMs, toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('signs what we accept', () => {
    const signature = library.sign(id, vi.getMockedSystemTime() as Date, body.toString());
    expect(verifyWebhook({ ...signed, signature })).toBe(true);
  });

  test('accepts what we sign', () => {
    const headers = { 'webhook-id': id, 'webhook-timestamp': signed.timestamp, 'webhook-signature': signed.signature };
    expect(library.verify(body.toString(), headers)).toEqual(JSON.parse(body.toString()));
    expect(() => library.verify(`${body} `, headers)).toThrow();
  });
});

describe('a signature is refused', () => {
  const refused: [string, Partial<Parameters<typeof verifyWebhook>[0]>][] = [
    ['when one byte of the body differs', { body: Buffer.concat([body, Buffer.from(' ')]) }],
    ['when the id differs', { id: `${id}x` }],
    ['when the time differs by a second', { timestamp: String(timestampS + 1) }],
    ['when the key is another', { keys: [createSecretKey(other)] }],
    ['when there is no key', { keys: [] }],
    ['when the id is missing', { id: '', signature: signWebhook({ secret, id: '', timestampS, body }) }],
    ['when the id has a dot, even if it is signed', { id: 'a.1', signature: signWebhook({ secret, id: 'a.1', timestampS, body }) }],
    ['when the time is missing', { timestamp: '' }],
    ['when the signature is missing', { signature: '' }],
    ['when its version is another', { signature: signed.signature.replace('v1,', 'v2,') }],
    ['when its version is missing', { signature: signed.signature.slice(3) }],
    ['when it is cut short', { signature: signed.signature.slice(0, -4) }],
    ['when it has something behind it', { signature: `${signed.signature}=` }],
    ['when it stands behind ten others', { signature: `${'v1,x '.repeat(10)}${signed.signature}` }],
  ];
  test.each(refused)('%s', (_title, change) => {
    expect(verifyWebhook({ ...signed, ...change })).toBe(false);
  });
});

describe('a signature is accepted', () => {
  test('as it is', () => expect(verifyWebhook(signed)).toBe(true));
  test('when it is made by any of several keys', () =>
    expect(verifyWebhook({ ...signed, keys: [createSecretKey(other), createSecretKey(secret)] })).toBe(true));
  test('when it stands among others, as during a rotation', () => {
    const signature = `v1a,x ${signWebhook({ secret: other, id, timestampS, body })} ${signed.signature}`;
    expect(verifyWebhook({ ...signed, signature })).toBe(true);
  });
  test('when it is the tenth', () => expect(verifyWebhook({ ...signed, signature: `${'v1,x '.repeat(9)}${signed.signature}` })).toBe(true));
});

test.each([
  [-300_000, true],
  [300_000, true],
  [-300_001, false],
  [300_001, false],
])('a signature that is %i ms away from now is timely: %s', (awayMs, timely) => {
  expect(isTimely(String(timestampS), nowMs - awayMs)).toBe(timely);
  expect(verifyWebhook({ ...signed, nowMs: nowMs - awayMs })).toBe(timely);
});

test.each(['', ' 1790000000', '1790000000.0', '1.79e9', '-1790000000', '0x6AB0', '1790000000000000', 'NaN'])('%j is no time', (timestamp) =>
  expect(isTimely(timestamp, nowMs)).toBe(false),
);

test.each([
  ['msg_2KWPBgLl-AI54', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['', false],
  ['a.b', false],
  ['a:b', false],
  ['a b', false],
  ['学', false],
])('whether %j can be a webhook-id: %s', (text, valid) => expect(WebhookId.safeParse(text).success).toBe(valid));

describe('a secret', () => {
  test.each([24, 32, 64])('of %i bytes is written and read again', (size) => {
    const bytes = randomBytes(size);
    expect(parseSecret(formatSecret(bytes))).toEqual(bytes);
  });

  test.each([
    ['too short', formatSecret(secret).slice(0, 30)],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['without its prefix', secret.toString('base64')],
    ['with a foreign character', formatSecret(secret).replace('B', '!')],
  ])('that is %s is refused without being quoted', (_title, text) => {
    expect(() => parseSecret(text)).toThrow(/^a webhook secret (is whsec_ and base64|has 24 to 64 bytes)$/);
  });
});
