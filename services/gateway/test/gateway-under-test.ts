import { AccountLinked, CampusBill, type CustomerLink, customerIds, PaymentRequested, paymentFacts, paymentIds } from '@scenefi/contracts';
import type { AnyFact } from '@scenefi/kernel';
import { type RawBus, serviceUnderTest, until } from '@scenefi/testing/engines';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { GatewayConfig } from '../src/config.ts';
import { buildGateway } from '../src/service.ts';
import type { PaymentPicture } from '../src/store.ts';
import { openStandIn } from './stand-in.ts';
import { at, link, payment } from './view-words.ts';

export const issuer = 'https://bank.example';
const audience = 'scenefi-app';

export const keys = await generateKeyPair('EdDSA', { extractable: true });
export const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: 'key-1', alg: 'EdDSA' };

/** The access token of a customer; a test changes the claim that it is about. */
export const tokenOf = (sub: string | undefined, claims: JWTPayload = {}, expiresIn = '5m'): Promise<string> =>
  new SignJWT({ iss: issuer, aud: audience, ...(sub && { sub }), ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'key-1' })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(keys.privateKey);

/** The gateway between services and an authorization server that the test answers for. */
export const openGateway = async (prefix: string, env: Record<string, string> = {}) => {
  const [payments, profiles, authorization] = await Promise.all([openStandIn(), openStandIn(), openStandIn()]);
  authorization.answers(() => ({ status: 200, body: { keys: [publicJwk] } }));
  const addresses = { PAYMENTS_URL: payments.url, PROFILES_URL: profiles.url, JWKS_URL: `${authorization.url}/keys`, ISSUER: issuer };
  const fast = { VIEWS_POLL_MS: '100', WAIT_POLL_MS: '100', REQUESTS_PER_SECOND: '1000' };
  const start = () =>
    serviceUnderTest({ name: 'gateway', schema: GatewayConfig, build: buildGateway, prefix, env: { ...addresses, ...fast, ...env } });
  const gateway = await start();
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await Promise.all([payments.close(), profiles.close(), authorization.close()]);
  };
  return { gateway, payments, profiles, authorization, replica: start, stop };
};
export type Gateway = Awaited<ReturnType<typeof openGateway>>;

export const isReady = (url: string) =>
  until('the gateway is ready', async () => (await fetch(`${url}/health/ready`)).status === 200, 60_000);

type Asking = { method?: string; body?: unknown; key?: string };
type Body = Record<string, never> & { code: string };

/** One request of the app, with the customer's token. */
export const ask = async (url: string, customerId: string, path: string, { method = 'GET', body, key }: Asking = {}) => {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${await tokenOf(customerId)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : undefined) as Body, headers: answer.headers };
};

/** A fact as its owner publishes it; its version is the place that it takes in the story of its aggregate. */
export const publish = async (bus: RawBus, fact: AnyFact, key: string, version: number, data: unknown): Promise<void> => {
  const headers = {
    ce_specversion: '1.0',
    ce_id: `${key}:${version}`,
    ce_source: '/scenefi/test',
    ce_type: fact.ceType,
    ce_time: at,
    ce_sequence: String(version).padStart(10, '0'),
    'content-type': 'application/json',
  };
  await bus.send(fact.topic, { key, value: JSON.stringify(fact.write(data)), headers });
};

type BillFields = Partial<Parameters<typeof CampusBill.billed.key>[0]>;

export const billId = (name: string): `bill_${string}` => `bill_${name.padEnd(26, 'x')}`;
export const accountId = (name: string): `acc_${string}` => `acc_${name.padEnd(26, 'x')}`;
export const customer = (name: string) => customerIds.of(name);
export const paymentIdOf = (name: string) => paymentIds.of(name);

export const billed = (bus: RawBus, name: string, fields: BillFields = {}, version = 1): Promise<void> =>
  publish(bus, CampusBill.billed, billId(name), version, {
    payableId: billId(name),
    scene: 'campus',
    partnerId: 'school-a',
    reference: `B-${name}`,
    accountId: accountId('wang'),
    holderHash: 'hash-of-wang',
    holderMasked: '王*明',
    title: '2026年秋季学费',
    status: 'issued',
    amountFen: 150_000,
    paidFen: 0,
    dueAt: '2099-09-30T15:59:59.000Z',
    payableAfterDue: false,
    detail: { schoolName: '星河区实验小学', selection: 'fixed', revision: 0, items: [] },
    ...fields,
  });

export const linkTo = (account: string, fields: Partial<CustomerLink> = {}): CustomerLink =>
  link({ linkId: `lnk_${account.padEnd(26, 'x')}`, accountId: accountId(account), holderHash: `hash-of-${account}`, ...fields });

export const linked = (bus: RawBus, customerName: string, version: number, ...links: CustomerLink[]): Promise<void> =>
  publish(bus, AccountLinked, customer(customerName), version, { customerId: customer(customerName), links });

type PaymentVerb = 'requested' | 'refused' | 'failed' | 'debited' | 'settled' | 'refunded';

/** A fact of payments about one payment of a customer. */
export const paid = (
  bus: RawBus,
  verb: PaymentVerb,
  version: number,
  fields: Partial<PaymentPicture>,
  more: object = {},
): Promise<void> => {
  const fact = paymentFacts.find(({ type }) => type === `payments.payment.${verb}`) ?? PaymentRequested;
  const status = verb === 'refunded' ? 'settled' : verb;
  const picture = payment({ status, ...fields });
  return publish(bus, fact, picture.paymentId, version, { ...picture, ...more });
};
