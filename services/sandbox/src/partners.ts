import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PartnerId } from '@scenefi/contracts';
import { parseSecret } from '@scenefi/http';
import { z } from 'zod';

const onSilence = ['queue', 'reverse'] as const;
/** What a school's contract says of a payment that it never writes off: people decide, or it is reversed. */
export type OnSilence = (typeof onSilence)[number];

/** A school and the key it signs with; of one whose contract is not told only what does not depend on it is played. */
export type Partner = { partnerId: string; name: string; secret: KeyObject; onSilence?: OnSilence };

const PartnersFile = z
  .array(z.object({ partnerId: PartnerId, name: z.string().min(1), secret: z.string(), onSilence: z.enum(onSilence).exactOptional() }))
  .min(1)
  .refine((partners) => new Set(partners.map(({ partnerId }) => partnerId)).size === partners.length, 'each partner may stand once');

/** Reads who may send. Throws one sentence without any content of the file, since secrets stand in it. */
export const readPartners = async (file: string): Promise<Partner[]> => {
  try {
    const partners = PartnersFile.parse(JSON.parse(await readFile(file, 'utf8')));
    return partners.map(({ secret, ...partner }) => ({ ...partner, secret: createSecretKey(parseSecret(secret)) }));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not an array of { partnerId, name, secret }';
    throw new Error(`the partners file cannot be used: ${reason}`);
  }
};
