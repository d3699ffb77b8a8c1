import { expect, test } from 'vitest';
import { deadLetterTopic, facts, noticeCeType, notices, refusals, topics } from '../src/catalogue.ts';
import { billIds, heldByBank, PartnerId, PartnerRef, scenes } from '../src/parties.ts';

const aggregateOf = (type: string): string => type.split('.').slice(0, 2).join('.');

test('topics are named `<context>.<aggregate>.v<major>`, without an underscore', () => {
  for (const { name } of topics) expect(name).toMatch(/^[a-z][a-z-]*\.[a-z][a-z-]*\.v\d+$/);
});

test('every topic stands once', () => {
  expect(new Set(topics.map(({ name }) => name)).size).toBe(topics.length);
});

test('the facts of one aggregate stand on one topic, so that they stay in order, and no two aggregates share one', () => {
  const topicsOf = Map.groupBy(facts, ({ type }) => aggregateOf(type));
  for (const [aggregate, own] of topicsOf) expect(new Set(own.map(({ topic }) => topic)).size, aggregate).toBe(1);

  const aggregatesOf = Map.groupBy(facts, ({ topic }) => topic);
  for (const [topic, own] of aggregatesOf) expect(new Set(own.map(({ type }) => aggregateOf(type))).size, topic).toBe(1);
});

test('every fact has a wire name of its own, in the past tense of its aggregate', () => {
  expect(new Set(facts.map(({ ceType }) => ceType)).size).toBe(facts.length);
  for (const { type, ceType } of facts) {
    expect(type).toMatch(/^[a-z]+\.[a-z]+\.([a-z]+-)*[a-z]+$/);
    expect(ceType).toBe(`cn.scenefi.${type}.v1`);
  }
});

test('every fact and notice says in a sentence what happened', () => {
  for (const { type, title } of [...facts, ...notices]) expect(title, type).toMatch(/^[A-Z].{10,}[^.]$/);
});

test('notices belong to a known scene, which can tell its partners of a refusal', () => {
  for (const { scene, topic, type } of notices) {
    expect(scenes).toContain(scene);
    expect(topic).toBe(`${scene}.notice.v1`);
    expect(type.startsWith(`${scene}.`)).toBe(true);
    expect(refusals[scene]?.topic).toBe(`${scene}.refusal.v1`);
  }
});

test('facts are kept for ever; notices, refusals and tables have kinds of their own', () => {
  const kinds = Object.fromEntries(topics.map(({ name, kind }) => [name, kind]));

  expect(kinds).toEqual({
    'campus.notice.v1': 'notices',
    'campus.bill.v1': 'facts',
    'campus.refusal.v1': 'refusals',
    'payments.payment.v1': 'facts',
    'ledger.entry.v1': 'facts',
    'profiles.customer.v1': 'facts',
    'notifier.delivery.v1': 'facts',
    'merchants.partner.v1': 'table',
    'merchants.credential.v1': 'table',
  });
});

test('a compacted topic has write-once keys: issued and revoked are two, and so are two revisions', () => {
  const keyOf = (type: string, data: object): string => (facts.find((fact) => fact.type === type)!.key as (data: unknown) => string)(data);
  const credential = { partnerId: 'school', keyId: 'k1' };
  const keys = [
    keyOf('merchants.credential.issued', credential),
    keyOf('merchants.credential.revoked', credential),
    keyOf('merchants.credential.issued', { ...credential, keyId: 'k2' }),
    keyOf('merchants.partner.described', { partnerId: 'school', revision: 1 }),
    keyOf('merchants.partner.described', { partnerId: 'school', revision: 2 }),
  ];

  expect(new Set(keys).size).toBe(keys.length);
});

test('a dead-letter topic belongs to one consumer group, and a notice has the wire type of its scene', () => {
  expect(deadLetterTopic('payments.payment.v1', 'ledger')).toBe('payments.payment.v1.ledger.dlq');
  expect(noticeCeType('campus')).toBe('cn.scenefi.campus.notice.received.v1');
});

test('bills of two partners never meet, whatever the partners call them', () => {
  const [issued] = notices;
  const about = issued!.about as (partnerId: string, data: { billNo: string }) => string;

  expect(about('school-1', { billNo: '7' })).not.toBe(about('school-17', { billNo: '' }));
  expect(about('school-1', { billNo: '7' })).toBe(billIds.of('school-1', '7'));
});

test.each([
  [PartnerId, ['ab', 'no-1-school', '7x'], ['a', 'No-1', '-ab', 'a_b', 'a'.repeat(41), 'school|other', 'school:1']],
  [PartnerRef, ['B-1', '~!', 'x'.repeat(64)], ['', ' ', 'a b', '学', 'x'.repeat(65), 'a\n']],
])('names that partners choose have a narrow form', (schema, good, bad) => {
  for (const text of good) expect(schema.safeParse(text).success, text).toBe(true);
  for (const text of bad) expect(schema.safeParse(text).success, text).toBe(false);
});

test('money paid at a counter or by QR lies with the bank; cash and unknown channels do not', () => {
  expect(['counter', 'aggregated-qr', 'cash', 'other', 'drone'].map(heldByBank)).toEqual([true, true, false, false, false]);
});
