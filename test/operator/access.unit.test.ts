import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { noteAddresses } from '../../scripts/start/addresses.ts';
import { services } from '../../scripts/start/environment.ts';
import { secretsOf } from '../../scripts/start/settings.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test('of a running start operators ask the services that keep messages, neither the door nor the simulated world', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scenefi-operator-'));
  secretsOf(folder);
  noteAddresses(
    folder,
    services.map((name) => ({ name, url: 'http://127.0.0.1:9' })),
  );
  vi.stubEnv('DATA_DIR', folder);
  for (const name of ['SERVICE_URLS', 'INTERNAL_TOKEN']) vi.stubEnv(name, undefined);
  vi.resetModules();
  const { serviceAccess } = await import('../../scripts/operator/access.ts');
  expect(serviceAccess().addresses.map(({ name }) => name)).toEqual(['campus', 'payments', 'ledger', 'profiles', 'notifier', 'gateway']);
  rmSync(folder, { recursive: true });
});
