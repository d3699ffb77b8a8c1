import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noticeData, rawBus, until } from '@scenefi/testing/engines';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Child, type Children, createChildren } from '../bench/children.ts';
import { appUser } from '../e2e/app-user.ts';
import { type Cluster, postNotice, startCluster } from '../e2e/cluster.ts';
import type { FloodOrder, FloodReport } from './flood.ts';
import { askMeanwhile } from './patient.ts';
import { trickle } from './slow-sender.ts';

const doors = ['ingress', 'gateway'] as const;
type Door = (typeof doors)[number];

const silentConnections = 1_000;
const rssMaxMb = 700;
const calm = { seconds: 3, perSecond: 100_000, connections: 32, depth: 1 };
const crowd = { seconds: 5, connections: 500, depth: 40 };

let folder: string;
let cluster: Cluster;
let children: Children;
let flooder: Child;
let parent: Awaited<ReturnType<typeof appUser>>;
let other: Awaited<ReturnType<typeof appUser>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scenefi-floods-'));
  cluster = await startCluster({ what: 'floods' });
  children = createChildren(folder);
  flooder = children.start({ name: 'flooder', script: 'test/fuzz/flood.ts', env: {} });
  parent = await appUser(cluster, 'parent-of-many');
  other = await appUser(cluster, 'another-parent');
});

afterAll(async () => {
  await children.stop();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

const portOf = (door: Door): number => Number(new URL(cluster.urlOf(door)).port);

let honest = 0;
/** What an honest caller is answered: a school that posts, or a parent who asks for bills. */
const ask: Record<Door, () => Promise<number>> = {
  ingress: async () => {
    honest += 1;
    const school = cluster.schools[0]!;
    const data = noticeData.issued(`HONEST-${honest}`);
    return (await postNotice({ url: cluster.urlOf('ingress'), school, id: `honest-${honest}`, type: 'campus.bill.issued', data })).status;
  },
  gateway: async () => (await other.call('GET', '/v1/bills')).status,
};
const served: Record<Door, number> = { ingress: 202, gateway: 200 };

const rssMb = async (door: Door): Promise<number> => {
  const metrics = await (await fetch(`${cluster.urlOf(door)}/metrics`)).text();
  return Number(/^process_resident_memory_bytes\{.*\} (\S+)$/m.exec(metrics)![1]) / 1024 ** 2;
};

const flood = (order: Omit<FloodOrder, 'port'> & { door: Door }): Promise<FloodReport> =>
  flooder.ask<FloodReport>({ ...order, port: portOf(order.door) });

// These wait for time limits, so they wait together.
describe.concurrent.each(doors)('the door of %s', (door) => {
  test.for([
    ['nothing at all', '', ''] as const,
    ['a line at a time of endless headers', 'POST /v1/bills HTTP/1.1\r\nhost: door\r\n', 'x: y\r\n'] as const,
  ])('cuts off who sends %s after the time for headers', async ([_what, beginning, drip], { expect }) => {
    const { afterMs, status } = await trickle(portOf(door), beginning, drip);
    expect(status).toBe('408');
    // Sooner than the time for a whole request, which would end it too.
    expect(afterMs).toBeLessThan(14_000);
  });

  test('cuts off who sends a body byte by byte after the time for a request', async ({ expect }) => {
    const path = door === 'ingress' ? '/v1/partners/xinghe-primary/notices' : '/v1/payments';
    const beginning = `POST ${path} HTTP/1.1\r\nhost: door\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n`;
    const { afterMs } = await trickle(portOf(door), beginning);
    expect(afterMs).toBeLessThan(25_000);
  });

  test('serves others at once while a thousand connections say nothing', async ({ expect }) => {
    const silent = Promise.all(Array.from({ length: silentConnections }, () => trickle(portOf(door), 'POST / HTTP/1.1\r\n', '')));
    const statuses = await askMeanwhile(silent, ask[door]);
    expect(new Set(statuses)).toEqual(new Set([served[door]]));
    // Whoever is served only once they are gone has one answer.
    expect(statuses.length).toBeGreaterThan(1);
    expect(new Set((await silent).map(({ status }) => status))).toEqual(new Set(['408']));
  });
});

/** A flood at ten times of what the door answers a busy but patient crowd; tells what came of it, and how soon all was as before. */
const overwhelm = async (door: Door, who: Pick<FloodOrder, 'school' | 'token'>) => {
  const before = await flood({ door, run: `${door}-calm`, ...calm, ...who });
  const perSecond = Math.round((10 * Object.values(before.statuses).reduce((sum, count) => sum + count, 0)) / before.seconds);
  const flooded = flood({ door, run: `${door}-flood`, perSecond, ...crowd, ...who });
  let peakMb = 0;
  await askMeanwhile(flooded, async () => {
    peakMb = Math.max(peakMb, await rssMb(door));
    return 0;
  });
  const report = await flooded;
  const endedAt = performance.now();
  await until('an honest caller is served', async () => (await ask[door]()) === served[door], 30_000);
  return { report, peakMb, normalAfterMs: performance.now() - endedAt };
};

test('a flood of notices is taken or put off, what was taken is in the log, and then all is as before', async () => {
  const { report, peakMb, normalAfterMs } = await overwhelm('ingress', { school: cluster.schools[0]! });
  expect(new Set(Object.keys(report.statuses))).toEqual(new Set(['202', '503']));
  expect(report.unanswered).toBe(0);
  expect(report.statuses['202']).toBeGreaterThan(report.seconds * 200);
  expect(peakMb).toBeLessThan(rssMaxMb);
  expect(normalAfterMs).toBeLessThan(10_000);
  const bus = await rawBus(cluster.prefix);
  const logged = new Set((await bus.read('campus.notice.v1')).map(({ headers }) => headers.ce_id));
  await bus.close();
  expect(report.noticeIds.filter((id) => !logged.has(id))).toEqual([]);
});

test('a flood by one customer is put off, while another is answered, and then all is as before', async () => {
  const { report, peakMb, normalAfterMs } = await overwhelm('gateway', { token: parent.token });
  const { 429: tooMany = 0, 200: answered = 0, 503: overloaded = 0, ...others } = report.statuses;
  expect(others).toEqual({});
  expect(report.unanswered).toBe(0);
  expect(answered).toBeGreaterThan(0);
  expect(tooMany + overloaded).toBeGreaterThan(10 * answered);
  expect(peakMb).toBeLessThan(rssMaxMb);
  expect(normalAfterMs).toBeLessThan(10_000);
});
