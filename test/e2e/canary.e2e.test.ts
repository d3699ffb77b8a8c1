import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noticeData, rawBus } from '@scenefi/testing/engines';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, postNotice, startCluster } from './cluster.ts';

const canaries = ['欧阳金丝雀', 'S-CANARY-2026', '13912345678'];
const data = noticeData.issued('CANARY', { holderName: canaries[0], studentNo: canaries[1], className: `三年二班 ${canaries[2]}` });

let cluster: Cluster;
const answers: string[] = [];

beforeAll(async () => {
  cluster = await startCluster({ what: 'canary', env: { LOG_LEVEL: 'debug' } });
  const post = async (id: string, type: string, body: object): Promise<number> => {
    const { status, body: answer } = await postNotice({ url: cluster.ingressUrls[0]!, school: cluster.schools[0]!, id, type, data: body });
    answers.push(JSON.stringify(answer));
    return status;
  };
  expect(await post('c-1', 'campus.bill.issued', data)).toBe(202);
  expect(await post('c-2', 'campus.bill.issued', { ...data, title: '改过的标题' })).toBe(202);
  expect(await post('c-3', 'campus.bill.paid', noticeData.paid('CANARY', 'P1'))).toBe(202);
  expect(await post('c-4', 'campus.bill.issued', { ...data, items: canaries, dueAt: canaries[2] })).toBe(400);
  expect(await post('c-5', 'campus.bill.paid', noticeData.paid('CANARY-EARLY', 'P1'))).toBe(202);
  await cluster.untilQuiet();
});

afterAll(() => cluster.stop());

const found = (text: string): string[] => canaries.filter((canary) => text.includes(canary));

test('personal data stands in the notice and dead-letter topics and in no other, and never in a key or header', async () => {
  const admin = new Kafka({ brokers: cluster.brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics())
    .filter((name) => name.startsWith(cluster.prefix))
    .map((name) => name.slice(cluster.prefix.length));
  await admin.disconnect();
  const bus = await rawBus(cluster.prefix);
  const holders: string[] = [];
  for (const topic of topics) {
    for (const { key, value, headers } of await bus.read(topic)) {
      expect(found(key + JSON.stringify(headers))).toEqual([]);
      if (found(value ?? '').length > 0 && !holders.includes(topic)) holders.push(topic);
    }
  }
  await bus.close();
  expect(holders.sort()).toEqual(['campus.notice.v1', 'campus.notice.v1.campus.dlq']);
});

test("personal data stands in its owner's database and in no other", async () => {
  const connection = await mongoose.createConnection(cluster.mongoUrl).asPromise();
  const client = connection.getClient();
  const own = cluster.prefix.replaceAll('.', '-');
  const holders: string[] = [];
  for (const { name } of (await client.db('admin').admin().listDatabases()).databases) {
    if (!name.startsWith(own)) continue;
    for (const { name: collection } of await client.db(name).listCollections().toArray()) {
      const documents = await client.db(name).collection(collection).find({}, { promoteBuffers: true }).toArray();
      const text = JSON.stringify(documents, (_key, value) =>
        value?.type === 'Buffer' ? Buffer.from(value.data).toString('utf8') : value,
      );
      if (found(text).length > 0) holders.push(`${name.slice(own.length)}/${collection}`);
    }
  }
  await connection.close();
  expect(holders.sort()).toEqual(['campus/bills', 'campus/dead_letters']);
});

test('personal data stands in no log, no metric and no answer', async () => {
  const logs = join(cluster.folder, 'logs');
  const names = readdirSync(logs);
  expect(names).toContain('campus.log');
  for (const name of names) expect(found(readFileSync(join(logs, name), 'utf8'))).toEqual([]);
  for (const name of ['ingress', 'campus', 'payments', 'ledger']) {
    const metrics = await fetch(`${cluster.urlOf(name)}/metrics`);
    expect(found(await metrics.text())).toEqual([]);
  }
  expect(answers.flatMap(found)).toEqual([]);
});
