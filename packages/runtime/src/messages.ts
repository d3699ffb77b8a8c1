import type { Backlog, DeadLetter, Engine, Message, ParkedMessage } from '@scenefi/engine';
import type { MessageBacklog, MessageDetail, MessageSummary } from '@scenefi/http';

const standing = ({ topic, partition, offset, key, event }: Message) => ({
  topic,
  partition,
  offset,
  key,
  ...(event && { messageId: event.id, type: event.type }),
});

const ofParked = ({ _id, message, code, since }: ParkedMessage): MessageSummary => ({
  id: _id,
  kind: 'parked',
  ...standing(message),
  code,
  at: since,
});

const ofDead = ({ _id, message, code, at, redrivenAt }: DeadLetter): MessageSummary => ({
  id: _id,
  kind: 'dead',
  ...standing(message),
  code,
  at,
  ...(redrivenAt && { redrivenAt }),
});

const detailed = (summary: MessageSummary, reason: string, { headers, value }: Message): MessageDetail => ({
  ...summary,
  reason,
  headers: { ...headers },
  bodyBase64: value === null ? null : value.toString('base64'),
});

const parkedLimit = 10_000;

/** What operators see of a service's parked and dead messages. */
export const messageBacklog = (backlog: Backlog, engine: Pick<Engine, 'redrive'>): MessageBacklog => {
  return {
    list: async (limit) =>
      [...(await backlog.parked(limit)).map(ofParked), ...(await backlog.deadLetters(limit)).map(ofDead)].slice(0, limit),
    show: async (id) => {
      const dead = await backlog.deadLetter(id);
      if (dead) return detailed(ofDead(dead), dead.reason, dead.message);
      const parked = (await backlog.parked(parkedLimit)).find(({ _id }) => _id === id);
      return parked && detailed(ofParked(parked), parked.reason, parked.message);
    },
    redrive: async (id) => {
      const { end, code } = await engine.redrive(id);
      return { status: end, ...(code && { code }) };
    },
  };
};

/** Several as one: aggregates beside one another are one service to its operators. */
export const allBacklogs = (backlogs: ReadonlySet<MessageBacklog>): MessageBacklog => {
  /** Who knows the id; the first one refuses what nobody knows. */
  const holderOf = async (id: string): Promise<MessageBacklog> => {
    const [first, ...others] = [...backlogs];
    for (const backlog of others) if (await backlog.show(id)) return backlog;
    return first!;
  };
  return {
    list: async (limit) => (await Promise.all([...backlogs].map((backlog) => backlog.list(limit)))).flat().slice(0, limit),
    show: async (id) => (await holderOf(id)).show(id),
    redrive: async (id) => (await holderOf(id)).redrive(id),
  };
};
