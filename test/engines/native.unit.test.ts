import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectOf } from '../../scripts/engines/docker.ts';
import { fillIn, javaVersionIn } from '../../scripts/engines/kafka-native.ts';
import { freePorts } from '../../scripts/engines/ports.ts';
import { spoken } from '../../scripts/engines/progress.ts';

const root = join(import.meta.dirname, '..', '..');

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_412"', 8],
  ['openjdk version "25" 2025-09-16', 25],
  ['command not found', 0],
])('%s is Java %i', (printed, expected) => {
  expect(javaVersionIn(printed)).toBe(expected);
});

test('the settings of Kafka are filled in to the last word', () => {
  const template = readFileSync(join(root, 'infra', 'kafka', 'server.properties'), 'utf8');
  const settings = fillIn(template, { PORT: 1, CONTROLLER_PORT: 2, DATA: 'C:\\data' });
  expect(settings).toContain('listeners=PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2');
  expect(settings).toContain('log.dirs=C:\\\\data');
  expect(() => fillIn(template, { PORT: 1 })).toThrow('CONTROLLER_PORT');
});

test('Kafka carries the same version and the same limits natively and in Docker', () => {
  const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const pom = readFileSync(join(root, 'infra', 'kafka', 'pom.xml'), 'utf8');
  const native = readFileSync(join(root, 'infra', 'kafka', 'server.properties'), 'utf8');
  const [, version] = /<kafka\.version>(.+)<\/kafka\.version>/.exec(pom) ?? [];
  expect(compose).toContain(`image: apache/kafka:${version}`);
  const ownToPlace = /^(process|node|controller|listener|advertised|inter|log\.dirs)/;
  const shared = native.split('\n').filter((line) => /^\w/.test(line) && !ownToPlace.test(line));
  expect(shared.length).toBeGreaterThan(10);
  for (const line of shared) {
    const [key = '', value = ''] = line.split('=');
    expect(compose.replaceAll(/['"]/g, '')).toContain(`KAFKA_${key.toUpperCase().replaceAll('.', '_')}: ${value}\n`);
  }
});

test('ports are distinct and never given out twice', async () => {
  const ports = [...(await freePorts(3)), ...(await freePorts(3))];
  expect(new Set(ports).size).toBe(6);
});

test('a port of the last run is kept while it is free, and only then', async () => {
  const [port] = (await freePorts(1)) as [number];
  expect(await freePorts(1, [port])).toEqual([port]);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen({ port, host: '127.0.0.1' }, resolve));
  expect(await freePorts(1, [port])).not.toEqual([port]);
  await new Promise((resolve) => taken.close(resolve));
});

test('a time is said in seconds first and in minutes later', () => {
  expect(spoken(40_000)).toBe('40 s');
  expect(spoken(180_000)).toBe('3 min');
});

test('two data folders are two compose projects', () => {
  expect(projectOf('/a')).toMatch(/^scenefi-[0-9a-f]{8}$/);
  expect(projectOf('/a')).not.toBe(projectOf('/b'));
});
