import { addMs, type Instant, type Scene } from '@scenefi/kernel';

/** How a partner's server does, over all its mailboxes. */
export type Endpoint = {
  /** Failures since the last success. */
  failures: number;
  /** While it is paused, one attempt goes out at a time: the probe. */
  paused?: { since: Instant; nextProbeAt: Instant; probe?: string };
};

export type EndpointCommand =
  | { type: 'Admit'; attempt: string }
  | { type: 'Failed' }
  | { type: 'Succeeded' }
  /** An operator knows that the partner is back. */
  | { type: 'Resume' };

export type EndpointFact =
  | { type: 'endpoint.failed' }
  | { type: 'endpoint.paused'; nextProbeAt: Instant }
  | { type: 'endpoint.probed'; attempt: string; nextProbeAt: Instant }
  | { type: 'endpoint.recovered' };

/** After so many failures in a row nobody is at home, and the rest need not try one by one. */
export const failuresMax = 10;

const evolve = (endpoint: Endpoint, fact: EndpointFact, at: Instant): Endpoint => {
  switch (fact.type) {
    case 'endpoint.failed':
      return { ...endpoint, failures: endpoint.failures + 1 };
    case 'endpoint.paused':
      return { ...endpoint, paused: { since: at, nextProbeAt: fact.nextProbeAt } };
    case 'endpoint.probed':
      return { ...endpoint, paused: { since: endpoint.paused?.since ?? at, nextProbeAt: fact.nextProbeAt, probe: fact.attempt } };
    case 'endpoint.recovered':
      return { failures: 0 };
    default:
      return fact satisfies never;
  }
};

/** Until when an attempt that was admitted or not has to wait; undefined for one that may go. */
export const waitsUntil = ({ paused }: Endpoint, attempt: string): Instant | undefined =>
  paused && paused.probe !== attempt ? paused.nextProbeAt : undefined;

const decide = (command: EndpointCommand, { failures, paused }: Endpoint, at: Instant, probeMs: number): EndpointFact[] => {
  switch (command.type) {
    case 'Admit':
      if (!paused || paused.probe === command.attempt || paused.nextProbeAt > at) return [];
      return [{ type: 'endpoint.probed', attempt: command.attempt, nextProbeAt: addMs(at, probeMs) }];
    case 'Failed':
      if (paused || failures + 1 < failuresMax) return [{ type: 'endpoint.failed' }];
      return [{ type: 'endpoint.failed' }, { type: 'endpoint.paused', nextProbeAt: addMs(at, probeMs) }];
    case 'Succeeded':
    case 'Resume':
      return failures > 0 || paused ? [{ type: 'endpoint.recovered' }] : [];
    default:
      return command satisfies never;
  }
};

/** The health of one partner's server; `probeMs` lies between two probes of one that is paused. */
export const endpointScene = ({ probeMs }: { probeMs: number }): Scene<Endpoint, EndpointCommand, EndpointFact> => ({
  name: 'endpoint',
  initial: { failures: 0 },
  decide: (command, endpoint, { at }) => decide(command, endpoint, at, probeMs),
  evolve,
  contracts: {
    'endpoint.failed': 'private',
    'endpoint.paused': 'private',
    'endpoint.probed': 'private',
    'endpoint.recovered': 'private',
  },
  publish: () => undefined,
});
