import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { getJson, internalToken, namespace, rawBus, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { openLocalPartner, withStatus } from './local-partner.ts';
import {
  debited,
  describePartner,
  issueKey,
  processEnvironment,
  read,
  reversalRequested,
  school,
  startNotifier,
  typesAbout,
  writeOffAwaited,
} from './notifier-under-test.ts';

const billNosOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, number) => `${name}-${number}`);

type Partners = { partners: { partnerId: string; waiting: number; failures: number; pausedSince?: string }[] };

test('two replicas pause a partner that is away, keep its letters in order, and drain them once it is back', async () => {
  const prefix = namespace('away');
  const first = await startNotifier(prefix, { PROBE_MS: '1000000' });
  const [bus, partner] = await Promise.all([rawBus(prefix), openLocalPartner()]);
  const second = await startNotifier(prefix, { PROBE_MS: '1000000' });
  partner.answer(withStatus(503));
  await describePartner(bus, school, partner.url);
  await issueKey(bus, school);

  const billNos = billNosOf('B', 30);
  for (const billNo of billNos) {
    await debited(bus, billNo);
    await writeOffAwaited(bus, billNo);
    await reversalRequested(bus, billNo);
  }
  const standing = async () =>
    (await getJson<Partners>(first, '/internal/partners')).body.partners.find(({ partnerId }) => partnerId === school);
  const paused = await until('it is paused and everything waits', async () => {
    const now = await standing();
    return now?.pausedSince !== undefined && now.waiting === 2 * billNos.length && now;
  });
  expect(paused.failures).toBeGreaterThanOrEqual(10);
  expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/notifier_waiting_letters\{[^}]*\} 60/);

  // What was under way may still end; from then on one probe goes in a second.
  await until('the probes have begun', async () => ((await standing())?.failures ?? 0) > paused.failures);
  const before = partner.arrived.length;
  const failuresBefore = (await standing())?.failures ?? 0;
  await until('three more probes failed', async () => ((await standing())?.failures ?? 0) >= failuresBefore + 3);
  expect(partner.arrived.length - before).toBeLessThanOrEqual(6);

  partner.answer(withStatus(200));
  const taken = partner.arrived.length;
  await until('everything is taken', async () => (await standing())?.waiting === 0, 60_000);
  const after = { ...partner, arrived: partner.arrived.slice(taken) };
  for (const billNo of billNos) {
    expect(typesAbout(after, billNo)).toEqual(['payment.debited', 'payment.reversing']);
  }
  expect(await standing()).toMatchObject({ failures: 0, waiting: 0 });
  expect(await standing()).not.toHaveProperty('pausedSince');
  await Promise.all([first.stop(), second.stop()]);
  await Promise.all([bus.close(), partner.close()]);
});

test('an operator who knows that the partner is back need not wait for the probe', async () => {
  const prefix = namespace('resume');
  const notifier = await startNotifier(prefix, { PROBE_MS: '100000000' });
  const [bus, partner] = await Promise.all([rawBus(prefix), openLocalPartner()]);
  partner.answer(withStatus(500));
  await describePartner(bus, school, partner.url);
  await issueKey(bus, school);
  const billNos = billNosOf('R', 15);
  for (const billNo of billNos) {
    await debited(bus, billNo);
    await writeOffAwaited(bus, billNo);
  }
  const standing = async () => (await getJson<Partners>(notifier, '/internal/partners')).body.partners[0];
  await until('it is paused', async () => (await standing())?.pausedSince);
  await until('everything waits', async () => (await standing())?.waiting === billNos.length);
  partner.answer(withStatus(200));
  const headers = { authorization: `Bearer ${internalToken}` };
  const resumed = await fetch(`${notifier.url}/internal/partners/${school}/resume`, { method: 'POST', headers });
  expect(await resumed.json()).toEqual({ mailboxes: billNos.length });
  await until('everything is taken', async () => (await standing())?.waiting === 0);
  await notifier.stop();
  await Promise.all([bus.close(), partner.close()]);
});

test('a letter whose process was killed in the middle of the call is sent again by another, under the same id', async () => {
  const prefix = namespace('killed');
  const [bus, partner] = await Promise.all([rawBus(prefix), openLocalPartner()]);
  const main = join(import.meta.dirname, '..', 'src', 'main.ts');
  const slow = { CALLBACK_TIMEOUT_MS: '2000', SESSION_TIMEOUT_MS: '6000' };
  const child = spawn(process.execPath, [main], { env: processEnvironment(prefix, slow), stdio: ['ignore', 'pipe', 'inherit'] });
  const started = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => String(chunk).includes('service started') && resolve());
  });
  await started;
  const killed = once(child, 'exit');
  // It never hears what became of its call.
  partner.answer(() => void child.kill('SIGKILL'));
  await describePartner(bus, school, partner.url);
  await issueKey(bus, school);
  await debited(bus, 'K-1');
  await writeOffAwaited(bus, 'K-1');
  await writeOffAwaited(bus, 'K-1', 1);
  await killed;
  expect(partner.arrived).toHaveLength(1);

  partner.answer(withStatus(200));
  const other = await startNotifier(prefix, slow);
  await until('all have arrived', () => typesAbout(partner, 'K-1').length === 3);
  const [lost, again, next] = partner.arrived.map(read);
  expect(again?.id).toBe(lost?.id);
  expect(again?.data).toEqual(lost?.data);
  expect(next?.data).toMatchObject({ reminder: 1 });
  expect(partner.arrived).toHaveLength(3);
  await other.stop();
  await Promise.all([bus.close(), partner.close()]);
});
