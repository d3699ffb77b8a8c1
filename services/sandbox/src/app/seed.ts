import { readFile, writeFile } from 'node:fs/promises';
import type { Random } from '@scenefi/kernel';

const seedBytes = 32;
const hex = /^[0-9a-f]{64}\n?$/;

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** The seed of the signing key: the one in the file, a new one that is put there, or without a file one for this process only. */
export const readSeed = async (file: string | undefined, random: Random): Promise<Buffer> => {
  if (file === undefined) return random.bytes(seedBytes);
  const fresh = random.bytes(seedBytes);
  try {
    await writeFile(file, `${fresh.toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const text = await readFile(file, 'utf8');
  if (!hex.test(text)) throw new Error('the seed file cannot be used: it holds 64 hexadecimal digits and nothing else');
  return Buffer.from(text.trim(), 'hex');
};
