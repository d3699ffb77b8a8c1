import { Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { notice, openService } from './counting-service.ts';
import { startAt, totalOf } from './world.ts';

/** A dead letter, in a service that runs. */
const buried = async (reason: string, billNo = 'c1') => {
  const service = openService();
  const { engine, settle } = service.startEngine();
  await settle([notice(7, billNo, reason)]);
  const [id] = service.backlog.letters.keys();
  return { ...service, engine, id: id! };
};

const letterOf = ({ backlog }: ReturnType<typeof openService>) => [...backlog.letters.values()][0]!;

test('a refusal that still stands stays a dead letter, and the operator sees why', async () => {
  const service = await buried('refused');

  expect(await service.engine.redrive(service.id)).toEqual({ end: 'dead', code: 'COUNTER_TOO_MUCH' });
  expect(letterOf(service)).not.toHaveProperty('redrivenAt');
  expect(service.backlog.letters.size).toBe(1);
});

test('a refusal that no longer stands is done, and the letter says when', async () => {
  const service = await buried('refused');
  service.documents.put({ ...service.documents.get('c1')!, state: { total: -5 } });

  expect(await service.engine.redrive(service.id)).toEqual({ end: 'done' });
  expect(letterOf(service).redrivenAt).toBe(startAt);
  expect(totalOf(service.documents.get('c1'))).toBe(-4);
  expect(await service.backlog.counts()).toMatchObject({ deadLetters: 0 });
});

test('twice is harmless: what was done is not done again', async () => {
  const service = await buried('refused');
  service.documents.put({ ...service.documents.get('c1')!, state: { total: -5 } });

  await service.engine.redrive(service.id);
  expect(await service.engine.redrive(service.id)).toEqual({ end: 'done' });
  expect(totalOf(service.documents.get('c1'))).toBe(-4);
});

test('the part of a message that was done before is not done again by its re-drive', async () => {
  const service = await buried('counts+refused', 'c1+c2');
  expect(totalOf(service.documents.get('c1'))).toBe(1);
  service.documents.put({ ...service.documents.get('c2')!, state: { total: -5 } });

  expect(await service.engine.redrive(service.id)).toEqual({ end: 'done' });
  expect(['c1', 'c2'].map((id) => totalOf(service.documents.get(id)))).toEqual([1, -4]);
});

test('a re-drive that cannot be published is no success', async () => {
  const service = await buried('refused');
  service.documents.put({ ...service.documents.get('c1')!, state: { total: -5 } });
  service.log.away = true;

  expect(await service.engine.redrive(service.id)).toEqual({ end: 'unknown' });
  expect(letterOf(service)).not.toHaveProperty('redrivenAt');
  expect(service.documents.get('c1')?.unsent).toBe(1);
});

test('a re-drive while the database is away is an outage', async () => {
  const service = await buried('refused');
  service.documents.loadsAway = true;

  await expect(service.engine.redrive(service.id)).rejects.toThrow(Outage);
});

test('a letter that nobody has is not found', async () => {
  const { engine } = await buried('refused');

  await expect(engine.redrive('dead_nothing')).rejects.toMatchObject({ code: 'ENGINE_NO_SUCH_MESSAGE', status: 404 });
});
