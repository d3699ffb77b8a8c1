import { join } from 'node:path';
import type { Spawned } from './processes.ts';
import { demoProfile, type Secrets } from './settings.ts';
import type { Address } from './watch.ts';

/** The processes of scenefi, and the simulated world around it, in the order of their ports. */
export const services = ['ingress', 'campus', 'payments', 'ledger', 'profiles', 'notifier', 'gateway', 'sandbox-world'] as const;
export type ServiceName = (typeof services)[number];

/** The services with a database, which is what an auditor and a look at quietness read. */
export const databases = ['campus', 'payments', 'ledger', 'profiles', 'notifier', 'gateway', 'gateway-g1'] as const;

export type Surroundings = {
  kafkaBrokers: string;
  mongoUrl: string;
  namespace: string;
  dataDir: string;
  secrets: Secrets;
  partnersFile: string;
  /** Where each service answers; of several replicas the first. */
  urlOf: (name: ServiceName) => string;
  ingressUrls: readonly string[];
};

const own: Record<ServiceName, (around: Surroundings) => Record<string, string>> = {
  ingress: ({ secrets, urlOf }) => ({ CREDENTIAL_KEY: secrets.credentialKey, CAMPUS_URL: urlOf('campus') }),
  campus: ({ secrets }) => ({ ID_KEY: secrets.idKey }),
  payments: ({ secrets, urlOf }) => ({ CORE_BANK_URL: urlOf('sandbox-world'), CORE_BANK_TOKEN: secrets.bankToken }),
  ledger: () => ({}),
  profiles: ({ secrets }) => ({ ID_KEY: secrets.idKey }),
  notifier: ({ secrets }) => ({ CREDENTIAL_KEY: secrets.credentialKey, ALLOW_PRIVATE_CALLBACKS: 'true' }),
  gateway: ({ urlOf }) => ({
    PAYMENTS_URL: urlOf('payments'),
    PROFILES_URL: urlOf('profiles'),
    JWKS_URL: `${urlOf('sandbox-world')}/.well-known/jwks.json`,
    ISSUER: urlOf('sandbox-world'),
  }),
  'sandbox-world': ({ secrets, dataDir, partnersFile, ingressUrls, urlOf }) => ({
    BANK_FILE: join(dataDir, 'bank.jsonl'),
    SCHOOL_FILE: join(dataDir, 'schools.jsonl'),
    JWT_SEED_FILE: join(dataDir, 'token-seed'),
    PARTNERS_FILE: partnersFile,
    INGRESS_URLS: ingressUrls.join(','),
    BANK_TOKEN: secrets.bankToken,
    ISSUER: urlOf('sandbox-world'),
  }),
};

/** A process as it is to be spawned: what every one is told, what only this one is told, and the demo's short durations. */
export const spawnedOf = (service: ServiceName, { name, url }: Address, around: Surroundings): Spawned => {
  const { kafkaBrokers, mongoUrl, namespace, secrets } = around;
  const { hostname, port } = new URL(url);
  return {
    name,
    ...(service === 'sandbox-world' ? { service: 'sandbox', entry: 'world' } : { service }),
    env: {
      ...demoProfile,
      KAFKA_BROKERS: kafkaBrokers,
      MONGO_URL: mongoUrl,
      NAMESPACE: namespace,
      HOST: hostname,
      PORT: port,
      INTERNAL_TOKEN: secrets.internalToken,
      LOG_LEVEL: 'info',
      ...own[service](around),
    },
  };
};
