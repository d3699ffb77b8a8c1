import { billIds, noticeCeType } from '@scenefi/contracts';
import { readConfig, type Start, startService } from '@scenefi/runtime';
import { endSpy, engineAddresses, keptLogger, type RawBus, type RawRecord } from '@scenefi/testing/engines';
import { CampusConfig } from '../src/config.ts';
import { buildCampus } from '../src/service.ts';

export const school = 'school-a';
export const internalToken = 'a-token-for-people-inside';
export const noticeTopic = 'campus.notice.v1';

type Options = { env?: Record<string, string>; build?: Start<CampusConfig, Parameters<typeof buildCampus>[0]>['build'] };

/** The whole service in this process, on real engines; `crashed` says whether it would have ended. */
export const startCampus = async (prefix: string, { env = {}, build = buildCampus }: Options = {}) => {
  const { kafkaBrokers, mongoUrl } = engineAddresses();
  const spy = endSpy();
  const logger = keptLogger();
  const crashes: Error[] = [];
  const config = readConfig(CampusConfig, {
    KAFKA_BROKERS: kafkaBrokers,
    MONGO_URL: mongoUrl,
    NAMESPACE: prefix,
    PORT: '0',
    INTERNAL_TOKEN: internalToken,
    ID_KEY: '0f'.repeat(32),
    TOPIC_PARTITIONS: '3',
    TOPIC_REPLICATION: '1',
    SWEEP_MS: '50',
    PARKED_RETRY_MS: '50',
    ...env,
  });
  const crashed = (error: Error): void => void crashes.push(error);
  const running = await startService({ name: 'campus', config, logger, build, crashed, ended: spy.ended });
  return { ...running, spy, logger, crashes };
};

export type Campus = Awaited<ReturnType<typeof startCampus>>;

export const billIdOf = (billNo: string): string => billIds.of(school, billNo);

const envelope = (noticeId: string) => ({
  ce_specversion: '1.0',
  ce_id: noticeId,
  ce_source: '/scenefi/ingress',
  ce_type: noticeCeType('campus'),
  ce_time: '2026-09-01T00:00:00.000Z',
  ce_partnerid: school,
  'content-type': 'application/json',
});

type Raw = { key?: string; value: string | null; headers?: Record<string, string> };

/** Puts bytes on the notice topic in the envelope of a notice, unless told otherwise. */
export const sendRaw = (bus: RawBus, noticeId: string, { key = 'some-key', value, headers = envelope(noticeId) }: Raw): Promise<void> =>
  bus.send(noticeTopic, { key, value, headers });

/** A notice as ingress appends it. */
export const notify = (bus: RawBus, noticeId: string, event: string, data: Record<string, unknown>): Promise<void> => {
  const value = JSON.stringify({ type: `campus.bill.${event}`, timestamp: '2026-09-01T08:00:00+08:00', data });
  return sendRaw(bus, noticeId, { key: billIdOf(String(data.billNo)), value });
};

/** The records of one key, each with what it says. */
export const factsOf = async (bus: RawBus, topic: string, key: string) =>
  (await bus.read(topic)).filter((record) => record.key === key).map((record) => ({ ...record, data: JSON.parse(record.value ?? 'null') }));

export const shortTypes = (records: readonly RawRecord[]): string[] =>
  records.map(({ headers }) => headers.ce_type!.replace('cn.scenefi.campus.', '').replace('.v1', ''));

/** A GET of the service with or without the token. */
export const get = async ({ url }: Campus, path: string, token: string | undefined = internalToken) => {
  const answer = await fetch(url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  return { status: answer.status, body: await answer.json() };
};
