import { Outage } from '@scenefi/kernel';
import { testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { createWaiting } from '../src/waiting.ts';
import { at } from './view-words.ts';

const waitingOn = (views: Map<string, string>) => {
  const clock = testClock(at);
  const looks: (readonly string[])[] = [];
  const look = async (ids: readonly string[]) => {
    looks.push(ids);
    return new Map([...views].filter(([id]) => ids.includes(id)));
  };
  return { clock, looks, ...createWaiting({ look, clock, everyMs: 100 }) };
};

test('whoever waits goes on as soon as the view has got there', async () => {
  const views = new Map([['a', 'begun']]);
  const { clock, looks, until } = waitingOn(views);
  const reached = until('a', (view) => view === 'done', 5_000);
  await clock.advance(250);
  views.set('a', 'done');
  await clock.advance(100);
  expect(await reached).toBe('done');
  expect(looks).toHaveLength(3);
});

test('one poll serves all who wait, and asks for each view once', async () => {
  const views = new Map<string, string>();
  const { clock, looks, until } = waitingOn(views);
  const all = ['a', 'b', 'a', 'a'].map((id) => until(id, (view) => view !== undefined, 5_000));
  await clock.advance(100);
  expect(looks).toEqual([['a', 'b']]);
  views.set('a', 'there').set('b', 'there too');
  await clock.advance(100);
  expect(await Promise.all(all)).toEqual(['there', 'there too', 'there', 'there']);
});

test('nobody waits beyond his time; he gets the view as it stands', async () => {
  const { clock, until } = waitingOn(new Map([['a', 'begun']]));
  const both = [until('a', (view) => view === 'done', 200), until('b', (view) => view === 'done', 200)];
  await clock.advance(200);
  expect(await Promise.all(both)).toEqual(['begun', undefined]);
});

test('nothing is read while nobody waits, and the poll begins again with the next one', async () => {
  const { clock, looks, until } = waitingOn(new Map([['a', 'there']]));
  const first = until('a', () => true, 1_000);
  await clock.advance(100);
  await first;
  await clock.advance(10_000);
  expect(looks).toHaveLength(1);
  const second = until('a', () => true, 1_000);
  await clock.advance(100);
  expect(await second).toBe('there');
});

test('an outage reaches those who wait, and not those who come later', async () => {
  const clock = testClock(at);
  let away = true;
  const look = async () => {
    if (away) throw new Outage('the database is away');
    return new Map([['a', 'there']]);
  };
  const { until } = createWaiting({ look, clock, everyMs: 100 });
  const first = expect(until('a', () => true, 1_000)).rejects.toThrow('the database is away');
  await clock.advance(100);
  await first;
  away = false;
  const second = until('a', () => true, 1_000);
  await clock.advance(100);
  expect(await second).toBe('there');
});

test('a process that stops lets everybody go with what there is', async () => {
  const { clock, until, end } = waitingOn(new Map([['a', 'begun']]));
  const waits = until('a', (view) => view === 'done', 25_000);
  end();
  await clock.advance(100);
  expect(await waits).toBe('begun');
});
