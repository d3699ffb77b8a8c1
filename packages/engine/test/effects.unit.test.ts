import { addMs, type Effect, type Instant, Outage, type Scene } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import type { Executors } from '../src/effects.ts';
import { createEngine } from '../src/engine.ts';
import { openWorld, startAt } from './world.ts';

type Errand = { status: 'idle' | 'going' | 'gone'; attempt: number; until: Instant; heard: string[] };
type ErrandCommand = { type: 'Go'; until: Instant } | { type: 'Result'; word: string } | { type: 'Wake' };
type ErrandFact = { type: 'went'; until: Instant } | { type: 'asked' } | { type: 'ended'; word: string };

/** Something that sends for an answer once and asks again when it is woken. */
const errandScene: Scene<Errand, ErrandCommand, ErrandFact> = {
  name: 'errand',
  initial: { status: 'idle', attempt: 0, until: startAt, heard: [] },
  decide: (command, state) => {
    if (command.type === 'Go') return state.status === 'idle' ? [{ type: 'went', until: command.until }] : [];
    if (command.type === 'Result') return [{ type: 'ended', word: command.word }];
    return state.status === 'going' ? [{ type: 'asked' }] : [];
  },
  evolve: (state, fact, at) => {
    if (fact.type === 'went') return { ...state, status: 'going', attempt: 1, until: fact.until };
    if (fact.type === 'asked') return { ...state, attempt: state.attempt + 1, until: addMs(at, 1_000) };
    return { ...state, status: 'gone', heard: [...state.heard, fact.word] };
  },
  contracts: { went: 'private', asked: 'private', ended: 'private' },
  publish: () => ({}),
  wakeAt: ({ status, until }) => (status === 'going' ? { at: addMs(until, 500), takes: false } : undefined),
  effectsOf: ({ status, attempt, until }, id) => (status === 'going' ? [{ kind: 'fetch', key: `${id}:fetch`, attempt, until }] : []),
};

const timings = { sweepMs: 1_000, parkedRetryMs: 5_000, parkedMaxMs: 60_000 };
const soon = addMs(startAt, 1_000);

const open = (fetch: Executors<Errand, ErrandCommand>[string]) => {
  const world = openWorld();
  const { log, backlog, documents, clock, logger, meter } = world;
  const publisher = world.boot().batcher;
  const asked: string[] = [];
  const effects: Executors<Errand, ErrandCommand> = {
    fetch: (effect: Effect, state, id) => {
      asked.push(`${effect.key}#${effect.attempt} in ${state.status}`);
      return fetch(effect, state, id);
    },
  };
  const boot = () => {
    const engine = createEngine({
      service: 'errands',
      log,
      batcher: publisher,
      backlog,
      documentsOf: () => documents,
      clock,
      logger,
      meter,
      timings,
    });
    return { engine, errands: engine.aggregate(errandScene, { collection: 'errands', effects }) };
  };
  const stateOf = (id: string) => documents.get(id)?.state as Errand | undefined;
  const go = (until = soon) => ({ aggregateId: 'e1', id: 'go-1', command: { type: 'Go' as const, until }, body: { until } });
  return { ...world, boot, asked, stateOf, go };
};

test('what a saved state wants is done once, and its result is a command with an id of its own', async () => {
  const { boot, asked, stateOf, go, clock } = open(async () => ({ outcome: 'found', command: { type: 'Result', word: 'bread' } }));
  const { errands } = boot();

  const sent = await errands.send(go());
  await clock.advance(0);

  expect(sent).toMatchObject({ repeated: false, state: { status: 'going' } });
  expect(asked).toEqual(['e1:fetch#1 in going']);
  expect(stateOf('e1')).toMatchObject({ status: 'gone', heard: ['bread'] });
});

