import { namespace, noticeData, type RawBus, rawBus, rawDatabase, until } from '@scenefi/testing/engines';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { billScene } from '../src/bill.ts';
import { campusHandlers } from '../src/handlers.ts';
import { buildCampus } from '../src/service.ts';
import { rules } from './bill-words.ts';
import {
  type Build,
  billIdOf,
  billNosOf,
  type Campus,
  factsOf,
  issueAndPay,
  noticeTopic,
  notify,
  shortTypes,
  startCampus,
} from './campus-under-test.ts';

let prefix: string;
let bus: RawBus;
let database: Awaited<ReturnType<typeof rawDatabase>>;

beforeEach(async () => {
  prefix = namespace('parked');
  [bus, database] = await Promise.all([rawBus(prefix), rawDatabase(prefix, 'campus')]);
});

afterEach(() => Promise.all([bus.close(), database.close()]));

/** A release whose mapping stumbles over payments of one bill. */
const withBrokenMapping: Build = async (platform) => {
  const service = await buildCampus(platform);
  const subscriptions = service.subscriptions?.map((subscription): typeof subscription => ({
    ...subscription,
    map: (heard) => {
      if (subscription.contract.type === 'campus.bill.paid' && heard.event.id.startsWith('stuck')) throw new TypeError('no such field');
      return subscription.map(heard);
    },
  }));
  return { ...service, ...(subscriptions && { subscriptions }) };
};

/** A release whose decision stumbles over payments of one bill. */
const withBrokenDecision: Build = ({ config, engine }) => {
  const scene = billScene(rules);
  const bills = engine.aggregate<
    Parameters<typeof scene.evolve>[0],
    Parameters<typeof scene.decide>[0],
    Parameters<typeof scene.evolve>[1]
  >(
    {
      ...scene,
      decide: (command, bill, context) => {
        if (command.type === 'Pay' && command.billNo === 'stuck') throw new TypeError('no such field');
        return scene.decide(command, bill, context);
      },
    },
    { collection: 'bills' },
  );
  return { subscriptions: campusHandlers(bills, config.ID_KEY) };
};

const endsOf = ({ spy }: Campus): string[] =>
  spy.all.filter(({ messageId }) => messageId.startsWith('stuck')).map(({ messageId, end }) => `${messageId} ${end}`);

const parkedCodes = async () => {
  const parked = await database.db.collection('parked_messages').find().sort({ 'message.offset': 1 }).toArray();
  return parked.map(({ code }) => code);
};

test.each([
  ['mapping', withBrokenMapping],
  ['decision', withBrokenDecision],
])('a bug in a %s parks its key while others pass, and after the fix the key drains in order', async (_where, build) => {
  const before = await startCampus(prefix);
  await notify(bus, 'stuck:issue', 'issued', noticeData.issued('stuck'));
  await before.spy.awaitEnd('stuck:issue', 'done');
  await before.stop();
  await notify(bus, 'stuck:paid', 'paid', noticeData.paid('stuck', 'P1'));
  await notify(bus, 'stuck:amended', 'amended', noticeData.amended('stuck', 1));
  const broken = await startCampus(prefix, { build });
  await broken.spy.awaitEnd('stuck:amended', 'parked');
  await notify(bus, 'stuck:void', 'paid-voided', noticeData.voided('stuck', 'P1'));
  await broken.spy.awaitEnd('stuck:void', 'parked');
  expect(await parkedCodes()).toEqual(['ENGINE_UNEXPECTED', 'ENGINE_WAITS', 'ENGINE_WAITS']);

  const others = billNosOf('other', 12);
  await issueAndPay(bus, others);
  for (const billNo of others) await broken.spy.awaitEnd(`${billNo}:paid`, 'done', 2);
  const partitions = new Map((await bus.read(noticeTopic)).map(({ key, partition }) => [key, partition]));
  expect(others.map((billNo) => partitions.get(billIdOf(billNo)))).toContain(partitions.get(billIdOf('stuck')));
  expect(broken.crashes).toEqual([]);
  await broken.stop();

  const fixed = await startCampus(prefix);
  await fixed.spy.awaitEnd('stuck:void', 'done');
  expect(endsOf(fixed)).toEqual(['stuck:paid done', 'stuck:amended dead', 'stuck:void done']);
  expect(await parkedCodes()).toEqual([]);
  const facts = await factsOf(bus, 'campus.bill.v1', billIdOf('stuck'));
  const firsts = [...new Map(facts.map((fact) => [fact.headers.ce_id, fact])).values()];
  expect(shortTypes(firsts)).toEqual(['bill.billed', 'bill.paid-elsewhere', 'bill.paid-elsewhere-voided']);
  await until('the key is free again', async () => (await database.db.collection('parked_heads').countDocuments()) === 0);
  await notify(bus, 'stuck:close', 'closed', noticeData.closed('stuck'));
  await fixed.spy.awaitEnd('stuck:close', 'done');
  await fixed.stop();
});
