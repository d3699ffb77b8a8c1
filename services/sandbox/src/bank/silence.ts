import type { Socket } from 'node:net';
import type { Clock } from '@scenefi/kernel';

/** Longer than anybody waits for an answer. */
const heldMs = 60_000;

/** Holds connections on which no answer will come, and cuts them off in the end. */
export const createSilence = (clock: Clock) => {
  const held = new Set<Socket>();
  return {
    hold: (socket: Socket): void => {
      held.add(socket);
      const cancel = clock.after(heldMs, () => socket.destroy());
      socket.once('close', () => {
        cancel();
        held.delete(socket);
      });
    },
    /** A server that closes would wait for them. */
    end: (): void => {
      for (const socket of held) socket.destroy();
    },
  };
};

export type Silence = ReturnType<typeof createSilence>;
