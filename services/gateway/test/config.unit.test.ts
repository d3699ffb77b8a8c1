import { readConfig } from '@scenefi/runtime';
import { expect, test } from 'vitest';
import { GatewayConfig } from '../src/config.ts';

const env = {
  KAFKA_BROKERS: 'kafka:9092',
  MONGO_URL: 'mongodb://mongo',
  PORT: '0',
  INTERNAL_TOKEN: 'a-token-for-people-inside',
  PAYMENTS_URL: 'http://payments:8703/',
  PROFILES_URL: 'http://profiles:8705',
  JWKS_URL: 'https://bank.example/keys',
  ISSUER: 'https://bank.example',
};

test('addresses lose a slash at their end, so that paths can follow', () => {
  expect(readConfig(GatewayConfig, env)).toMatchObject({ PAYMENTS_URL: 'http://payments:8703', AUDIENCE: 'scenefi-app' });
});

test.each(['PAYMENTS_URL', 'PROFILES_URL', 'JWKS_URL'])('%s must be an address', (name) => {
  expect(() => readConfig(GatewayConfig, { ...env, [name]: 'file:///etc/keys' })).toThrow(name);
  expect(() => readConfig(GatewayConfig, { ...env, [name]: undefined })).toThrow(`${name}: is missing`);
});
