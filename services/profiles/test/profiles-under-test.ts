import { createSecretKey } from 'node:crypto';
import { accountIds, billIds, CampusBill, customerIds } from '@scenefi/contracts';
import { keyedHash, maskedName } from '@scenefi/kernel';
import type { Start } from '@scenefi/runtime';
import { internalToken, type RawBus, serviceUnderTest } from '@scenefi/testing/engines';
import { ProfilesConfig } from '../src/config.ts';
import { buildProfiles } from '../src/service.ts';

export const school = 'school-a';
export const factTopic = 'profiles.customer.v1';

const idKeyHex = '0f'.repeat(32);
const idKey = createSecretKey(Buffer.from(idKeyHex, 'hex'));

export type Build = Start<ProfilesConfig, Parameters<typeof buildProfiles>[0]>['build'];
type Options = { env?: Record<string, string>; build?: Build };

export const startProfiles = (prefix: string, { env = {}, build = buildProfiles }: Options = {}) =>
  serviceUnderTest({ name: 'profiles', schema: ProfilesConfig, build, prefix, env: { ID_KEY: idKeyHex, ...env } });

export type Profiles = Awaited<ReturnType<typeof startProfiles>>;

export const customerOf = (name: string) => customerIds.of(name);
export const accountIdOf = (accountNo: string) => accountIds.keyed(idKey, 'campus', school, accountNo);

type Bill = { accountNo: string; holderName: string; at?: string };

export const billFactId = (billNo: string): string => `${billIds.of(school, billNo)}:1`;

/** Says that something was billed, as campus says it. */
export const sayBilled = (bus: RawBus, billNo: string, { accountNo, holderName, at = '2026-09-01T00:00:00.000Z' }: Bill): Promise<void> => {
  const payableId = billIds.of(school, billNo);
  const data = CampusBill.billed.write({
    payableId,
    scene: 'campus',
    partnerId: school,
    reference: billNo,
    accountId: accountIdOf(accountNo),
    holderHash: keyedHash(idKey, 'campus', school, accountNo, holderName),
    holderMasked: maskedName(holderName),
    title: '2026年秋季学费',
    status: 'issued',
    amountFen: 100,
    paidFen: 0,
    dueAt: '2099-09-30T15:59:59.000Z',
    payableAfterDue: false,
    detail: {
      schoolName: '星河区实验小学',
      selection: 'fixed',
      revision: 0,
      items: [{ itemNo: 'tuition', name: '学费', amountFen: 100, mandatory: true, quantityMax: 1 }],
    },
  });
  const headers = {
    ce_specversion: '1.0',
    ce_id: billFactId(billNo),
    ce_source: '/scenefi/campus',
    ce_type: CampusBill.billed.ceType,
    ce_time: at,
    ce_subject: payableId,
    ce_sequence: '0000000001',
    'content-type': 'application/json',
  };
  return bus.send(CampusBill.billed.topic, { key: payableId, value: JSON.stringify(data), headers });
};

export type Answer = {
  status: number;
  body: { link?: Record<string, unknown>; links?: Record<string, unknown>[]; [field: string]: unknown };
};

const call = async (
  { url }: Pick<Profiles, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  token = internalToken,
): Promise<Answer> => {
  const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const answer = await fetch(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
};

type Request = { accountNo: string; holderName: string; key?: string } & Record<string, unknown>;

/** Links as the gateway does; a request without a key is one of its own. */
export const linkAs = (profiles: Pick<Profiles, 'url'>, name: string, { accountNo, holderName, key, ...more }: Request, token?: string) => {
  const idempotencyKey = key ?? `${accountNo}-${Buffer.from(holderName).toString('hex')}`;
  const body = { customerId: customerOf(name), scene: 'campus', partnerId: school, accountNo, holderName, idempotencyKey, ...more };
  return call(profiles, 'POST', '/internal/links', body, token);
};

export const linksOf = async (profiles: Pick<Profiles, 'url'>, name: string): Promise<Record<string, unknown>[]> =>
  (await call(profiles, 'GET', `/internal/links?customerId=${customerOf(name)}`)).body.links ?? [];

export const unlinkAs = (profiles: Pick<Profiles, 'url'>, name: string, linkId: unknown) =>
  call(profiles, 'DELETE', `/internal/links/${linkId}?customerId=${customerOf(name)}`);

/** What was said of one customer, repeats left out: the verb, and how each of his links stands. */
export const factsOf = async (bus: RawBus, name: string): Promise<string[]> => {
  const records = (await bus.read(factTopic)).filter(({ key }) => key === customerOf(name));
  const firsts = new Map(records.map(({ headers, value }) => [headers.ce_id, { type: headers.ce_type!, value: value! }]));
  return [...firsts.values()].map(({ type, value }) => {
    const { links } = JSON.parse(value) as { links: { status: string }[] };
    return `${type.split('.')[4]}: ${links.map(({ status }) => status).join(' ')}`.trim();
  });
};
