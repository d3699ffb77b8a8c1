import { createHash, createSecretKey } from 'node:crypto';
import { CredentialIssued, CredentialRevoked, PartnerDescribed } from '@scenefi/contracts';
import type { Message, Unit } from '@scenefi/engine';
import { createApp, sealSecret, signWebhook } from '@scenefi/http';
import type { AnyFact, Clock, LogFields, Random } from '@scenefi/kernel';
import { buildIngress } from '../src/service.ts';

export const nowMs = 1_790_000_000_000;
export const school = 'no-1-school';
export const internalToken = 'a-token-for-people-inside';
export const secret = Buffer.alloc(32, 7);
export const secondSecret = Buffer.alloc(32, 8);
export const credentialKey = Buffer.alloc(32, 1);

let drawn = 0;
/** Bytes that look like chance and are the same in every run. */
export const random: Random = {
  number: () => 0.5,
  bytes: (size) => {
    drawn += 1;
    const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, block) => createHash('sha256').update(`${drawn}.${block}`).digest());
    return Buffer.concat(blocks).subarray(0, size);
  },
};

/** A fact as it comes from a table topic. */
export const tableMessage = (contract: AnyFact, data: unknown, offset = 0): Message => ({
  topic: contract.topic,
  partition: 0,
  offset,
  key: 'key',
  value: Buffer.from(JSON.stringify(data)),
  timestampMs: nowMs,
  headers: {},
  event: { id: 'x:1', source: '/scenefi/merchants', type: contract.ceType, time: '2026-01-02T03:04:05.000Z' },
});

export const described = (partnerId: string, scenes: string[], revision = 1): Message =>
  tableMessage(PartnerDescribed, { partnerId, revision, name: 'No. 1 School', scenes });

export const issued = (partnerId: string, keyId: string, clear: Buffer): Message =>
  tableMessage(CredentialIssued, { partnerId, keyId, sealed: sealSecret(credentialKey, { partnerId, keyId }, clear, random) });

export const revoked = (partnerId: string, keyId: string): Message => tableMessage(CredentialRevoked, { partnerId, keyId });

export const bill = {
  type: 'campus.bill.issued',
  timestamp: '2026-09-21T22:13:20+08:00',
  data: {
    billNo: 'B-2026-0001',
    schoolName: '第一小学',
    studentNo: 'S20260001',
    holderName: '王小明',
    title: '秋季学费',
    items: [{ itemNo: 'tuition', name: '学费', amountFen: 123_456, mandatory: true, quantityMax: 1 }],
    selection: 'fixed',
    dueAt: '2026-10-01T00:00:00+08:00',
    payableAfterDue: false,
  },
};

type Timer = { atMs: number; run: () => void };

/** The whole service behind its routes; the log and the clock belong to the test. */
export const startIngress = async (messages: readonly Message[], campusUrl = 'http://127.0.0.1:9') => {
  const published: Unit[] = [];
  const counted: unknown[] = [];
  const lines: { level: string; sentence: string; fields: LogFields }[] = [];
  const timers = new Set<Timer>();
  const world = {
    nowMs,
    fresh: true,
    publish: async (unit: Unit): Promise<void> => void published.push(unit),
    published,
    counted,
    lines,
    timers,
    passMs: (ms: number): void => {
      world.nowMs += ms;
      for (const timer of [...timers]) if (timer.atMs <= world.nowMs && timers.delete(timer)) timer.run();
    },
  };
  const clock: Clock = {
    now: () => world.nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: world.nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const at =
    (level: string) =>
    (sentence: string, fields: LogFields = {}) =>
      void lines.push({ level, sentence, fields });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const meter = {
    count: (name: string, labels?: object) => void counted.push({ name, ...labels }),
    observe: () => {},
    gauge: () => () => {},
  };
  const { routes = [], ready = () => [] } = buildIngress({
    config: {
      CREDENTIAL_KEY: createSecretKey(credentialKey),
      PUBLISH_DEADLINE_MS: 5_000,
      CAMPUS_URL: campusUrl,
      INTERNAL_TOKEN: internalToken,
    } as Parameters<typeof buildIngress>[0]['config'],
    clock,
    random,
    logger,
    meter,
    publisher: { publish: (unit) => world.publish(unit) },
    openTable: (_topics, take) => {
      for (const message of messages) take(message);
      return { fresh: () => world.fresh };
    },
  });
  const app = createApp({
    name: 'ingress',
    version: '0.1.0',
    logger,
    meter,
    random,
    development: false,
    health: { ready },
    metricsText: () => '',
  });
  for (const plugin of routes) app.register(plugin);
  await app.ready();
  return Object.assign(world, { app });
};

export type World = Awaited<ReturnType<typeof startIngress>>;

export type Sending = {
  partnerId?: string;
  id?: string;
  body?: Buffer | string | object;
  key?: Buffer;
  sentMs?: number;
  headers?: Record<string, string | undefined>;
  to?: 'notices' | 'questions';
};

/** Posts a notice or a question as a partner does, signed unless a header says otherwise; an undefined header is left out. */
export const post = (world: World, sending: Sending = {}) => {
  const { partnerId = school, id = 'msg_1', body = bill, key = secret, sentMs = nowMs, headers = {}, to = 'notices' } = sending;
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const timestampS = sentMs / 1000;
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signWebhook({ secret: key, id, timestampS, body: payload }),
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return world.app.inject({ method: 'POST', url: `/v1/partners/${partnerId}/${to}`, headers: given, payload });
};
