import { expect, test } from 'vitest';
import { hasTransactions, hostsOf, withoutDatabase } from '../../scripts/engines/given.ts';

test.each([
  ['mongodb://a:1', 'mongodb://a:1/'],
  ['mongodb://a:1/', 'mongodb://a:1/'],
  ['mongodb://a:1/shop', 'mongodb://a:1/'],
  ['mongodb://a:1,b:2/shop?replicaSet=rs0', 'mongodb://a:1,b:2/?replicaSet=rs0'],
  ['mongodb://u:p@a:1/shop?replicaSet=rs0', 'mongodb://u:p@a:1/?replicaSet=rs0&authSource=shop'],
  ['mongodb://u:p@a:1/shop?authSource=admin', 'mongodb://u:p@a:1/?authSource=admin'],
  ['mongodb+srv://u:p@a.example/?w=majority', 'mongodb+srv://u:p@a.example/?w=majority'],
])('%s without its database name is %s', (url, expected) => {
  expect(withoutDatabase(url)).toBe(expected);
});

test('the hosts of a URL are shown without the password', () => {
  expect(hostsOf('mongodb://user:secret@a:1,b:2/shop?replicaSet=rs0')).toBe('a:1,b:2');
  expect(hostsOf('nonsense')).not.toContain('nonsense');
});

test('a replica set and a router of shards have transactions, a standalone server has none', () => {
  expect(hasTransactions({ setName: 'rs0' })).toBe(true);
  expect(hasTransactions({ msg: 'isdbgrid' })).toBe(true);
  expect(hasTransactions({ isWritablePrimary: true })).toBe(false);
});
