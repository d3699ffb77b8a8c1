import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Address } from './watch.ts';

const Addresses = z.array(z.object({ name: z.string(), url: z.string() }));

/** Leaves the addresses of a run beside its data, for the operators' commands. */
export const noteAddresses = (dataDir: string, addresses: readonly Address[]): void =>
  writeFileSync(join(dataDir, 'services.json'), `${JSON.stringify(addresses, null, 2)}\n`);

/** The addresses of the last run in this folder; none where there was none. */
export const readAddresses = (dataDir: string): Address[] => {
  const path = join(dataDir, 'services.json');
  return existsSync(path) ? Addresses.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
};
