import { createHash } from 'node:crypto';
import {
  accountIds,
  billIds,
  CampusBill,
  CredentialIssued,
  customerIds,
  PartnerDescribed,
  PaymentDebited,
  paymentIds,
} from '@scenefi/contracts';
import { formatSecret, sealSecret } from '@scenefi/http';
import type { AnyFact, Random } from '@scenefi/kernel';
import { engineAddresses, internalToken, type RawBus, serviceUnderTest } from '@scenefi/testing/engines';
import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import { NotifierConfig } from '../src/config.ts';
import { buildNotifier } from '../src/service.ts';
import type { Arrived, LocalPartner } from './local-partner.ts';

export const school = 'school-a';
const credentialKey = Buffer.alloc(32, 1);
const secret = Buffer.alloc(32, 7);

/** Times of a demonstration: a second stands for a quarter of an hour. */
export const quick = {
  CREDENTIAL_KEY: credentialKey.toString('hex'),
  ALLOW_PRIVATE_CALLBACKS: 'true',
  RETRY_SCALE: '0.001',
  CALLBACK_TIMEOUT_MS: '10000',
  TABLE_REFRESH_MS: '100',
};

export const startNotifier = (prefix: string, env: Record<string, string> = {}) =>
  serviceUnderTest({ name: 'notifier', schema: NotifierConfig, build: buildNotifier, prefix, env: { ...quick, ...env } });

export type Notifier = Awaited<ReturnType<typeof startNotifier>>;

/** The environment of the same service as a process of its own. */
export const processEnvironment = (prefix: string, env: Record<string, string> = {}): NodeJS.ProcessEnv => {
  const { kafkaBrokers, mongoUrl } = engineAddresses();
  const engines = { KAFKA_BROKERS: kafkaBrokers, MONGO_URL: mongoUrl, NAMESPACE: prefix, TOPIC_PARTITIONS: '3', TOPIC_REPLICATION: '1' };
  return { ...engines, ...quick, PORT: '0', INTERNAL_TOKEN: internalToken, SWEEP_MS: '50', ...env };
};

/** A fact as another service publishes it, checked by its contract. */
export const publish = (bus: RawBus, contract: AnyFact, ceId: string, data: object): Promise<void> =>
  bus.send(contract.topic, {
    key: contract.key(data as never),
    value: JSON.stringify(contract.write(data)),
    headers: {
      ce_specversion: '1.0',
      ce_id: ceId,
      ce_source: '/scenefi/elsewhere',
      ce_type: contract.ceType,
      ce_time: '2026-09-01T02:00:00.000Z',
      'content-type': 'application/json',
    },
  });

const random: Random = { number: () => 0.5, bytes: (size) => createHash('sha512').update('chance').digest().subarray(0, size) };

export const describePartner = (bus: RawBus, partnerId: string, callbackUrl: string | undefined, revision = 1): Promise<void> =>
  publish(bus, PartnerDescribed, `${partnerId}:${revision}`, {
    partnerId,
    revision,
    name: 'School',
    scenes: ['campus'],
    ...(callbackUrl && { callbackUrl }),
  });

export const issueKey = (bus: RawBus, partnerId: string): Promise<void> =>
  publish(bus, CredentialIssued, `${partnerId}:k1`, {
    partnerId,
    keyId: 'k1',
    sealed: sealSecret(credentialKey, { partnerId, keyId: 'k1' }, secret, random),
  });

export const billIdOf = (billNo: string, partnerId = school): string => billIds.of(partnerId, billNo);
export const paymentIdOf = (billNo: string): string => paymentIds.of('test', billNo);

/** What no partner may ever be told. */
export const customerId = customerIds.of('test', 'a customer');
export const payFromMasked = '**** 0001';

const picture = (billNo: string, partnerId: string, status: string) => ({
  payableId: billIdOf(billNo, partnerId),
  scene: 'campus',
  partnerId,
  reference: billNo,
  accountId: accountIds.of('test', billNo),
  holderHash: 'hash',
  holderMasked: '王*明',
  title: '2026年秋季学费',
  status,
  amountFen: 150_000,
  paidFen: 0,
  dueAt: '2026-10-01T00:00:00.000Z',
  payableAfterDue: true,
  detail: { schoolName: '第一小学', selection: 'fixed', revision: 0, items: [] },
});

const ofPayment = (billNo: string, partnerId: string, status: string) => ({
  ...picture(billNo, partnerId, status),
  paymentId: paymentIdOf(billNo),
  paymentFen: 150_000,
});

export const debited = (bus: RawBus, billNo: string, partnerId = school): Promise<void> =>
  publish(bus, PaymentDebited, `${paymentIdOf(billNo)}:2`, {
    paymentId: paymentIdOf(billNo),
    about: { scene: 'campus', partnerId, payableId: billIdOf(billNo, partnerId) },
    status: 'debited',
    channel: 'app',
    amountFen: 150_000,
    reversedFen: 0,
    customerId,
    payFromMasked,
    debitedAt: '2026-09-01T01:59:59.000Z',
  });

export const writeOffAwaited = (bus: RawBus, billNo: string, asked = 0, partnerId = school): Promise<void> =>
  publish(bus, CampusBill.writeOffAwaited, `${billIdOf(billNo, partnerId)}:${3 + asked}`, {
    ...ofPayment(billNo, partnerId, 'debited'),
    asked,
  });

export const reversalRequested = (bus: RawBus, billNo: string): Promise<void> =>
  publish(bus, CampusBill.reversalRequested, `${billIdOf(billNo)}:90`, {
    ...ofPayment(billNo, school, 'debited'),
    reason: 'write-off-silent',
  });

export const reversalBegun = (bus: RawBus, billNo: string): Promise<void> =>
  publish(bus, CampusBill.reversalBegun, `${billIdOf(billNo)}:91`, ofPayment(billNo, school, 'reversing'));

export const reversed = (bus: RawBus, billNo: string): Promise<void> =>
  publish(bus, CampusBill.reversed, `${billIdOf(billNo)}:92`, ofPayment(billNo, school, 'issued'));

type Told = { type: string; timestamp: string; data: Record<string, unknown> };

/** What a partner reads: verified as the specification says. Throws where the signature is another. */
export const read = ({ headers, body }: Arrived): Told & { id: string } => {
  const told = new Webhook(formatSecret(secret)).verify(body, headers as Record<string, string>) as Told;
  return { ...told, id: String(headers['webhook-id']) };
};

/** The types that arrived about one bill, in their order. */
export const typesAbout = (partner: LocalPartner, billNo: string): string[] =>
  partner.arrived.map(read).flatMap(({ type, data }) => (data.billNo === billNo ? [type] : []));

export const expectNothingOfCustomers = (texts: unknown): void => {
  const text = JSON.stringify(texts);
  for (const secretOfCustomer of [customerId, payFromMasked, '王*明', accountIds.of('test', 'B-whole')])
    expect(text).not.toContain(secretOfCustomer);
};
