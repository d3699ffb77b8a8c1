import { expect, test } from 'vitest';
import { owedFen, paysExactly } from '../src/items.ts';
import { at, item } from './bill-words.ts';

const fixed = [item('tuition', 100), item('books', 50), item('gift', 0, { mandatory: false, quantityMax: 3 })];
const lunch = item('lunch', 30, { mandatory: false, quantityMax: 3 });
const choice = [item('tuition', 100), lunch, item('badge', 0, { mandatory: false, quantityMax: 9 })];
const optional = [lunch, item('bus', 20, { mandatory: false })];

/** Chosen items are written as `tuition=1 lunch=3`. */
const pays = (items: typeof fixed, selection: 'fixed' | 'choice', amountFen: number, chosen?: string): boolean => {
  const payment = { paymentNo: 'P1', channel: 'counter', amountFen, paidAt: at } as const;
  const pairs = chosen?.split(' ').map((pair) => pair.split('=') as [string, string]);
  const named = pairs?.map(([itemNo, quantity]) => ({ itemNo, quantity: Number(quantity) }));
  return paysExactly(items, selection, named ? { ...payment, items: named } : payment);
};

test.each([
  ['every item once, of a fixed bill', owedFen(fixed, 'fixed'), 150],
  ['every item once, mandatory or not', owedFen(optional, 'fixed'), 50],
  ['the mandatory items of a choice', owedFen(choice, 'choice'), 100],
  ['the cheapest item of a choice without mandatory ones', owedFen(optional, 'choice'), 20],
  ['the cheapest item that costs something where the mandatory ones cost nothing', owedFen([item('a', 0), ...optional], 'choice'), 20],
  ['nothing, where nothing costs anything', owedFen([item('a', 0, { mandatory: false })], 'choice'), 0],
])('what is owed is %s', (_what, owed, expected) => expect(owed).toBe(expected));

test.each<[what: string, exact: boolean, amountFen: number, chosen?: string]>([
  ['the sum', true, 150],
  ['a fen more', false, 151],
  ['a fen less', false, 149],
  ['the sum, for every item once', true, 150, 'books=1 gift=1 tuition=1'],
  ['the sum, with an item left out that costs nothing', false, 150, 'tuition=1 books=1'],
  ['the sum, with an item taken twice that costs nothing', false, 150, 'tuition=1 books=1 gift=2'],
  ['the sum, with an unknown item', false, 150, 'tuition=1 books=1 gift=1 shoes=1'],
  ['the sum, with a repeated item', false, 150, 'tuition=1 books=1 gift=1 gift=1'],
])('a fixed bill paid with %s: exact is %s', (_what, exact, amountFen, chosen) => {
  expect(pays(fixed, 'fixed', amountFen, chosen)).toBe(exact);
});

test.each<[what: string, exact: boolean, amountFen: number, chosen?: string]>([
  ['the mandatory item alone', true, 100, 'tuition=1'],
  ['as many as are allowed', true, 190, 'tuition=1 lunch=3'],
  ['one more than is allowed', false, 220, 'tuition=1 lunch=4'],
  ['a mandatory item twice that may be taken once', false, 200, 'tuition=2'],
  ['the mandatory item left out', false, 30, 'lunch=1'],
  ['an amount that is not the price', false, 131, 'tuition=1 lunch=1'],
  ['an unknown item', false, 100, 'tuition=1 shoes=1'],
  ['a repeated item, though its sum is right', false, 160, 'tuition=1 lunch=1 lunch=1'],
  ['no items named', false, 100],
])('a choice paid with %s: exact is %s', (_what, exact, amountFen, chosen) => {
  expect(pays(choice, 'choice', amountFen, chosen)).toBe(exact);
});

test('a choice of nothing that costs anything pays nothing', () => {
  expect(pays([item('a', 0, { mandatory: false }), lunch], 'choice', 0, 'a=1')).toBe(false);
});

test('a choice without mandatory items is paid by any one of them', () => {
  expect(pays(optional, 'choice', 20, 'bus=1')).toBe(true);
  expect(pays(optional, 'choice', 20)).toBe(false);
});
