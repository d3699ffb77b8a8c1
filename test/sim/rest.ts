import type { AggregateDocument } from '@scenefi/engine';
import type { Bill } from '../../services/campus/src/bill-state.ts';
import type { Mailbox } from '../../services/notifier/src/mailbox-state.ts';
import type { DayLimit } from '../../services/payments/src/day-limit.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import { placeOf } from './broker.ts';
import { replicas } from './course.ts';
import type { Scenery } from './run.ts';
import { heardBy } from './services.ts';

/** The documents of one kind of aggregate as everybody reads them. */
export const documentsOf = <State>({ cluster }: Pick<Scenery, 'cluster'>, service: string, table: string) =>
  [...cluster.databases[service]!.majority(table).values()] as unknown as (Omit<AggregateDocument, 'state'> & { state: State })[];

const unheard = ({ cluster }: Scenery): string[] =>
  Object.entries(heardBy).flatMap(([service, topics]) => {
    const { committed } = cluster.broker.group(service);
    return topics.flatMap((topic) =>
      Array.from({ length: cluster.broker.partitions.get(topic)! }, (_, partition) => {
        const end = cluster.broker.records(topic, partition).length;
        const known = committed.get(placeOf(topic, partition)) ?? 0;
        return known < end ? [`${service} has committed ${known} of ${end} on ${topic}|${partition}`] : [];
      }).flat(),
    );
  });

const tables: Readonly<Record<string, readonly string[]>> = {
  campus: ['bills'],
  payments: ['payments', 'day_limits'],
  notifier: ['mailboxes', 'endpoints'],
};

/** What waits for a clock, for the broker, or behind another message. */
const waiting = (scenery: Scenery): string[] =>
  Object.entries(scenery.cluster.databases).flatMap(([service, database]) => [
    ...[...database.majority('parked_heads').keys()].map((key) => `${service} has ${key} parked`),
    ...[...database.majority('parked_messages').keys()].map((key) => `${service} keeps ${key} as parked`),
    ...[...database.majority('dead_letters').values()]
      .filter(({ code, _id }) => code === 'ENGINE_TOO_OLD' && !scenery.operators.hasEnded(_id))
      .map(({ _id }) => `${service} has given up ${_id}`),
    ...(tables[service] ?? []).flatMap((table) =>
      documentsOf(scenery, service, table).flatMap(({ _id, wakeAt, unsent }) => [
        ...(wakeAt ? [`${service} ${_id} wakes at ${wakeAt}`] : []),
        ...(unsent === undefined ? [] : [`${service} ${_id} has facts that were not sent`]),
      ]),
    ),
  ]);

const settledPayments: readonly Payment['status'][] = ['none', 'recorded', 'settled', 'refused', 'failed', 'reversed', 'disputed'];
const settledLimits: readonly Payment['limit'][] = ['none', 'committed', 'released'];

/** What is under way by its own word. */
const underWay = (scenery: Scenery): string[] => [
  ...documentsOf<Payment>(scenery, 'payments', 'payments').flatMap(({ _id, state: { status, calls, limit } }) => [
    ...(settledPayments.includes(status) ? [] : [`${_id} is ${status}`]),
    ...calls.map(({ kind, key }) => `${_id} still has to ${kind} (${key})`),
    ...(settledLimits.includes(limit) ? [] : [`${_id} is ${limit} its limit`]),
  ]),
  ...documentsOf<DayLimit>(scenery, 'payments', 'day_limits').flatMap(({ _id, state: { reservations } }) =>
    reservations.map(({ paymentId }) => `${_id} is reserved for ${paymentId}`),
  ),
  ...documentsOf<Bill>(scenery, 'campus', 'bills').flatMap(({ _id, state: { holding, kept } }) => [
    ...(holding ? [`${_id} is held by ${holding.leaseId} (${holding.phase})`] : []),
    ...kept.map(({ command }) => `${_id} keeps ${command.noticeId}`),
  ]),
  ...documentsOf<Mailbox>(scenery, 'notifier', 'mailboxes').flatMap(({ _id, state: { waiting: letters, posting } }) =>
    letters > 0 || posting ? [`${letters} letters about ${_id} wait`] : [],
  ),
];

/** Everything that has not come to its end yet. */
export const openMatters = (scenery: Scenery): string[] => [
  ...(scenery.callers.waiting() > 0 ? [`${scenery.callers.waiting()} callers wait`] : []),
  ...(scenery.cluster.running() < replicas.length ? ['a process is down'] : []),
  ...unheard(scenery),
  ...waiting(scenery),
  ...underWay(scenery),
];
