import { BillClosedNotice, noticeCeType, PartnerDescribed } from '@scenefi/contracts';
import type { AnyFact } from '@scenefi/kernel';
import { createBatcher } from '../src/batcher.ts';
import { createBurial } from '../src/burial.ts';
import { createDrain } from '../src/drain.ts';
import { createEngine } from '../src/engine.ts';
import type { Target } from '../src/entry.ts';
import { createJudge } from '../src/judge.ts';
import type { Documents, Message } from '../src/ports.ts';
import { createSettle } from '../src/settle.ts';
import { type Aim, on } from '../src/subscription.ts';
import { type CounterCommand, counterScene } from './counter.ts';
import { openWorld, source, startAt } from './world.ts';

export const group = 'counters';
export const retryMs = 5_000;
export const dayMs = 24 * 60 * 60 * 1000;

/** A service that counts notices on the counter that they name; the reason of a notice says how. */
export const openService = () => {
  const world = openWorld();
  const { documents, log, backlog, clock, logger, meter } = world;
  const ends: string[] = [];
  /** Whether what has to come first has come. */
  const gate = { open: false };
  /** What the reason `cured` does until its bug is mended. */
  const cure = { done: false };

  const commandOf = (reason: string): CounterCommand => {
    if (reason === 'refused') return { type: 'AddWithin', by: 1, limit: 0 };
    if (reason === 'waits') return { type: 'AddWhen', ready: () => gate.open };
    if (reason === 'bug' || (reason === 'cured' && !cure.done)) return { type: 'Bug' };
    return { type: 'Add', by: 1 };
  };
  const aimsOf = ({ billNo, reason }: { billNo: string; reason: string }): Aim<CounterCommand>[] => {
    if (reason === 'unmappable' && !cure.done) throw new TypeError('a bug in the map');
    return billNo.split('+').map((id, index) => ({ id, command: commandOf(reason.split('+')[index] ?? reason) }));
  };

  const subscriptionsOf = (counter: Target<CounterCommand>) => [
    on(BillClosedNotice, counter, ({ data }) => aimsOf(data)),
    on(PartnerDescribed, counter, ({ data }) => ({ id: data.partnerId, command: commandOf(data.name) })),
  ];

  /** The pieces of a process one by one, so that a test runs just the one that it is about. */
  const boot = () => {
    const { batcher, apply } = world.boot();
    const counter: Target<CounterCommand> = { apply };
    const judge = createJudge(subscriptionsOf(counter));
    const bury = createBurial({ group, source, backlog, publisher: batcher, clock, logger, meter });
    const ended = (message: Message, end: string): void => void ends.push(`${message.offset} ${end}`);
    const settle = createSettle({ judge, bury, backlog, clock, logger, meter, ended });
    const drain = createDrain({ judge, bury, backlog, log, clock, logger, retryMs, parkedMaxMs: 3 * dayMs, ended });
    return { counter, settle, drain };
  };

  /** The same process as a service has it. */
  const bootEngine = (documentsOf = (_collection: string): Documents => documents) => {
    const batcher = createBatcher({ log, meter });
    const timings = { sweepMs: 1_000, parkedRetryMs: retryMs, parkedMaxMs: 3 * dayMs };
    const ended = (message: Message, end: string): void => void ends.push(`${message.offset} ${end}`);
    return createEngine({ service: group, log, batcher, backlog, documentsOf, clock, logger, meter, timings, ended });
  };
  const startEngine = () => {
    const engine = bootEngine();
    const counter = engine.aggregate(counterScene, { collection: 'counters' });
    return { engine, counter, ...engine.start(subscriptionsOf(counter)) };
  };
  return { ...world, ends, gate, cure, boot, bootEngine, startEngine };
};

type Change = Partial<Pick<Message, 'offset' | 'key' | 'value' | 'partition' | 'topic'>> & { id?: string; type?: string };

/** A notice of the partner `school`, as it stands in the log. */
export const notice = (
  offset: number,
  billNo: string,
  reason = 'counts',
  { id = `n${offset}`, type, ...change }: Change = {},
): Message => ({
  topic: 'campus.notice.v1',
  partition: 1,
  offset,
  key: billNo,
  value: Buffer.from(JSON.stringify({ type: BillClosedNotice.type, timestamp: startAt, data: { billNo, reason } })),
  timestampMs: Date.parse(startAt),
  headers: { ce_id: `school:${id}` },
  event: { id: `school:${id}`, source: '/scenefi/ingress', type: type ?? noticeCeType('campus'), time: startAt, partnerId: 'school' },
  ...change,
});

/** A fact of another service, as it stands in the log. */
export const fact = (contract: AnyFact, offset: number, data: unknown, change: Change = {}): Message => ({
  topic: contract.topic,
  partition: 0,
  offset,
  key: 'k',
  value: Buffer.from(JSON.stringify(data)),
  timestampMs: Date.parse(startAt),
  headers: {},
  event: { id: `f${offset}:1`, source: '/scenefi/elsewhere', type: contract.ceType, time: startAt },
  ...change,
});

/** Records that are no CloudEvents at all. */
export const faulty = (offset: number, value: Buffer | null = Buffer.from('?')): Message => {
  const { event: _event, ...rest } = notice(offset, 'c1') as Extract<Message, { event: object }>;
  return { ...rest, value, headers: { junk: 'x' }, fault: 'ce_id is missing' } as Message;
};
