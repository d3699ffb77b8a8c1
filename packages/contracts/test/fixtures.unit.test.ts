import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { facts, notices } from '../src/catalogue.ts';

const factFolder = new URL('../fixtures/', import.meta.url);
const noticeFolder = new URL('../fixtures/notices/', import.meta.url);

/** The golden message of a type, as it once was written. */
const golden = (type: string): unknown => JSON.parse(readFileSync(new URL(`${type}.json`, factFolder), 'utf8'));
const goldenNotice = (type: string): unknown => JSON.parse(readFileSync(new URL(`${type}.json`, noticeFolder), 'utf8'));

type Json = Record<string, unknown>;

/** The same data as a newer writer may write it: one more field wherever there is an object. */
const newer = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(newer);
  if (value === null || typeof value !== 'object') return value;
  return { ...Object.fromEntries(Object.entries(value).map(([name, field]) => [name, newer(field)])), inventedLater: true };
};

test('every fact and every notice has a golden message, and no golden message is left over', () => {
  const factFiles = facts.map(({ type }) => `${type}.json`);
  const noticeFiles = notices.map(({ type }) => `${type}.json`);

  expect(readdirSync(factFolder).sort()).toEqual([...new Set(factFiles), 'notices'].sort());
  expect(readdirSync(noticeFolder).sort()).toEqual([...new Set(noticeFiles)].sort());
  expect([new Set(factFiles).size, new Set(noticeFiles).size]).toEqual([factFiles.length, noticeFiles.length]);
});

test.each(facts.map((fact) => [fact.type, fact] as const))('%s: the writer still writes it and the reader still reads it', (type, fact) => {
  expect(fact.write(golden(type))).toEqual(golden(type));
  expect(fact.read(golden(type))).toEqual(golden(type));
});

test.each(facts.map((fact) => [fact.type, fact] as const))('%s: a reader of today takes what a newer writer adds', (type, fact) => {
  expect(fact.read(newer(golden(type)))).toEqual(golden(type));
  expect(() => fact.write(newer(golden(type)))).toThrow();
});

test.each(facts.map((fact) => [fact.type, fact] as const))('%s: its key is a text that the data gives', (type, fact) => {
  expect((fact.key as (data: unknown) => string)(golden(type))).toMatch(/^[\x21-\x7e]{3,200}$/);
});

/** What a partner may leave out. */
const optional: Readonly<Record<string, readonly string[]>> = {
  'campus.bill.issued': ['className'],
  'campus.bill.paid': ['items', 'leaseId'],
  'campus.bill.written-off': ['receiptNo'],
  'campus.refund.requested': ['items'],
};

test.each(notices.map((notice) => [notice.type, notice] as const))(
  '%s: the reader still reads it and knows what it is about',
  (type, notice) => {
    expect(notice.read(goldenNotice(type))).toEqual(goldenNotice(type));
    expect(notice.read(newer(goldenNotice(type)))).toEqual(goldenNotice(type));
    expect((notice.about as (partnerId: string, data: unknown) => string)('no-1-school', goldenNotice(type))).toMatch(
      /^bill_[a-z2-7]{26}$/,
    );
  },
);

test.each(notices.flatMap(({ type }) => Object.keys(goldenNotice(type) as Json).map((field) => [type, field] as const)))(
  '%s: %s is there and of its type, or may be left out',
  (type, field) => {
    const { [field]: _taken, ...rest } = goldenNotice(type) as Json;
    const { read } = notices.find((notice) => notice.type === type)!;

    expect(() => read({ ...rest, [field]: { of: 'another type' } })).toThrow();
    if (optional[type]?.includes(field)) expect(() => read(rest)).not.toThrow();
    else expect(() => read(rest)).toThrow();
  },
);

const personal = ['S20260001', '王小明', '三年二班'];

test('no fact carries a clear name or a number of a person: facts are kept for ever', () => {
  for (const { type } of facts) for (const secret of personal) expect(JSON.stringify(golden(type)), type).not.toContain(secret);
});
