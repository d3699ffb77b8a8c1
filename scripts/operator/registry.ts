import { type Bus, connectBus } from '@scenefi/bus';
import { CredentialIssued, CredentialRevoked, PartnerDescribed } from '@scenefi/contracts';
import { createBatcher, type Message, type Publisher } from '@scenefi/engine';
import { formatSecret, sealSecret } from '@scenefi/http';
import { type AnyFact, instantOf, sleep } from '@scenefi/kernel';
import { createLogger, createMetrics, systemClock, systemRandom } from '@scenefi/runtime';

/** What `partners` needs to know of the cluster it speaks to. */
export type RegistrySettings = {
  brokers: string[];
  namespace: string;
  partitions: number;
  replication: number;
  credentialKey: Buffer;
};

/** What the bank says of a partner. */
export type PartnerWords = Omit<PartnerDescribed, 'revision'>;
export type PartnerRow = PartnerDescribed & { keys: string[]; revoked: string[] };

const keyIdBytes = 4;
const secretBytes = 32;
const tables = [PartnerDescribed.topic, CredentialIssued.topic];

/** Folds the tables of partners and credentials as they come. */
const createRows = () => {
  const rows = new Map<string, PartnerRow>();
  const rowOf = (partnerId: string): PartnerRow => {
    const row = rows.get(partnerId) ?? { partnerId, revision: 0, name: '', scenes: [], keys: [], revoked: [] };
    rows.set(partnerId, row);
    return row;
  };
  const add = (ids: string[], keyId: string): void => {
    if (!ids.includes(keyId)) ids.push(keyId);
  };
  const take = ({ event, value }: Message): void => {
    if (!event || value === null) return;
    const json: unknown = JSON.parse(value.toString('utf8'));
    if (event.type === PartnerDescribed.ceType) {
      const partner = PartnerDescribed.read(json);
      const row = rowOf(partner.partnerId);
      if (partner.revision >= row.revision) Object.assign(row, partner);
    }
    if (event.type === CredentialIssued.ceType) {
      const { partnerId, keyId } = CredentialIssued.read(json);
      add(rowOf(partnerId).keys, keyId);
    }
    if (event.type === CredentialRevoked.ceType) {
      const { partnerId, keyId } = CredentialRevoked.read(json);
      add(rowOf(partnerId).revoked, keyId);
    }
  };
  return { rows, take };
};

const publishFact = (publisher: Publisher, fact: AnyFact, data: never): Promise<void> => {
  const key = fact.key(data);
  const time = instantOf(systemClock.now());
  const event = { id: key, source: '/scenefi/merchants', type: fact.ceType, time, subject: key, classification: 'C2' as const };
  return publisher.publish({ topic: fact.topic, key, events: [{ ...event, value: JSON.stringify(fact.write(data)) }] });
};

const untilFresh = async (table: { fresh(): boolean }): Promise<void> => {
  for (let tries = 0; !table.fresh(); tries += 1) {
    if (tries === 300) throw new Error('the tables of partners could not be read within 30 seconds');
    await sleep(systemClock, 100);
  }
};

/** The partners and their keys, as they stand on the log; what is added is published there. */
export const openRegistry = async (settings: RegistrySettings) => {
  const logger = createLogger('partners', 'error');
  const meter = createMetrics('partners');
  const crashed = (error: Error): void => logger.error('the reader of partners crashed', { reason: error.message });
  const timeouts = { sendTimeoutMs: 10_000, sessionTimeoutMs: 30_000, tableRefreshMs: 1_000 };
  const bus: Bus = await connectBus({
    ...settings,
    ...timeouts,
    clientId: 'scenefi-partners',
    clock: systemClock,
    random: systemRandom,
    logger,
    meter,
    crashed,
  });
  const batcher = createBatcher({ log: bus.log, meter });
  const { rows, take } = createRows();
  const table = bus.openTable(tables, take);
  await bus.startTables();
  await untilFresh(table);

  /** The secret is told here once and nowhere else again. */
  const issueKey = async (partnerId: string): Promise<{ keyId: string; secret: string }> => {
    const keyId = systemRandom.bytes(keyIdBytes).toString('hex');
    const secret = systemRandom.bytes(secretBytes);
    const sealed = sealSecret(settings.credentialKey, { partnerId, keyId }, secret, systemRandom);
    await publishFact(batcher, CredentialIssued, { partnerId, keyId, sealed } as never);
    return { keyId, secret: formatSecret(secret) };
  };

  return {
    list: (): PartnerRow[] => [...rows.values()].sort((left, right) => (left.partnerId < right.partnerId ? -1 : 1)),
    describe: async (words: PartnerWords): Promise<void> => {
      const revision = (rows.get(words.partnerId)?.revision ?? 0) + 1;
      await publishFact(batcher, PartnerDescribed, { ...words, revision } as never);
    },
    issueKey,
    revokeKey: (partnerId: string, keyId: string): Promise<void> => publishFact(batcher, CredentialRevoked, { partnerId, keyId } as never),
    close: async (): Promise<void> => {
      await batcher.drained();
      await bus.stopConsuming();
      await bus.close();
    },
  };
};
