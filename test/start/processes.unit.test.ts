import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { superviseProcesses } from '../../scripts/start/processes.ts';

let folder: string;
const overloaded = createServer((_request, response) => response.writeHead(503).end());

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scenefi-processes-'));
  await new Promise<void>((resolve) => overloaded.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  overloaded.closeAllConnections();
  overloaded.close();
  rmSync(folder, { recursive: true, force: true });
});

const schools = (more: Record<string, string> = {}) => {
  const partners = join(folder, 'schools.json');
  writeFileSync(
    partners,
    JSON.stringify([{ partnerId: 'a-school', name: '一所学校', secret: `whsec_${Buffer.alloc(32).toString('base64')}` }]),
  );
  const INGRESS_URLS = `http://127.0.0.1:${(overloaded.address() as AddressInfo).port}`;
  const env = { INGRESS_URLS, PARTNERS_FILE: partners, JOURNAL_FILE: join(folder, 'journal.jsonl'), MODE: 'steady', ...more };
  return { name: 'schools', service: 'sandbox', env };
};

test('a run that goes wrong answers how it ended, and its last warnings', async () => {
  const processes = superviseProcesses(folder, () => undefined);
  const complaints = await processes.run(schools({ MODE: 'never' }));
  expect(complaints).toEqual(['ended with 1', expect.stringContaining('MODE')]);
});

test('schools that are told to stop give up bills that come to no end, and say so', async () => {
  const processes = superviseProcesses(folder, () => undefined);
  const ended = processes.run(schools({ STOP_TIMEOUT_MS: '200' }));
  const journal = () => readFileSync(join(folder, 'journal.jsonl'), 'utf8');
  await expect.poll(journal, { timeout: 30_000 }).toContain('"status":503');
  processes.signal('schools', 'SIGTERM');
  expect(await ended).toEqual(['ended with 1', expect.stringContaining('stopping took too long')]);
});
