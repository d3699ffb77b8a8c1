import { createSecretKey } from 'node:crypto';
import type { Sending, Sent } from '@scenefi/engine';
import { type Effect, Outage } from '@scenefi/kernel';
import { keptLogger, testClock } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { createDeliver } from '../src/deliver.ts';
import { type Endpoint, type EndpointCommand, endpointScene, failuresMax } from '../src/endpoint.ts';
import { evolve, type Mailbox } from '../src/mailbox-state.ts';
import type { Posted, Webhook } from '../src/post.ts';
import { at, idOf, learnt, partnerId, scene, sent, written } from './mailbox-words.ts';

const url = 'https://school.example/hooks';
const mailbox: Mailbox = [learnt, written('a'), sent('a', 1)].reduce((state, fact) => evolve(state, fact, at), scene.initial);
const effect: Effect = { kind: 'post', key: idOf('a'), attempt: 1, until: at };
const endpointRules = endpointScene({ probeMs: 300_000 });

/** The endpoint as the engine keeps it, in memory. */
const keptEndpoint = (state: Endpoint) => {
  const commands: EndpointCommand['type'][] = [];
  const kept = { state, commands, away: false };
  const send = async ({ command }: Sending<EndpointCommand>): Promise<Sent<Endpoint>> => {
    if (kept.away && command.type !== 'Admit') throw new Outage('the database is away');
    commands.push(command.type);
    const facts = endpointRules.decide(command, kept.state, { at });
    kept.state = facts.reduce((now, fact) => endpointRules.evolve(now, fact, at), kept.state);
    return { state: kept.state, version: 0, repeated: false };
  };
  return Object.assign(kept, { send });
};

const healthy: Endpoint = { failures: 0 };
const paused: Endpoint = { failures: failuresMax, paused: { since: at, nextProbeAt: '2026-09-01T02:05:00.000Z' } };
const probing: Endpoint = { failures: failuresMax, paused: { since: at, nextProbeAt: at } };

const open = ({ endpoint = healthy, status = 200 as Posted['status'], callbackUrl = url as string | null, fresh = true } = {}) => {
  const endpoints = keptEndpoint(endpoint);
  const posts: Webhook[] = [];
  const hurried: string[] = [];
  const logger = keptLogger();
  const answers: (() => void)[] = [];
  const world = { hold: false };
  const deliver = createDeliver({
    partners: {
      describedAs: () => (callbackUrl ? { partnerId, revision: 1, name: 'School A', scenes: [], callbackUrl } : undefined),
      signingKeyOf: () => createSecretKey(Buffer.alloc(32, 7)),
      fresh: () => fresh,
    },
    endpoints,
    post: async (webhook) => {
      posts.push(webhook);
      if (world.hold) await new Promise<void>((resolve) => answers.push(resolve));
      return { at, tookMs: 3, status, answer: 'x' };
    },
    hurry: async (who) => hurried.push(who),
    clock: testClock(at),
    logger,
  });
  return Object.assign(world, { deliver: () => deliver(effect, mailbox), endpoints, posts, hurried, logger, answers });
};

const attempted = (status: Posted['status'], answer = 'x', tookMs = 3) => ({
  outcome: '1',
  command: { type: 'Attempted', deliveryId: idOf('a'), attempt: 1, at, tookMs, status, answer },
});
const postponed = (until: string) => ({ outcome: '1-postponed', command: { type: 'Postponed', deliveryId: idOf('a'), attempt: 1, until } });

test('a letter goes to its partner as type, moment in local time and data', async () => {
  const { deliver, posts, endpoints } = open();
  expect(await deliver()).toEqual(attempted(200));
  expect(posts).toMatchObject([{ url, deliveryId: idOf('a') }]);
  expect(JSON.parse(posts[0]!.body)).toEqual({
    type: 'payment.reversed',
    timestamp: '2026-09-01T09:59:00.000+08:00',
    data: { billNo: 'B-1', paymentId: mailbox.letters[0]?.data.paymentId, amountFen: 5 },
  });
  expect(endpoints.commands).toEqual(['Admit']);
});

test('every failure counts for the endpoint, and the tenth in a row is logged as a pause', async () => {
  const { deliver, endpoints, logger } = open({ endpoint: { failures: failuresMax - 1 }, status: 'timeout' });
  expect(await deliver()).toEqual(attempted('timeout'));
  expect(endpoints.commands).toEqual(['Admit', 'Failed']);
  expect(endpoints.state.paused).toBeDefined();
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { partnerId } }]);
});

test('while the endpoint is paused nothing is sent, and it is no try', async () => {
  const { deliver, posts } = open({ endpoint: paused });
  expect(await deliver()).toEqual(postponed('2026-09-01T02:05:00.000Z'));
  expect(posts).toEqual([]);
});

test('a probe that succeeds resumes the endpoint and hurries its mailboxes', async () => {
  const { deliver, endpoints, hurried } = open({ endpoint: probing });
  expect(await deliver()).toEqual(attempted(200));
  expect(endpoints.state).toEqual(healthy);
  expect(hurried).toEqual([partnerId]);
});

test('a probe that fails leaves it paused', async () => {
  const { deliver, endpoints, hurried } = open({ endpoint: probing, status: 500 });
  expect(await deliver()).toEqual(attempted(500));
  expect(endpoints.state).toMatchObject({ failures: failuresMax + 1, paused: { nextProbeAt: '2026-09-01T02:05:00.000Z' } });
  expect(hurried).toEqual([]);
});

test('what the partner answered is known even where the health of its server cannot be noted', async () => {
  const world = open({ endpoint: { failures: 3 } });
  world.endpoints.away = true;
  expect(await world.deliver()).toEqual(attempted(200));
});

test('a partner without a callback has its letter tried by the table, and its server is not blamed', async () => {
  const { deliver, endpoints, posts } = open({ callbackUrl: null });
  expect(await deliver()).toEqual(attempted('no-callback', 'no callback URL', 0));
  expect([endpoints.commands, posts]).toEqual([[], []]);
});

test('before the table of partners was read nobody is without a callback', async () => {
  expect(await open({ callbackUrl: null, fresh: false }).deliver()).toEqual(postponed('2026-09-01T02:00:02.000Z'));
});

test('a slow partner has 32 calls at once, what is beyond waits without a try', async () => {
  const world = open();
  world.hold = true;
  const slow = Array.from({ length: 32 }, () => world.deliver());
  await expect.poll(() => world.posts.length).toBe(32);
  expect(await world.deliver()).toEqual(postponed('2026-09-01T02:00:01.000Z'));
  for (const answer of world.answers) answer();
  await Promise.all(slow);
  world.hold = false;
  expect(await world.deliver()).toEqual(attempted(200));
});
