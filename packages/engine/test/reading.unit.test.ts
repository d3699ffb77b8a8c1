import { BillClosedNotice, facts, noticeCeType, notices, PartnerDescribed } from '@scenefi/contracts';
import { expect, test } from 'vitest';
import { readMessage } from '../src/reading.ts';
import { fact, faulty, notice } from './counting-service.ts';

const wanted = new Set<unknown>([BillClosedNotice, PartnerDescribed]);
const described = { partnerId: 'school', revision: 1, name: 'No. 1 School', scenes: ['campus'] };
const body = (data: unknown, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ type: BillClosedNotice.type, timestamp: '2026-01-02T03:04:05Z', data, ...more }));

const codeOf = (message: Parameters<typeof readMessage>[0]): string => {
  const reading = readMessage(message, wanted);
  return reading.kind === 'unreadable' ? reading.error.code : reading.kind;
};

test('a notice is heard with its data, its partner and where it came from', () => {
  const message = notice(7, 'c1');
  const reading = readMessage(message, wanted);

  expect(reading).toMatchObject({
    kind: 'heard',
    contract: BillClosedNotice,
    heard: { data: { billNo: 'c1', reason: 'counts' }, partnerId: 'school', event: message.event, partition: 1 },
  });
});

test('a fact is heard with its data; fields that a newer writer added are left out', () => {
  const reading = readMessage(fact(PartnerDescribed, 1, { ...described, mood: 'new in v1.1' }), wanted);

  expect(reading).toMatchObject({ kind: 'heard', contract: PartnerDescribed, heard: { data: described, partnerId: '' } });
  expect(reading).not.toHaveProperty('heard.data.mood');
});

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const json = (data: string): Buffer => Buffer.from(`{"type":"${BillClosedNotice.type}","timestamp":"x","data":${data}}`);

test.each([
  ['whose headers are no CloudEvent', faulty(1), 'BUS_NOT_CLOUDEVENT'],
  ['that is not JSON', notice(1, 'c1', '', { value: Buffer.from('{"type":') }), 'BUS_NOT_JSON'],
  ['that has no value', notice(1, 'c1', '', { value: null }), 'BUS_NOT_JSON'],
  ['that is JSON but no webhook', notice(1, 'c1', '', { value: Buffer.from('[1]') }), 'BUS_CONTRACT_BROKEN'],
  ['of a kind outside the catalogue', notice(1, 'c1', '', { value: body({}, { type: 'campus.bill.eaten' }) }), 'BUS_UNKNOWN_TYPE'],
  ['whose data breaks its contract', notice(1, 'c1', '', { value: body({ billNo: 'c1' }) }), 'BUS_CONTRACT_BROKEN'],
  ['without data', notice(1, 'c1', '', { value: body(undefined) }), 'BUS_CONTRACT_BROKEN'],
  [
    'nested too deep to be compared',
    notice(1, 'c1', '', { value: json(`{"billNo":"c1","reason":"x","x":${deep}}`) }),
    'BUS_CONTRACT_BROKEN',
  ],
])('a notice %s can never be read', (_title, message, code) => {
  expect(codeOf(message)).toBe(code);
});

test.each([
  ['that is not JSON', fact(PartnerDescribed, 1, '', { value: Buffer.from('nope') }), 'BUS_NOT_JSON'],
  ['that is a tombstone', fact(PartnerDescribed, 1, '', { value: null }), 'BUS_NOT_JSON'],
  ['whose data breaks its contract', fact(PartnerDescribed, 1, { ...described, revision: 0 }), 'BUS_CONTRACT_BROKEN'],
  ['on a topic that is not its own', fact(PartnerDescribed, 1, described, { topic: 'payments.payment.v1' }), 'BUS_UNKNOWN_TYPE'],
])('a fact %s can never be read', (_title, message, code) => {
  expect(codeOf(message)).toBe(code);
});

test('what is wrong with the data is told by field and kind, never by value', () => {
  const reading = readMessage(fact(PartnerDescribed, 1, { ...described, partnerId: '6222021234567890' }, {}), wanted);
  const broken = readMessage(fact(PartnerDescribed, 1, { ...described, revision: 'secret-4711' }), wanted);

  expect(reading.kind).toBe('heard');
  if (broken.kind !== 'unreadable') throw new Error('it was read');
  expect(broken.error.details).toEqual({ type: PartnerDescribed.type, faults: ['revision: invalid_type'] });
  expect(JSON.stringify(broken.error.details)).not.toContain('secret');
});

test('kinds of the catalogue that nobody here wants are skipped, whatever they contain', () => {
  const nobody = new Set<unknown>();
  const junk = Buffer.from('not JSON');

  for (const contract of facts) expect(readMessage(fact(contract, 1, '', { value: junk }), nobody)).toEqual({ kind: 'skipped' });
  for (const { type } of notices) {
    const message = notice(1, 'c1', '', { type: noticeCeType('campus'), value: body({}, { type }) });
    expect(readMessage(message, nobody)).toEqual({ kind: 'skipped' });
  }
});

const hashOf = (message: Parameters<typeof readMessage>[0]): string => {
  const reading = readMessage(message, wanted);
  return reading.kind === 'heard' ? reading.bodyHash.toString('hex') : reading.kind;
};

test('a notice is the same when its type and data are, whatever its timestamp and the order of its fields', () => {
  const first = notice(1, 'c1', '', { value: body({ billNo: 'c1', reason: 'x' }) });
  const later = notice(2, 'c1', '', { value: body({ reason: 'x', billNo: 'c1' }, { timestamp: '2027-01-01T00:00:00Z' }) });
  const other = notice(3, 'c1', '', { value: body({ billNo: 'c1', reason: 'y' }) });

  expect(hashOf(later)).toBe(hashOf(first));
  expect(hashOf(other)).not.toBe(hashOf(first));
});
