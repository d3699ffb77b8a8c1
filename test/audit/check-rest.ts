import type { Evidence, Finding, RawAggregate } from './evidence.ts';

const graceMs = 10_000;

/** Nothing waits any more: nothing unread, parked, unsent or overdue. */
export const checkRest = ({ lags, backlogs, bills, payments, nowMs }: Evidence): Finding[] => {
  const aggregates: readonly RawAggregate<unknown>[] = [...bills, ...payments];
  const overdue = ({ wakeAt }: RawAggregate<unknown>): boolean => wakeAt !== undefined && Date.parse(wakeAt) < nowMs - graceMs;
  return [
    ...lags
      .filter(({ behind }) => behind > 0)
      .map(({ group, topic, behind }) => ({ problem: `${group} has not read ${behind} messages of ${topic}` })),
    ...backlogs.flatMap(({ service, parked, heads }) => [
      ...parked.map(({ _id, code }) => ({ problem: `${service} has parked ${_id} (${code})` })),
      ...heads.map(({ _id }) => ({ problem: `${service} holds the key ${_id} back` })),
    ]),
    ...aggregates
      .filter(({ unsent }) => unsent !== undefined)
      .map(({ _id, unsent }) => ({ problem: `${_id} is unsent up to version ${unsent}` })),
    ...aggregates.filter(overdue).map(({ _id, wakeAt }) => ({ problem: `${_id} should have been woken at ${wakeAt}` })),
  ];
};

export const countParked = ({ backlogs }: Evidence): number => backlogs.reduce((count, { parked }) => count + parked.length, 0);
