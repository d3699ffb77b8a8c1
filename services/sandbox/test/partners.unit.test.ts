import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSecret } from '@scenefi/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPartners } from '../src/partners.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partners-'));
});
afterAll(() => rm(folder, { recursive: true }));

const secret = formatSecret(Buffer.alloc(32, 7));
const read = async (partners: unknown) => {
  const file = join(folder, 'partners.json');
  await writeFile(file, JSON.stringify(partners));
  return readPartners(file);
};

test('what the contract of a school says of silence is read, and nothing is made up where it is not told', async () => {
  const partners = await read([
    { partnerId: 'school-a', name: '东湖小学', secret },
    { partnerId: 'school-b', name: '西湖中学', secret, onSilence: 'reverse' },
  ]);
  expect(partners.map(({ onSilence }) => onSilence)).toEqual([undefined, 'reverse']);
});

test('a file that cannot be used is one sentence without what stands in it', async () => {
  const school = { partnerId: 'school-a', name: '东湖小学', secret };
  for (const partners of [[], [school, school], [{ ...school, onSilence: 'forget' }], { school }]) {
    const refused = await read(partners).catch((error: Error) => error.message);
    expect(refused).toBe('the partners file cannot be used: not an array of { partnerId, name, secret }');
  }
});