test('the same command again is the same aggregate: nothing is done twice, and another body is refused', async () => {
  const { boot, asked, go, clock } = open(async () => undefined);
  const { errands } = boot();

  await errands.send(go());
  const again = await errands.send(go());
  await clock.advance(0);

  expect(again.repeated).toBe(true);
  expect(asked).toHaveLength(1);
  await expect(errands.send({ ...go(), body: { other: true } })).rejects.toMatchObject({ code: 'ENGINE_ID_REUSED' });
});

test('callers of one moment share a batch', async () => {
  const { boot, documents } = open(async () => undefined);
  const { errands } = boot();

  await Promise.all(['e1', 'e2', 'e3'].map((id) => errands.send({ aggregateId: id, id, command: { type: 'Go', until: soon }, body: id })));

  expect(documents.saves).toEqual([['e1', 'e2', 'e3']]);
});

test('where nothing is known, the wake-up asks again with the same key', async () => {
  let answers = 0;
  const { boot, asked, stateOf, go, clock } = open(async () => {
    answers += 1;
    return answers < 3 ? undefined : { outcome: 'found', command: { type: 'Result', word: 'late' } };
  });
  const { engine, errands } = boot();
  const { stop } = engine.start([]);

  await errands.send(go());
  await clock.advance(10_000);

  expect(asked).toEqual(['e1:fetch#1 in going', 'e1:fetch#2 in going', 'e1:fetch#3 in going']);
  expect(stateOf('e1')?.heard).toEqual(['late']);
  await stop();
});

test('a process that dies before it began leaves the effect to the wake-up of another', async () => {
  const { boot, asked, stateOf, go, clock } = open(async () => ({ outcome: 'found', command: { type: 'Result', word: 'by the other' } }));
  const { errands } = boot();
  await errands.send({ ...go(startAt), body: 'late from the start' });
  expect(asked).toEqual([]);

  const { stop } = boot().engine.start([]);
  await clock.advance(3_000);

  expect(asked).toEqual(['e1:fetch#2 in going']);
  expect(stateOf('e1')?.heard).toEqual(['by the other']);
  await stop();
});

test('an effect that fails is shown, and an outage of it is none of a bug', async () => {
  const { boot, logger, go, clock } = open(async () => {
    throw new TypeError('a bug');
  });
  await boot().errands.send(go());
  await clock.advance(0);
  expect(logger.lines.filter(({ level }) => level === 'error').map(({ sentence }) => sentence)).toEqual(['an effect failed']);

  const away = open(async () => {
    throw new Outage('away');
  });
  await away.boot().errands.send(away.go());
  await away.clock.advance(0);
  expect(away.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('facts that the broker did not take hold the effect back: the world is not told before the log is', async () => {
  const { boot, asked, go, clock, documents } = open(async () => undefined);
  const save = documents.save;
  documents.save = async () => {
    throw new Outage('the database is away');
  };
  await expect(boot().errands.send(go())).rejects.toBeInstanceOf(Outage);
  await clock.advance(0);
  expect(asked).toEqual([]);

  documents.save = save;
  await boot().errands.send(go());
  await clock.advance(0);
  expect(asked).toHaveLength(1);
});

test('an aggregate without public facts needs no mark that something is unsent', async () => {
  const { boot, documents, go } = open(async () => undefined);
  await boot().errands.send(go());
  expect(documents.get('e1')).not.toHaveProperty('unsent');
});

test('a result that comes twice counts once', async () => {
  const twice: (() => void)[] = [];
  const { boot, stateOf, go, clock } = open(
    () => new Promise((resolve) => twice.push(() => resolve({ outcome: 'found', command: { type: 'Result', word: 'once' } }))),
  );
  const { engine, errands } = boot();
  const { stop } = engine.start([]);

  await errands.send(go());
  await clock.advance(3_000);
  for (const answer of twice) answer();
  await clock.advance(0);

  expect(twice.length).toBeGreaterThan(1);
  expect(stateOf('e1')?.heard).toEqual(['once']);
  await stop();
});
