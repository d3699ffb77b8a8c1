import { deadLetterTopic, refusals } from '@scenefi/contracts';
import { type AppError, type Clock, type Instant, instantOf, type Logger, type Meter, shortHash } from '@scenefi/kernel';
import type { Backlog, DeadLetter, Message, Publisher, Unit } from './ports.ts';

export type BurialParts = {
  group: string;
  source: string;
  backlog: Backlog;
  publisher: Publisher;
  clock: Clock;
  logger: Logger;
  meter: Meter;
};

/** A repeat of the same refused message is the same dead letter; the same id with another body is another one. */
const letterOf = (message: Message, error: AppError, at: Instant): DeadLetter => {
  const { topic, partition, offset, event, value } = message;
  const id = shortHash(`${topic}|${event?.id ?? `${partition}:${offset}`}`).toString('hex');
  const body = shortHash(value ?? '').toString('hex', 0, 4);
  return { _id: `dead_${id}${body}`, code: error.code, reason: error.message, at, message };
};

/** A copy for whoever watches the dead-letter topic; unreadable headers give way to our own. */
const copyOf = (letter: DeadLetter, group: string, source: string): Unit => {
  const { message } = letter;
  const attributes = message.event ?? { id: letter._id, source, type: 'cn.scenefi.message.unreadable.v1', time: letter.at };
  return { topic: deadLetterTopic(message.topic, group), key: message.key, events: [{ ...attributes, value: message.value }] };
};

/** The fact that tells a partner, where a notice of its own was refused. */
const refusalOf = ({ message, code, at }: DeadLetter, source: string): Unit | undefined => {
  const refusal = refusals[message.topic.slice(0, message.topic.indexOf('.'))];
  const { event } = message;
  if (!event?.partnerId || !refusal || !message.topic.includes('.notice.')) return undefined;
  const data = refusal.write({ noticeId: event.id, partnerId: event.partnerId, code });
  const { id, traceparent } = event;
  return {
    topic: refusal.topic,
    key: id,
    events: [
      {
        id: `${id}:refused`,
        source,
        type: refusal.ceType,
        time: at,
        subject: id,
        correlationId: event.correlationId ?? id,
        causationId: id,
        ...(traceparent && { traceparent }),
        classification: 'C2',
        value: JSON.stringify(data),
      },
    ],
  };
};

/** Ends messages that can never succeed: a document first, then the copy and the refusal. Rejects with an Outage. */
export const createBurial = (parts: BurialParts) => {
  const { group, source, backlog, publisher, clock, logger, meter } = parts;
  return async (dead: readonly { message: Message; error: AppError }[]): Promise<void> => {
    if (dead.length === 0) return;
    const at = instantOf(clock.now());
    const letters = dead.map(({ message, error }) => letterOf(message, error, at));
    await backlog.bury(letters);
    const units = letters.flatMap((letter) => [copyOf(letter, group, source), refusalOf(letter, source)]);
    await Promise.all(units.map((unit) => unit && publisher.publish(unit)));
    for (const { code, message } of letters) {
      meter.count('engine_dead_letters_total', { topic: message.topic, code });
      const { topic, partition, offset, event } = message;
      logger.warn('message dead-lettered', { topic, partition, offset, code, messageId: event?.id });
    }
  };
};
