import { type AppError, canonicalJson, Outage, shortHash } from '@scenefi/kernel';
import type { Entry, Target } from './entry.ts';

/** One command from outside Kafka, over HTTP. */
export type Sending<Command> = {
  aggregateId: string;
  /** The same again is the same command: caller, route and the caller's own key. */
  id: string;
  command: Command;
  /** What the caller sent: the same id with another body is refused. */
  body: unknown;
  correlationId?: string;
};

/** What a command came to: the state after it, and whether it had been decided before. */
export type Sent<State> = { state: State; version: number; repeated: boolean };

const entryOf = <Command>({ aggregateId, id, command, body, correlationId = id }: Sending<Command>): Entry<Command> => ({
  aggregateId,
  id,
  bodyHash: shortHash(canonicalJson(body)),
  command,
  messageKey: id,
  cause: { correlationId, causationId: id },
  backed: false,
});

/** Sends one command and answers its caller. Throws the AppError that refused it, or an Outage where the end is not known. */
export const createSend =
  <State, Command>(target: Target<Command>) =>
  async (sending: Sending<Command>): Promise<Sent<State>> => {
    const [outcome] = await target.apply([entryOf(sending)]);
    switch (outcome?.status) {
      case 'done':
      case 'repeat':
        return { state: outcome.state as State, version: outcome.version, repeated: outcome.status === 'repeat' };
      case 'refused':
        throw outcome.error satisfies AppError;
      case 'failed':
        throw outcome.error;
      default:
        throw new Outage('whether the command was taken is not known');
    }
  };
