import { brokersAt, helloOf } from './answers.ts';
import { EngineError, type Held } from './engine.ts';

const answerMs = 4_000;
const nothing = async (): Promise<void> => undefined;

/** The hosts of a MongoDB URL: all of it that may be shown, since the rest can hold a password. */
export const hostsOf = (url: string): string =>
  /^mongodb(?:\+srv)?:\/\/(?:.*@)?([^/?]+)/.exec(url)?.[1] ?? 'an address that cannot be read';

/** Takes the database name out of a MongoDB URL; credentials go on being checked against that database, as the driver would. */
export const withoutDatabase = (url: string): string => {
  const parts = /^(mongodb(?:\+srv)?:\/\/)((?:.*@)?)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url);
  if (!parts) return url;
  const [, scheme, credentials = '', hosts, database, query] = parts;
  const options = query ? query.split('&') : [];
  if (credentials && database && !options.some((option) => /^authSource=/i.test(option))) options.push(`authSource=${database}`);
  return `${scheme}${credentials}${hosts}/${options.length ? `?${options.join('&')}` : ''}`;
};

/** Whether a `hello` comes from something that can run transactions: a replica set or a router of shards. */
export const hasTransactions = (hello: Record<string, unknown>): boolean => typeof hello.setName === 'string' || hello.msg === 'isdbgrid';

export const givenKafka = async (address: string): Promise<Held> => {
  try {
    const brokers = await brokersAt(address, answerMs);
    return {
      address,
      rung: 'given',
      about: `Kafka with ${brokers} ${brokers === 1 ? 'broker' : 'brokers'} (KAFKA_BROKERS)`,
      stop: nothing,
    };
  } catch (cause) {
    throw new EngineError(`No Kafka answers at ${address}: start it there, correct KAFKA_BROKERS, or unset it.`, { cause });
  }
};

export const givenMongo = async (given: string): Promise<Held> => {
  const hosts = hostsOf(given);
  const hello = await helloOf(given, answerMs).catch((cause: unknown) => {
    throw new EngineError(`No MongoDB answers at ${hosts}: start it there, correct MONGO_URL, or unset it.`, { cause });
  });
  if (!hasTransactions(hello)) {
    throw new EngineError(
      `The MongoDB at ${hosts} is a standalone server without transactions: ` +
        'start it with --replSet and run rs.initiate(), or unset MONGO_URL.',
    );
  }
  const kind = typeof hello.setName === 'string' ? `replica set ${hello.setName}` : 'sharded';
  return { address: withoutDatabase(given), rung: 'given', about: `MongoDB, ${kind} (MONGO_URL)`, stop: nothing };
};
