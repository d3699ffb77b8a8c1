import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readAddresses } from '../start/addresses.ts';
import { databases } from '../start/environment.ts';
import { demoProfile, Secrets } from '../start/settings.ts';
import type { Address } from '../start/watch.ts';
import type { RegistrySettings } from './registry.ts';

const RunFile = z.object({ kafka: z.object({ address: z.string() }) });

/** What an operator's command cannot do without; the message says where to get it. */
export class MissingSetting extends Error {}

/** Whoever keeps messages has a database to keep them in. */
const keepers = new Set<string>(databases);
const dataDir = process.env.DATA_DIR ?? '.data';

const read = <Value>(file: string, schema: z.ZodType<Value>): Value | undefined => {
  const path = join(dataDir, file);
  return existsSync(path) ? schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data : undefined;
};

/** The environment first (production), else what `npm start` left in its data folder. */
export const registrySettings = (): RegistrySettings => {
  const { KAFKA_BROKERS, CREDENTIAL_KEY, NAMESPACE = '', TOPIC_PARTITIONS, TOPIC_REPLICATION } = process.env;
  const brokers = KAFKA_BROKERS ?? read('run.json', RunFile)?.kafka.address;
  const credentialKey = CREDENTIAL_KEY ?? read('secrets.json', Secrets)?.credentialKey;
  if (!brokers || !credentialKey)
    throw new MissingSetting('set KAFKA_BROKERS and CREDENTIAL_KEY, or let npm start run beside this command');
  return {
    brokers: brokers.split(','),
    namespace: NAMESPACE,
    partitions: Number(TOPIC_PARTITIONS ?? demoProfile.TOPIC_PARTITIONS),
    replication: Number(TOPIC_REPLICATION ?? demoProfile.TOPIC_REPLICATION),
    credentialKey: Buffer.from(credentialKey, 'hex'),
  };
};

/** Addresses of the services with a backlog, and the token that opens them. */
export const serviceAccess = (): { addresses: Address[]; token: string } => {
  const { SERVICE_URLS, INTERNAL_TOKEN } = process.env;
  const given = SERVICE_URLS?.split(',').map((url) => ({ name: new URL(url).host, url }));
  const addresses = given ?? readAddresses(dataDir).filter(({ name }) => keepers.has(name));
  const token = INTERNAL_TOKEN ?? read('secrets.json', Secrets)?.internalToken;
  if (addresses.length === 0 || !token)
    throw new MissingSetting('set SERVICE_URLS and INTERNAL_TOKEN, or let npm start run beside this command');
  return { addresses, token };
};

/** Runs an operator's command: what a person can mend is one sentence, a bug keeps its stack. */
export const runCommand = async (work: () => Promise<void>): Promise<never> => {
  // Whoever reads may have seen enough, as `head` has.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  try {
    await work();
    process.exit(0);
  } catch (error) {
    const plain = error instanceof MissingSetting || (error as Error).cause !== undefined || (error as Error).name === 'Usage';
    process.stderr.write(`${plain ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(1);
  }
};

/** A command that was called wrongly. */
export class Usage extends Error {
  override readonly name = 'Usage';
}
