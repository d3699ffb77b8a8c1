import { expect, test } from 'vitest';
import { defineLifecycle } from '../src/lifecycle.ts';

const door = defineLifecycle('door', {
  open: { closed: 'shut', slammed: ['shut', 'broken'] },
  shut: { opened: 'open' },
  broken: {},
});

test('a fact leads to the one state that the table names', () => {
  expect(door.next('open', 'closed')).toBe('shut');
  expect(door.next('shut', 'opened')).toBe('open');
});

test('where the table allows several states the fact says which; the first is meant without', () => {
  expect(door.next('open', 'slammed')).toBe('shut');
  expect(door.next('open', 'slammed', 'broken')).toBe('broken');
});

test.each([
  ['a fact that the state does not know', () => door.next('shut', 'slammed')],
  ['a state without a way out', () => door.next('broken', 'opened')],
  ['a state that the table does not allow', () => door.next('open', 'closed', 'broken')],
  ['a name that every object has', () => door.next('broken', 'constructor')],
])('%s is a bug that names lifecycle, fact and state', (_title, move) => {
  expect(move).toThrow(/^door: \S+ does not lead from (open|shut|broken)/);
});

test('the table stands open for whoever draws it', () => {
  expect(Object.keys(door.table)).toEqual(['open', 'shut', 'broken']);
  expect(door.table.open).toEqual({ closed: 'shut', slammed: ['shut', 'broken'] });
});
