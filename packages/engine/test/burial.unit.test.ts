import { CampusNoticeRefused, PartnerDescribed } from '@scenefi/contracts';
import { Outage } from '@scenefi/kernel';
import { expect, test } from 'vitest';
import { fact, faulty, notice, openService } from './counting-service.ts';
import { source, startAt } from './world.ts';

const described = (name: string) => fact(PartnerDescribed, 1, { partnerId: 'school', revision: 1, name, scenes: [] });

test('a refused notice is a document, a copy on the dead-letter topic, and a fact that tells the partner', async () => {
  const { backlog, log, boot } = openService();
  const refused = notice(7, 'c1', 'refused');

  await boot().settle([refused]);

  expect([...backlog.letters.values()]).toMatchObject([
    { code: 'COUNTER_TOO_MUCH', at: startAt, message: { offset: 7, value: refused.value } },
  ]);
  const [copy, refusal] = log.records;
  expect(copy).toMatchObject({ topic: 'campus.notice.v1.counters.dlq', key: 'c1', id: 'school:n7', value: refused.value });
  expect(refusal).toMatchObject({
    topic: CampusNoticeRefused.topic,
    key: 'school:n7',
    id: 'school:n7:refused',
    source,
    type: CampusNoticeRefused.ceType,
    subject: 'school:n7',
    correlationId: 'school:n7',
    causationId: 'school:n7',
    classification: 'C2',
  });
  expect(CampusNoticeRefused.read(JSON.parse(String(refusal?.value)))).toEqual({
    noticeId: 'school:n7',
    partnerId: 'school',
    code: 'COUNTER_TOO_MUCH',
  });
});

test('a refused fact of another service has nobody to be told', async () => {
  const { log, boot } = openService();

  await boot().settle([described('refused')]);

  expect(log.records.map(({ topic }) => topic)).toEqual(['merchants.partner.v1.counters.dlq']);
});

test('only a notice is refused to its partner, not a fact that names one', async () => {
  const { log, boot } = openService();
  const message = { ...notice(1, 'c1', '', { type: 'cn.scenefi.campus.bill.eaten.v1' }), topic: 'campus.bill.v1' };

  await boot().settle([message]);

  expect(log.records.map(({ topic }) => topic)).toEqual(['campus.bill.v1.counters.dlq']);
});

test('a record that is no CloudEvent is buried with attributes of our own, and its bytes', async () => {
  const { backlog, log, boot } = openService();

  await boot().settle([faulty(9, Buffer.from([0xff, 0x00]))]);

  const [letter] = backlog.letters.values();
  expect(letter).toMatchObject({ code: 'BUS_NOT_CLOUDEVENT', message: { headers: { junk: 'x' } } });
  expect(log.records).toMatchObject([
    { id: letter!._id, source, type: 'cn.scenefi.message.unreadable.v1', value: Buffer.from([0xff, 0x00]) },
  ]);
});

test('a dead letter repeated is one dead letter; the same id with another body is another one', async () => {
  const { backlog, boot } = openService();
  const first = notice(1, 'c1', 'refused', { id: 'same' });

  await boot().settle([first]);
  await boot().settle([{ ...first, offset: 5 }]);
  expect(backlog.letters.size).toBe(1);

  await boot().settle([notice(6, 'c2', 'refused', { id: 'same' })]);
  expect(backlog.letters.size).toBe(2);
});

test('records that are no CloudEvents are told apart by where they stand', async () => {
  const { backlog, boot } = openService();

  await boot().settle([faulty(1), faulty(2), { ...faulty(1), partition: 2 }]);
  await boot().settle([faulty(1)]);

  expect(backlog.letters.size).toBe(3);
});

test('nothing is dead before its copy and its refusal are published', async () => {
  const { log, ends, boot } = openService();
  log.away = true;

  await expect(boot().settle([faulty(1)])).rejects.toThrow(Outage);
  expect(ends).toEqual([]);

  log.away = false;
  await boot().settle([faulty(1)]);
  expect(ends).toEqual(['1 dead']);
});

test('the log names a dead letter by code and place, and quotes nothing of it', async () => {
  const { logger, boot } = openService();

  await boot().settle([notice(7, 'c1', 'refused')]);

  expect(logger.lines).toEqual([
    {
      level: 'warn',
      sentence: 'message dead-lettered',
      fields: { topic: 'campus.notice.v1', partition: 1, offset: 7, code: 'COUNTER_TOO_MUCH', messageId: 'school:n7' },
    },
  ]);
});
