import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { internalToken, namespace, rawBus, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { openLocalPartner, withStatus } from './local-partner.ts';
import { debited, describePartner, issueKey, school, startNotifier, typesAbout, writeOffAwaited } from './notifier-under-test.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test('an operator lists, shows, replays and resumes from the command line', async () => {
  const prefix = namespace('command');
  const notifier = await startNotifier(prefix);
  const [bus, partner] = await Promise.all([rawBus(prefix), openLocalPartner()]);
  const env = { ...process.env, SERVICE_URLS: notifier.url, INTERNAL_TOKEN: internalToken };
  const deliveries = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [join(root, 'scripts', 'deliveries.ts'), ...args], { cwd: root, env })).stdout;

  expect(await deliveries('partners')).toBe('nothing waits and nobody fails\n');
  partner.answer(withStatus(410));
  await describePartner(bus, school, partner.url);
  await issueKey(bus, school);
  await debited(bus, 'C-1');
  await writeOffAwaited(bus, 'C-1');
  const line = await until(
    'it is given up',
    async () => (await deliveries('list', '--partner', school)).match(/^dlv_\S+ .*given-up.*$/m)?.[0],
  );
  expect(line).toMatch(/given-up {2}payment\.debited {2}2026-09-01T02:00:00\.000Z {2}410 in try \d+/);
  const [id = ''] = line.split(' ');
  expect(JSON.parse(await deliveries('show', id))).toMatchObject({ deliveryId: id, partnerId: school, data: { billNo: 'C-1' } });

  partner.answer(withStatus(200));
  expect(await deliveries('replay', id)).toBe('1 delivery goes out again, under the same webhook-ids\n');
  await until('it is taken', async () => JSON.parse(await deliveries('show', id)).status === 'taken');
  const before = typesAbout(partner, 'C-1').length;
  const range = ['--partner', school, '--from', '2026-09-01T00:00:00+08:00', '--to', '2026-09-02T00:00:00+08:00'];
  expect(await deliveries('replay', ...range)).toContain('1 delivery goes');
  await until('it has arrived again', () => typesAbout(partner, 'C-1').length > before);
  expect(await deliveries('resume', school)).toMatch(/^school-a is tried at once; \d mailbox(es)? goe?s? on\n$/);

  await expect(deliveries('show', `dlv_${'a'.repeat(26)}`)).rejects.toMatchObject({
    stderr: expect.stringContaining('NOTIFIER_DELIVERY_NOT_FOUND'),
  });
  await expect(deliveries('replay')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run deliveries') });
  await notifier.stop();
  await Promise.all([bus.close(), partner.close()]);
});
