import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dockerEngines } from '../../scripts/engines/docker.ts';
import type { Climb } from '../../scripts/engines/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'docker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A docker on PATH that notes how it was called and fails for the calls named. */
const climbWith = (failing: string) => {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const calls = join(bin, 'calls');
  const script = `#!/bin/sh\necho "$*" >> '${calls}'\ncase "$*" in\n  ${failing}) echo 'a reason' >&2; exit 1;;\nesac\n`;
  writeFileSync(join(bin, 'docker'), script);
  chmodSync(join(bin, 'docker'), 0o755);
  const said: string[] = [];
  const climb: Climb = {
    dataDir: mkdtempSync(join(folder, 'data-')),
    cacheDir: folder,
    env: { PATH: bin },
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    run: { portsOf: () => [], note: () => undefined, release: () => undefined },
  };
  return { climb, said, callsMade: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []) };
};

test('without a Docker engine the next rung is taken, in one line', async () => {
  const { climb, said, callsMade } = climbWith('info*');
  expect((await dockerEngines(['kafka', 'mongo'], climb, (held) => held)).size).toBe(0);
  expect(said).toEqual(['No Docker engine answers, so Kafka and MongoDB run natively.']);
  expect(callsMade()).toHaveLength(1);
});

test('without compose the next rung is taken, in one line', async () => {
  const { climb, said } = climbWith("'compose version'");
  await dockerEngines(['mongo'], climb, (held) => held);
  expect(said).toEqual(['Docker has no compose command, so MongoDB runs natively.']);
});

test('an image that cannot be pulled is named with the reason, and nothing is started', async () => {
  const { climb, said, callsMade } = climbWith('image*|*pull*');
  expect((await dockerEngines(['kafka'], climb, (held) => held)).size).toBe(0);
  expect(said.at(-1)).toBe('The image apache/kafka:4.3.1 cannot be pulled (a reason), so Kafka runs natively.');
  expect(callsMade().filter((call) => call.includes(' up '))).toEqual([]);
});

test('an image that does not start is taken away again', async () => {
  const { climb, said, callsMade } = climbWith('*up*');
  expect((await dockerEngines(['mongo'], climb, (held) => held)).size).toBe(0);
  expect(said.at(-1)).toBe('The image mongo:8 does not start (a reason), so MongoDB runs natively.');
  expect(callsMade().at(-1)).toMatch(/rm --stop --force mongo$/);
});
