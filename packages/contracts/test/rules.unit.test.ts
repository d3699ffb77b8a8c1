import { expect, test } from 'vitest';
import { BillIssuedNotice, CampusBill } from '../src/campus.ts';
import { EntryPosted, LedgerAccount } from '../src/ledger.ts';

const item = { itemNo: 'tuition', name: '学费', amountFen: 1, mandatory: true, quantityMax: 1 };
const issued = {
  billNo: 'B-1',
  schoolName: '实验小学',
  studentNo: 'S1',
  holderName: '王小明',
  title: '学费',
  items: [item],
  selection: 'fixed',
  dueAt: '2026-09-30T23:59:59+08:00',
  payableAfterDue: false,
};

test.each([
  ['no item', { items: [] }],
  ['the same item twice', { items: [item, item] }],
  ['more than fifty items', { items: Array.from({ length: 51 }, (_, index) => ({ ...item, itemNo: `i${index}` })) }],
  ['more than nine of one item', { items: [{ ...item, quantityMax: 10 }] }],
  ['a due time without an offset', { dueAt: '2026-09-30T23:59:59' }],
  ['a way of choosing that we do not know', { selection: 'haggle' }],
  ['a name of blanks', { holderName: '  ' }],
  ['half a fen', { items: [{ ...item, amountFen: 0.5 }] }],
])('a bill with %s is refused', (_title, fields) => {
  expect(() => BillIssuedNotice.read({ ...issued, ...fields })).toThrow();
});

test('blanks around a name are not part of it', () => {
  expect(BillIssuedNotice.read({ ...issued, holderName: ' 王小明 ' }).holderName).toBe('王小明');
});

const legs = (...amounts: number[]) => amounts.map((amountFen) => ({ account: 'clearing:counter', amountFen }));
const entry = (amounts: number[]) => ({
  entryId: `ent_${'a'.repeat(26)}`,
  paymentId: `pay_${'a'.repeat(26)}`,
  about: { scene: 'campus', partnerId: 'school', payableId: 'x' },
  reason: 'recorded',
  businessDay: '2026-09-01',
  legs: legs(...amounts),
});

test('an entry adds up to zero, has two legs at least and no empty one', () => {
  expect(() => EntryPosted.write(entry([5, -3, -2]))).not.toThrow();
  for (const amounts of [[5, -4], [5], [], [0, 0], [0.5, -0.5]]) expect(() => EntryPosted.write(entry(amounts)), String(amounts)).toThrow();
});

test('accounts of the ledger have four kinds', () => {
  for (const good of ['clearing:counter', 'payable:no-1-school', 'suspense:x1', `returned:cus_${'a'.repeat(26)}`])
    expect(LedgerAccount.safeParse(good).success).toBe(true);
  for (const bad of ['cash:x', 'clearing:', 'clearing', 'payable:A', 'xclearing:a', 'payable:a\n'])
    expect(LedgerAccount.safeParse(bad).success, bad).toBe(false);
});

test('a scene says everything about a payable on its own topic, keyed by the payable', () => {
  for (const { ceType, topic, key } of Object.values(CampusBill)) {
    expect(topic).toBe('campus.bill.v1');
    expect(ceType).toMatch(/^cn\.scenefi\.campus\.bill\.[a-z-]+\.v1$/);
    expect(key({ payableId: 'bill-1' } as never)).toBe('bill-1');
  }
});
