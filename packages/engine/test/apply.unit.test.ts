import { Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { add, entry, openWorld, source, startAt, statuses, totalOf } from './world.ts';

test('a command is decided, saved and published before anybody is answered', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();
  const cause = { correlationId: 'c-1', causationId: 'm-1', traceparent: '00-abc-def-01' };

  const [outcome] = await apply([add('c1', 'm1', 5, { cause })]);

  expect(outcome).toEqual({ status: 'done', state: { total: 5 }, version: 1 });
  expect(documents.get('c1')).toMatchObject({ rev: 1, version: 1, state: { total: 5 }, at: startAt, out: [{ version: 1 }] });
  expect(log.records).toEqual([
    {
      topic: 'counters.counter.v1',
      key: 'c1',
      partition: 1,
      id: 'c1:1',
      source,
      subject: 'c1',
      sequence: '0000000001',
      type: 'cn.scenefi.counters.counter.added.v1',
      time: startAt,
      classification: 'C2',
      value: JSON.stringify({ counterId: 'c1', by: 5, total: 5, at: startAt }),
      ...cause,
    },
  ]);
});

test('a batch costs one load and one save, however many commands and aggregates it has', async () => {
  const { documents, log, boot } = openWorld();
  const { apply } = boot();

  const outcomes = await apply([add('c1', 'm1'), add('c2', 'm2'), add('c1', 'm3')]);

  expect(outcomes.map((outcome) => outcome.status === 'done' && outcome.version)).toEqual([1, 1, 2]);
  expect(documents.loads).toEqual([['c1', 'c2']]);
  expect(documents.saves).toEqual([['c1', 'c2']]);
  expect(log.produces).toEqual([['c1', 'c2']]);
});

test('the same message again is a repeat with the same answer, in the same batch and after a restart', async () => {
  const { documents, boot } = openWorld();

  const first = await boot().apply([add('c1', 'm1', 5), add('c1', 'm1', 5)]);
  const later = await boot().apply([add('c1', 'm1', 5)]);

  expect(statuses([...first, ...later])).toEqual(['done', 'repeat', 'repeat']);
  expect(later[0]).toEqual({ status: 'repeat', state: { total: 5 }, version: 1 });
  expect(totalOf(documents.get('c1'))).toBe(5);
  expect(documents.saves).toHaveLength(1);
});

test('the same id with another body is refused, and the first stands', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();

  await apply([add('c1', 'm1', 5)]);
  const [outcome] = await apply([add('c1', 'm1', 7)]);

  expect(outcome).toMatchObject({ status: 'refused', error: { code: 'ENGINE_ID_REUSED' } });
  expect(totalOf(documents.get('c1'))).toBe(5);
});

test('a command that decides nothing is done without a write', async () => {
  const { documents, log, boot } = openWorld();

  const outcomes = await boot().apply([entry('c1', 'm1', { type: 'Look' })]);

  expect(statuses(outcomes)).toEqual(['done']);
  expect(documents.saves).toEqual([]);
  expect(log.produces).toEqual([]);
});

test('a refusal is kept and repeated after a restart, even when the command could be done by then', async () => {
  const { documents, boot } = openWorld();
  const bounded = entry('c1', 'm1', { type: 'AddWithin', by: 5, limit: 3 });

  const [first] = await boot().apply([bounded]);
  documents.put({ ...documents.get('c1')!, state: { total: -10 } });
  const [again] = await boot().apply([bounded]);

  expect(first).toMatchObject({ status: 'refused', error: { code: 'COUNTER_TOO_MUCH' } });
  expect(again).toMatchObject({ status: 'refused', error: { code: 'COUNTER_TOO_MUCH', retryable: false } });
  expect(totalOf(documents.get('c1'))).toBe(-10);
});

test('a refused command in the middle of a batch leaves the others as if it were not there', async () => {
  const { documents, log, boot } = openWorld();

  const outcomes = await boot().apply([add('c1', 'm1', 2), entry('c1', 'm2', { type: 'AddWithin', by: 5, limit: 3 }), add('c1', 'm3', 3)]);

  expect(statuses(outcomes)).toEqual(['done', 'refused', 'done']);
  expect(documents.get('c1')).toMatchObject({ state: { total: 5 }, version: 2 });
  expect(log.ids()).toEqual(['c1:1', 'c1:2']);
});

test('a bug fails its entry and holds what follows of the same message key; other keys pass', async () => {
  const { documents, boot } = openWorld();
  const same = { messageKey: 'notice|c1' };

  const outcomes = await boot().apply([
    add('c1', 'm1', 1, same),
    entry('c1', 'm2', { type: 'Bug' }, same),
    add('c1', 'm3', 10, same),
    add('c2', 'm4', 10, same),
    add('c1', 'm5', 100),
  ]);

  expect(statuses(outcomes)).toEqual(['done', 'failed', 'held', 'held', 'done']);
  expect(outcomes[1]).toMatchObject({ error: expect.any(TypeError) });
  expect(totalOf(documents.get('c1'))).toBe(101);
  expect(documents.get('c2')).toBeUndefined();
});

