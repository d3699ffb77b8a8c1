import type { Instant } from '@scenefi/kernel';
import { scenario } from '@scenefi/testing/scenario';
import { expect, test } from 'vitest';
import { type Endpoint, type EndpointCommand, type EndpointFact, endpointScene, failuresMax, waitsUntil } from '../src/endpoint.ts';

const at: Instant = '2026-09-01T02:00:00.000Z';
const probeMs = 300_000;
const probeAt: Instant = '2026-09-01T02:05:00.000Z';
const nextProbeAt: Instant = '2026-09-01T02:10:00.000Z';
const scene = endpointScene({ probeMs });
const given = scenario(scene, { at });

const failures = (count: number): EndpointFact[] => Array.from({ length: count }, () => ({ type: 'endpoint.failed' }));
const pausedFact: EndpointFact = { type: 'endpoint.paused', nextProbeAt: probeAt };
const probedFact: EndpointFact = { type: 'endpoint.probed', attempt: 'dlv_a#2', nextProbeAt };

const rows = {
  well: [],
  failing: failures(failuresMax - 2),
  'one failure before the pause': failures(failuresMax - 1),
  paused: [...failures(failuresMax), pausedFact],
  probed: [...failures(failuresMax), pausedFact, probedFact],
} satisfies Record<string, EndpointFact[]>;

const commands = {
  Admit: { type: 'Admit', attempt: 'dlv_b#1' },
  AdmitProbe: { type: 'Admit', attempt: 'dlv_a#2' },
  Failed: { type: 'Failed' },
  Succeeded: { type: 'Succeeded' },
  Resume: { type: 'Resume' },
} satisfies Record<string, EndpointCommand>;

type Row = keyof typeof rows;
type Column = keyof typeof commands;

/** Failures so far, and who may go while it is paused. Written by hand. */
const ends: Record<Row, Record<Column, string>> = {
  well: { Admit: '0', AdmitProbe: '0', Failed: '1', Succeeded: '0', Resume: '0' },
  failing: { Admit: '8', AdmitProbe: '8', Failed: '9', Succeeded: '0', Resume: '0' },
  'one failure before the pause': { Admit: '9', AdmitProbe: '9', Failed: '10 paused', Succeeded: '0', Resume: '0' },
  paused: { Admit: '10 paused', AdmitProbe: '10 paused', Failed: '11 paused', Succeeded: '0', Resume: '0' },
  probed: {
    Admit: '10 paused for dlv_a#2',
    AdmitProbe: '10 paused for dlv_a#2',
    Failed: '11 paused for dlv_a#2',
    Succeeded: '0',
    Resume: '0',
  },
};

const standing = ({ failures: count, paused }: Endpoint): string =>
  `${count}${paused ? ' paused' : ''}${paused?.probe ? ` for ${paused.probe}` : ''}`;

test.each(Object.keys(rows) as Row[])('an endpoint that is %s meets every command', (row) => {
  const met = (Object.keys(commands) as Column[]).map((column) => [
    column,
    standing(
      given(...rows[row])
        .when(commands[column])
        .state(),
    ),
  ]);
  expect(Object.fromEntries(met)).toEqual(ends[row]);
});

test('an endpoint that does well is asked and told without a write', () => {
  given().when(commands.Admit).then();
  given().when(commands.Succeeded).then();
  given(...failures(3))
    .when(commands.Admit)
    .then();
});

test('the tenth failure in a row pauses it, and a success in between begins the count anew', () => {
  given(...failures(9))
    .when(commands.Failed)
    .then({ type: 'endpoint.failed' }, pausedFact);
  expect(
    given(...failures(9), { type: 'endpoint.recovered' })
      .when(commands.Failed)
      .state(),
  ).toEqual({ failures: 1 });
});

test('while it is paused everybody waits for the next probe, and then exactly one goes', () => {
  const paused = given(...rows.paused);
  expect(waitsUntil(paused.when(commands.Admit).then(), 'dlv_b#1')).toBe(probeAt);
  const probed = paused.when(commands.AdmitProbe, probeAt).then(probedFact);
  expect(waitsUntil(probed, 'dlv_a#2')).toBeUndefined();
  const second = given(...rows.probed)
    .when(commands.Admit, probeAt)
    .then();
  expect(waitsUntil(second, 'dlv_b#1')).toBe(nextProbeAt);
});

test('a probe whose process is gone is followed by another', () => {
  const next = given(...rows.probed)
    .when(commands.Admit, nextProbeAt)
    .state();
  expect(waitsUntil(next, 'dlv_b#1')).toBeUndefined();
  expect(waitsUntil(next, 'dlv_a#2')).toBe('2026-09-01T02:15:00.000Z');
});
