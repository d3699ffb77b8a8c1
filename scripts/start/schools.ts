import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engines } from '../engines/index.ts';
import { openRegistry } from '../operator/registry.ts';
import { demoProfile } from './settings.ts';

/** Where a school of the sandbox hears from the bank. */
export const callbackOf = (worldUrl: string, partnerId: string): string => `${worldUrl}/schools/${partnerId}/webhooks`;

const School = z.object({
  partnerId: z.string(),
  name: z.string(),
  keyId: z.string(),
  secret: z.string(),
  onSilence: z.enum(['queue', 'reverse']),
});
type School = z.output<typeof School>;

/** The first has people decide what becomes of a payment it never writes off; of the others it is reversed. */
const demoSchools = [
  { partnerId: 'xinghe-primary', name: '星河区实验小学', onSilence: 'queue' },
  { partnerId: 'linjiang-middle', name: '临江第一中学', onSilence: 'reverse' },
  { partnerId: 'beihu-vocational', name: '北湖职业技术学院', onSilence: 'reverse' },
] as const;

const readSchools = (path: string): School[] => (existsSync(path) ? z.array(School).parse(JSON.parse(readFileSync(path, 'utf8'))) : []);

/**
 * Brings the demo schools on board as `npm run partners -- add` would, unless the log has them with the keys that this
 * data folder holds. Answers the file with their secrets, readable by its owner only.
 */
export const prepareSchools = async (
  { kafka }: Engines,
  dataDir: string,
  { credentialKey, worldUrl }: { credentialKey: Buffer; worldUrl: string },
): Promise<string> => {
  const path = join(dataDir, 'schools.json');
  const registry = await openRegistry({
    brokers: kafka.address.split(','),
    namespace: '',
    partitions: Number(demoProfile.TOPIC_PARTITIONS),
    replication: Number(demoProfile.TOPIC_REPLICATION),
    credentialKey,
  });
  try {
    const rows = registry.list();
    const held = readSchools(path);
    const schools: School[] = [];
    for (const { partnerId, name, onSilence } of demoSchools) {
      const callbackUrl = callbackOf(worldUrl, partnerId);
      const row = rows.find((known) => known.partnerId === partnerId);
      const known = held.find((school) => school.partnerId === partnerId && row?.keys.includes(school.keyId));
      if (row?.callbackUrl !== callbackUrl) await registry.describe({ partnerId, name, scenes: ['campus'], callbackUrl, onSilence });
      schools.push(known ?? { partnerId, name, onSilence, ...(await registry.issueKey(partnerId)) });
    }
    writeFileSync(path, `${JSON.stringify(schools, null, 2)}\n`, { mode: 0o600 });
    return path;
  } finally {
    await registry.close();
  }
};
