import type { Executor } from '@scenefi/engine';
import { Outage } from '@scenefi/kernel';
import { namespace, rawBus, until } from '@scenefi/testing/engines';
import { expect, test } from 'vitest';
import { buildProfiles } from '../src/service.ts';
import { accountIdOf, type Build, billFactId, factsOf, linkAs, linksOf, sayBilled, startProfiles } from './profiles-under-test.ts';

/** A service whose first attempt of every effect is cut off, as by a process that died before it could begin it. */
const firstAttemptsLost: Build = (platform) => {
  const cutOff =
    (executor: Executor<never, never>): Executor<never, never> =>
    async (effect, ...rest) => {
      if (effect.attempt === 0) throw new Outage('cut off');
      return executor(effect, ...rest);
    };
  const aggregate: typeof platform.engine.aggregate = (scene, { effects = {}, ...options }) => {
    const cut = Object.entries(effects).map(([kind, executor]) => [kind, cutOff(executor as never)]);
    return platform.engine.aggregate(scene, { ...options, effects: Object.fromEntries(cut) });
  };
  return buildProfiles({ ...platform, engine: { ...platform.engine, aggregate } });
};

test('who could not be told of the first bill is told by the wake-up', async () => {
  const prefix = namespace('profiles-crash');
  const profiles = await startProfiles(prefix, { build: firstAttemptsLost, env: { ASK_AGAIN_MS: '100' } });
  const bus = await rawBus(prefix);
  await linkAs(profiles, 'mother', { accountNo: 'S1', holderName: '王小明' });
  await sayBilled(bus, 'b-1', { accountNo: 'S1', holderName: '王小明' });
  await profiles.spy.awaitEnd(billFactId('b-1'), 'done');
  await until('the link is confirmed', async () => (await linksOf(profiles, 'mother'))[0]?.status === 'linked');
  expect(await factsOf(bus, 'mother')).toEqual(['account-linked: pending', 'account-confirmed: linked']);
  await Promise.all([profiles.stop(), bus.close()]);
});

/** A service that answers nobody: it dies after the link is saved, before its account was asked. */
const diesAfterLinking: Build = (platform) => {
  const aggregate: typeof platform.engine.aggregate = (scene, options) => {
    const target = platform.engine.aggregate(scene, { ...options, effects: { ask: async () => undefined } });
    const send: typeof target.send = (sending) =>
      scene.name === 'account' ? Promise.reject(new Outage('the process is gone')) : target.send(sending);
    return { ...target, send };
  };
  return buildProfiles({ ...platform, engine: { ...platform.engine, aggregate } });
};

test('a link whose process died before it had asked is asked about by the next one', async () => {
  const prefix = namespace('profiles-died');
  const env = { ASK_AGAIN_MS: '300' };
  const dying = await startProfiles(prefix, { build: diesAfterLinking, env });
  const bus = await rawBus(prefix);
  await sayBilled(bus, 'b-1', { accountNo: 'S1', holderName: '王小明' });
  await dying.spy.awaitEnd(billFactId('b-1'), 'done');
  const request = { accountNo: 'S1', holderName: '王小明' };
  expect(await linkAs(dying, 'mother', request)).toMatchObject({ status: 503, body: { code: 'HTTP_UNAVAILABLE' } });
  expect(await linksOf(dying, 'mother')).toMatchObject([{ status: 'pending', accountId: accountIdOf('S1') }]);
  await dying.stop();
  const next = await startProfiles(prefix, { env });
  await until('the link is confirmed', async () => (await linksOf(next, 'mother'))[0]?.status === 'linked');
  expect(await linkAs(next, 'mother', request)).toMatchObject({ status: 200, body: { link: { status: 'linked' } } });
  await Promise.all([next.stop(), bus.close()]);
});