test('something that must wait fails its entry and is decided when it comes again', async () => {
  const { documents, boot } = openWorld();
  const { apply } = boot();
  let ready = false;
  const early = entry('c1', 'm1', { type: 'AddWhen', ready: () => ready });

  const [first] = await apply([early]);
  ready = true;
  const [again] = await apply([early]);

  expect(first).toMatchObject({ status: 'failed', error: { code: 'COUNTER_NOT_YET' } });
  expect(again).toMatchObject({ status: 'done' });
  expect(totalOf(documents.get('c1'))).toBe(1);
});

test('who loses against another writer is loaded and decided again, and only the loser', async () => {
  const { documents, log, meter, boot } = openWorld();
  const other = boot();
  documents.meanwhile(() => other.apply([add('c2', 'm9', 100)]));

  const outcomes = await boot().apply([add('c1', 'm1', 1), add('c2', 'm2', 2), add('c3', 'm3', 3)]);

  expect(outcomes[1]).toEqual({ status: 'done', state: { total: 102 }, version: 2 });
  expect(documents.loads).toEqual([['c1', 'c2', 'c3'], ['c2'], ['c2']]);
  expect(documents.saves.slice(1)).toEqual([['c1', 'c2', 'c3'], ['c2']]);
  expect(totalOf(documents.get('c1'))).toBe(1);
  expect(meter.counts.get('engine_lost_races_total scene=counter')).toBe(1);
  expect([...new Set(log.ids())].filter((id) => id.startsWith('c2'))).toEqual(['c2:1', 'c2:2']);
});

test('a loser whose message the other writer has decided meanwhile answers with a repeat', async () => {
  const { documents, boot } = openWorld();
  const other = boot();
  documents.meanwhile(() => other.apply([add('c1', 'm1', 5)]));

  const outcomes = await boot().apply([add('c1', 'm1', 5)]);

  expect(statuses(outcomes)).toEqual(['repeat']);
  expect(totalOf(documents.get('c1'))).toBe(5);
});

test('what is held behind a bug stays held when its own aggregate lost a race', async () => {
  const { documents, boot } = openWorld();
  const other = boot();
  const same = { messageKey: 'notice|k' };
  documents.meanwhile(() => other.apply([add('c2', 'm9', 100)]));

  const outcomes = await boot().apply([entry('c1', 'm1', { type: 'Bug' }, same), add('c2', 'm2', 10, same), add('c2', 'm3', 1)]);

  expect(statuses(outcomes)).toEqual(['failed', 'held', 'done']);
  expect(totalOf(documents.get('c2'))).toBe(101);
});

test('a writer that loses every time gives up with an outage instead of turning for ever', async () => {
  const { documents, boot } = openWorld();
  await boot().apply([add('c1', 'm0')]);
  const overtake = async (): Promise<void> => {
    const document = documents.get('c1')!;
    documents.put({ ...document, rev: document.rev + 1 });
  };
  for (let round = 0; round < 30; round += 1) documents.meanwhile(overtake);

  await expect(boot().apply([add('c1', 'm1')])).rejects.toThrow(Outage);
});

test.each(['away', 'half', 'answer-lost'] as const)(
  'a save that is %s ends nothing, and the same batch again has one effect',
  async (fault) => {
    const { documents, log, boot } = openWorld();
    const { apply } = boot();
    const batch = [add('c1', 'm1', 1), add('c2', 'm2', 2), add('c3', 'm3', 3)];
    documents.saveFaults = [fault];

    await expect(apply(batch)).rejects.toThrow(Outage);
    expect(log.records).toEqual([]);
    const outcomes = await apply(batch);

    expect(outcomes.every(({ status }) => status === 'done' || status === 'repeat')).toBe(true);
    expect(['c1', 'c2', 'c3'].map((id) => totalOf(documents.get(id)))).toEqual([1, 2, 3]);
    expect(log.ids().sort()).toEqual(['c1:1', 'c2:1', 'c3:1']);
  },
);

test('a load that fails ends nothing', async () => {
  const { documents, boot } = openWorld();
  documents.loadsAway = true;

  await expect(boot().apply([add('c1', 'm1')])).rejects.toThrow(Outage);
});

test('time never goes back for one aggregate, whatever the clock says', async () => {
  const { clock, documents, log, boot } = openWorld();
  const { apply } = boot();

  await apply([add('c1', 'm1')]);
  clock.set('2026-01-01T00:00:00.000Z');
  await apply([add('c1', 'm2')]);

  expect(documents.get('c1')?.at).toBe(startAt);
  expect(log.records.map(({ time }) => time)).toEqual([startAt, startAt]);
});
