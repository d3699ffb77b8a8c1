import { frozen, scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { type Moment, momentsMax, type Show, type View, viewScene } from '../src/view.ts';
import { at, moment } from './view-words.ts';

type Picture = { status: string };
const scene = viewScene<Picture>('a-view');
const given = scenario(scene, { at });

const show = (version: number, status = `as of ${version}`): Show<Picture> => ({ type: 'Show', version, picture: { status } });
const tell = (version: number): Show<Picture> => ({ ...show(version), moment: moment(version, `fact-${version}`) });

const after = (commands: readonly Show<Picture>[]): View<Picture> =>
  commands.reduce(
    (view, command) => frozen(scene.decide(frozen(command), view, { at }).reduce((now, fact) => scene.evolve(now, fact, at), view)),
    frozen(scene.initial),
  );

const ordersOf = <Item>(items: readonly Item[]): Item[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((first, index) => ordersOf(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]));

const versionsOf = (history: readonly Moment[]): number[] => history.map(({ version }) => version);

test('the first picture is shown', () =>
  given()
    .when(show(3))
    .then({ type: 'view.shown', version: 3, picture: { status: 'as of 3' } }));

test('a newer picture replaces an older one', () => {
  expect(after([show(1), show(4)])).toEqual({ version: 4, picture: { status: 'as of 4' }, history: [] });
});

test('a late picture and a repeated one change nothing', () => {
  const seen = after([show(4)]);
  expect(scene.decide(show(4, 'other'), seen, { at })).toEqual([]);
  expect(scene.decide(show(3), seen, { at })).toEqual([]);
});

test('what happened is told in the order of its versions', () => {
  expect(versionsOf(after([tell(1), tell(2), tell(5)]).history)).toEqual([1, 2, 5]);
});

test('a late fact finds its place in the history and leaves the picture alone', () => {
  const view = after([tell(1), tell(3), tell(2)]);
  expect(view).toMatchObject({ version: 3, picture: { status: 'as of 3' } });
  expect(versionsOf(view.history)).toEqual([1, 2, 3]);
});

test('the same fact is told once, however often it comes', () => {
  expect(versionsOf(after([tell(1), tell(2), tell(1), tell(2)]).history)).toEqual([1, 2]);
});

test('every order of the same facts, repeats among them, ends in the same view', () => {
  const facts = [tell(1), tell(2), tell(3), tell(4), tell(2)];
  const straight = after(facts);
  for (const order of ordersOf(facts)) expect(after(order)).toEqual(straight);
});

test('a long history keeps the newest moments, in whatever order they came', () => {
  const facts = Array.from({ length: momentsMax + 3 }, (_, index) => tell(index + 1));
  const straight = after(facts);
  expect(straight.history).toHaveLength(momentsMax);
  expect(straight.history[0]!.version).toBe(4);
  expect(after(facts.toReversed())).toEqual(straight);
  expect(scene.decide(tell(2), straight, { at })).toEqual([]);
});

test.each([Number.NaN, 0, -1])('a fact of version %d is refused', (version) =>
  given().when(show(version)).refused('GATEWAY_FACT_WITHOUT_VERSION'),
);

test('a view says nothing to others', () => {
  expect(scene.contracts).toEqual({ 'view.shown': 'private' });
  expect(() => scene.publish({ ...show(1), type: 'view.shown' }, scene.initial, 'an-id')).toThrow('publishes nothing');
});
