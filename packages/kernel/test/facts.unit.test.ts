import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineFact, defineNotice } from '../src/facts.ts';

const Boiled = defineFact({
  type: 'kitchen.kettle.boiled',
  topic: 'kitchen.kettle.v2',
  title: 'Water is hot',
  data: ({ word }) =>
    z.object({
      kettleId: z.string(),
      status: word('hot', 'lukewarm'),
      cups: z.array(z.object({ size: z.int(), taste: word('green', 'black') })),
      note: z.string().optional(),
    }),
  key: (data) => data.kettleId,
});

const boiled = { kettleId: 'k1', status: 'hot', cups: [{ size: 2, taste: 'green' }] };

test('a fact takes its wire name from its type and the major of its topic', () => {
  expect(Boiled).toMatchObject({ kind: 'fact', ceType: 'cn.scenefi.kitchen.kettle.boiled.v2', classification: 'C2' });
  expect(Boiled.key(Boiled.read(boiled))).toBe('k1');
});

test('the writer gives back what it was given', () => {
  expect(Boiled.write(boiled)).toEqual(boiled);
});

test.each([
  ['a field that the contract does not know', { ...boiled, holderName: '王小明' }],
  ['such a field deep inside', { ...boiled, cups: [{ size: 2, taste: 'green', holderName: '王小明' }] }],
  ['a word outside the list', { ...boiled, status: 'cold' }],
  ['such a word deep inside', { ...boiled, cups: [{ size: 2, taste: 'milk' }] }],
  ['a missing field', { kettleId: 'k1', status: 'hot' }],
  ['a value of another type', { ...boiled, cups: [{ size: '2', taste: 'green' }] }],
  ['nothing', undefined],
])('the writer refuses %s', (_title, data) => {
  expect(() => Boiled.write(data)).toThrow();
});

test('the reader takes words that were invented later, at the top and deep inside', () => {
  const newer = { ...boiled, status: 'steaming', cups: [{ size: 2, taste: 'oolong' }] };

  expect(Boiled.read(newer)).toEqual(newer);
});

test('the reader leaves out fields that were invented later, at the top and deep inside', () => {
  const newer = { ...boiled, altitude: 3, cups: [{ size: 2, taste: 'green', handle: true }] };

  expect(Boiled.read(newer)).toEqual(boiled);
});

test.each([
  ['a missing field', { kettleId: 'k1', status: 'hot' }],
  ['a word that is no text', { ...boiled, status: 7 }],
  ['a value of another type', { ...boiled, cups: 'two' }],
])('the reader refuses %s', (_title, data) => {
  expect(() => Boiled.read(data)).toThrow(z.ZodError);
});

test('a notice stands on the one topic of its scene and says what it is about', () => {
  const Whistled = defineNotice({
    type: 'kitchen.kettle.whistled',
    scene: 'kitchen',
    title: 'It whistles',
    about: (partnerId, data) => `${partnerId}/${data.kettleNo}`,
    data: z.object({ kettleNo: z.string() }),
  });

  expect(Whistled).toMatchObject({ kind: 'notice', topic: 'kitchen.notice.v1' });
  expect(Whistled.about('home', Whistled.read({ kettleNo: '7', loud: true }))).toBe('home/7');
  expect(() => Whistled.read({})).toThrow(z.ZodError);
});
