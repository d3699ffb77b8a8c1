import type { Message } from '@scenefi/engine';

type End = 'done' | 'dead' | 'parked' | 'unknown';
type Ended = { messageId: string; topic: string; end: End };

export type EndSpy = {
  /** Give it to a service as `ended`. */
  ended: (message: Message, end: End) => void;
  /** Resolves once the message has ended so, as often as asked for. */
  awaitEnd(messageId: string, end: End, times?: number): Promise<void>;
  all: readonly Ended[];
};

/** Lets a test await the end of a message instead of sleeping. */
export const endSpy = (timeoutMs = 30_000): EndSpy => {
  const all: Ended[] = [];
  const waiting = new Set<() => void>();
  return {
    all,
    ended: (message, end) => {
      const unnamed = `${message.topic}|${message.partition}|${message.offset}`;
      all.push({ messageId: message.event?.id ?? unnamed, topic: message.topic, end });
      for (const look of [...waiting]) look();
    },
    awaitEnd: (messageId, end, times = 1) =>
      new Promise((resolve, reject) => {
        const seen = (): number => all.filter((one) => one.messageId === messageId && one.end === end).length;
        const timer = setTimeout(() => {
          waiting.delete(look);
          const ends = all.filter((one) => one.messageId === messageId).map((one) => one.end);
          reject(new Error(`${messageId} did not end as ${end} ${times} times; it ended as: ${ends.join(', ') || 'nothing'}`));
        }, timeoutMs);
        const look = (): void => {
          if (seen() < times) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
};
