import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { CredentialIssued } from '@scenefi/contracts';
import type { Message } from '@scenefi/engine';
import { createPartnerTable } from '@scenefi/http';
import type { LogFields } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { credentialKey, described, issued, random, revoked, school, secondSecret, secret, tableMessage } from './ingress-under-test.ts';

const lines: { sentence: string; fields: LogFields | undefined }[] = [];
const write = (sentence: string, fields?: LogFields) => void lines.push({ sentence, fields });
const logger = { debug: write, info: write, warn: write, error: write };

const tableOf = (...messages: Message[]) => {
  lines.length = 0;
  const table = createPartnerTable({ credentialKey, logger, random });
  for (const message of messages) table.take(message);
  return table;
};

const known = new Map([secret, secondSecret].map((bytes) => [bytes.toString('hex'), bytes === secret ? 'first' : 'second']));
const namesOf = (keys: readonly KeyObject[]) => keys.map((key) => known.get(key.export().toString('hex')) ?? 'nobody');

const permutations = <Item>(items: readonly Item[]): Item[][] =>
  items.length < 2 ? [[...items]] : items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));

test('a partner is verified with its keys, and whoever has fewer than two is tried with keys of nobody', () => {
  expect(namesOf(tableOf().keysOf(school))).toEqual(['nobody', 'nobody']);
  expect(namesOf(tableOf(issued(school, 'k1', secret)).keysOf(school))).toEqual(['first', 'nobody']);
  expect(namesOf(tableOf(issued(school, 'k1', secret), issued(school, 'k2', secondSecret)).keysOf(school))).toEqual(['first', 'second']);
  expect(namesOf(tableOf(issued('other', 'k1', secret)).keysOf(school))).toEqual(['nobody', 'nobody']);
});

test('the table is the same in whatever order its messages come: the highest revision counts, and revoked wins', () => {
  const messages = [
    described(school, ['parking'], 1),
    described(school, ['campus'], 2),
    issued(school, 'k1', secret),
    revoked(school, 'k1'),
    issued(school, 'k2', secondSecret),
  ];
  for (const order of permutations(messages)) {
    const table = tableOf(...order, ...order.slice(0, 2));
    expect(namesOf(table.keysOf(school))).toEqual(['second', 'nobody']);
    expect([table.mayServe(school, 'campus'), table.mayServe(school, 'parking')]).toEqual([true, false]);
  }
});

test('a partner that is not described may serve nothing', () => {
  const table = tableOf(issued(school, 'k1', secret));
  expect([table.mayServe(school, 'campus'), table.mayServe('nobody', 'campus'), table.mayServe('__proto__', 'campus')]).toEqual([
    false,
    false,
    false,
  ]);
});

test('a credential that does not open is named in the log by its ids, and ignored', () => {
  const swapped = issued('other-school', 'k1', secret);
  const { sealed } = JSON.parse(String(swapped.value));
  const table = tableOf(issued(school, 'k2', secondSecret), tableMessage(CredentialIssued, { partnerId: school, keyId: 'k1', sealed }));
  expect(namesOf(table.keysOf(school))).toEqual(['second', 'nobody']);
  expect(lines).toEqual([{ sentence: 'credential ignored, it does not open', fields: { partnerId: school, keyId: 'k1' } }]);
});

test.each<[string, Partial<Message>]>([
  ['is no JSON', { value: Buffer.from('{"partnerId":"canary') }],
  ['breaks its contract', { value: Buffer.from('{"partnerId":"canary canary"}') }],
])('a message that %s is named by its place, and ignored', (_title, change) => {
  const table = tableOf({ ...issued(school, 'k1', secret), offset: 17, ...change } as Message, issued(school, 'k2', secondSecret));
  expect(namesOf(table.keysOf(school))).toEqual(['second', 'nobody']);
  expect(lines).toEqual([
    { sentence: 'message of a table ignored, it cannot be read', fields: { topic: 'merchants.credential.v1', partition: 0, offset: 17 } },
  ]);
});

test('tombstones and types of others change nothing', () => {
  const message = issued(school, 'k1', secret);
  const table = tableOf({ ...message, value: null }, { ...message, event: { ...message.event, type: 'cn.scenefi.other.v1' } } as Message);
  expect([table.knows(school), lines]).toEqual([false, []]);
});

test('a table that is printed shows no secret', () => {
  const text = inspect(tableOf(issued(school, 'k1', secret)).keysOf(school), { depth: 9, showHidden: true });
  for (const form of ['hex', 'base64', 'latin1'] as const) expect(text).not.toContain(secret.toString(form));
});
