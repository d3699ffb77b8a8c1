import { readConfig } from '@scenefi/runtime';
import { expect, test } from 'vitest';
import { IngressConfig } from '../src/config.ts';

const environment = {
  KAFKA_BROKERS: 'localhost:9092',
  PORT: '8701',
  INTERNAL_TOKEN: 'a-token-for-people-inside',
  CREDENTIAL_KEY: '0f'.repeat(32),
  CAMPUS_URL: 'http://127.0.0.1:8701',
};

test('the environment is read with the key and a deadline of five seconds', () => {
  const { CREDENTIAL_KEY, PUBLISH_DEADLINE_MS } = readConfig(IngressConfig, environment);
  expect([CREDENTIAL_KEY.export(), PUBLISH_DEADLINE_MS]).toEqual([Buffer.alloc(32, 0x0f), 5_000]);
});

test.each([
  ['is missing', undefined],
  ['is too short', '0f'.repeat(31)],
  ['is no hexadecimal', 'canary00'.repeat(8)],
])('a key that %s stops the start, and its value is not quoted', (_title, CREDENTIAL_KEY) => {
  expect(() => readConfig(IngressConfig, { ...environment, CREDENTIAL_KEY })).toThrow(/CREDENTIAL_KEY: (?!.*canary)/);
});
