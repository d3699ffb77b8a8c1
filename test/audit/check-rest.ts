import type { Evidence, RawAggregate } from './evidence.ts';
import type { Finding } from './findings.ts';

const graceMs = 10_000;

/**
 * Nothing waits any more: nothing unread, parked, unsent or overdue.
 * What is asked again and again is saved again and again, so that only what stays so counts.
 */
export const checkRest = ({ lags, backlogs, bills, payments, mailboxes, customers, nowMs }: Evidence): Finding[] => {
  const aggregates: readonly RawAggregate<unknown>[] = [...bills, ...payments, ...mailboxes, ...customers];
  const isPast = (time: string): boolean => Date.parse(time) < nowMs - graceMs;
  const overdue = ({ wakeAt }: RawAggregate<unknown>): boolean => wakeAt !== undefined && isPast(wakeAt);
  return [
    ...lags
      .filter(({ behind }) => behind > 0)
      .map(({ group, topic, behind }) => ({ problem: `${group} has not read ${behind} messages of ${topic}` })),
    ...backlogs.flatMap(({ service, parked, heads }) => [
      ...parked.map(({ _id, code }) => ({ problem: `${service} has parked ${_id} (${code})` })),
      ...heads.map(({ _id }) => ({ problem: `${service} holds the key ${_id} back` })),
    ]),
    ...aggregates
      .filter(({ unsent, at }) => unsent !== undefined && isPast(at))
      .map(({ _id, unsent }) => ({ problem: `${_id} is unsent up to version ${unsent}` })),
    ...aggregates.filter(overdue).map(({ _id, wakeAt }) => ({ problem: `${_id} should have been woken at ${wakeAt}` })),
  ];
};

export const countParked = ({ backlogs }: Evidence): number => backlogs.reduce((count, { parked }) => count + parked.length, 0);
