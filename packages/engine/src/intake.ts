import { type AppError, canonicalJson, Outage, shortHash } from '@scenefi/kernel';
import type { Entry, Outcome, Target } from './entry.ts';

const batchMax = 250;
const waitingMax = 5_000;

/** One command from outside Kafka: over HTTP, or the result of an effect. */
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

export type Intake<Command> = {
  /** Resolves once the entry is decided, saved and published; rejects with an Outage where that is not known. */
  submit(entry: Entry<Command>): Promise<Outcome>;
};

/** Collects entries into batches while one is under way, so that a thousand callers of one aggregate cost a few writes. */
export const createIntake = <Command>(target: Target<Command>): Intake<Command> => {
  const waiting: { entry: Entry<Command>; resolve: (outcome: Outcome) => void; reject: (error: unknown) => void }[] = [];
  let busy = false;

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchMax);
      try {
        const outcomes = await target.apply(batch.map(({ entry }) => entry));
        for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  };

  return {
    submit: (entry) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= waitingMax) {
          reject(new Outage('too many commands wait'));
          return;
        }
        waiting.push({ entry, resolve, reject });
        if (busy) return;
        busy = true;
        // After the current turn of the event loop's microtasks, so that callers of one batch meet.
        void Promise.resolve().then(work);
      }),
  };
};

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
  <State, Command>(intake: Intake<Command>) =>
  async (sending: Sending<Command>): Promise<Sent<State>> => {
    const outcome = await intake.submit(entryOf(sending));
    switch (outcome.status) {
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
