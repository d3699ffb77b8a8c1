import { namespace, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { type Campus, issueAndPay, paidOnce, startCampus } from './campus-under-test.ts';

test('replicas that come and go while notices flow have one effect each', async () => {
  const prefix = namespace('replicas');
  const first = await startCampus(prefix);
  const [bus, database] = await Promise.all([rawBus(prefix), rawDatabase(prefix, 'campus')]);
  const ended = (...replicas: Campus[]): number => new Set(replicas.flatMap(({ spy }) => spy.all.map(({ messageId }) => messageId))).size;

  const billNos: string[] = [];
  let flows = true;
  const lane = async (name: string): Promise<void> => {
    for (let number = 0; flows; number += 1) {
      billNos.push(`${name}-${number}`);
      await issueAndPay(bus, [`${name}-${number}`]);
    }
  };
  const sent = Promise.all(['a', 'b', 'c'].map(lane));
  await until('the first works alone', () => ended(first) > 30);
  const second = await startCampus(prefix);
  await until('the second has its share', () => ended(second) > 10);
  await first.stop();
  const third = await startCampus(prefix);
  await until('the third has its share', () => ended(third) > 5);
  await second.stop();
  flows = false;
  await sent;

  await until('everything has ended', () => ended(first, second, third) === billNos.length * 2);
  const all = [first, second, third].flatMap(({ spy }) => spy.all);
  expect(all.filter(({ end }) => end !== 'done')).toEqual([]);
  await third.stop();
  await paidOnce(bus, database.db, billNos);
  await Promise.all([bus.close(), database.close()]);
});
