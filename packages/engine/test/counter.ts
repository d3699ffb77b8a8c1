import { AppError, defineErrors, defineFact, Instant, type Scene } from '@scenefi/kernel';
import { z } from 'zod';

export const counterErrors = defineErrors('COUNTER', {
  TOO_MUCH: { status: 422, retryable: false, title: 'The counter would go past its limit' },
  NOT_YET: { status: 409, retryable: true, title: 'Something else must come first' },
});

export const Added = defineFact({
  type: 'counters.counter.added',
  topic: 'counters.counter.v1',
  title: 'A counter is higher now',
  key: (data) => data.counterId,
  data: () => z.object({ counterId: z.string(), by: z.int(), total: z.int(), note: z.string().optional(), at: Instant }),
});

/** What a wake-up of this counter does. */
type Waking = 'add' | 'nothing' | 'bug' | 'refuse' | 'again';
export type Counter = { total: number; wake?: { at: Instant; takes: boolean; does: Waking } };

export type CounterCommand =
  | { type: 'Add'; by: number; note?: string }
  | { type: 'AddTwice'; by: number; note?: string }
  /** Only folded: a private fact. */
  | { type: 'AddQuietly'; by: number }
  /** Decides nothing. */
  | { type: 'Look' }
  | { type: 'AddWithin'; by: number; limit: number }
  | { type: 'AddWhen'; ready: () => boolean }
  | { type: 'Bug' }
  /** Says something that its contract forbids. */
  | { type: 'Lie' }
  | { type: 'Arm'; at: Instant; takes: boolean; does: Waking }
  | { type: 'Wake' };

type CounterFact =
  | { type: 'added'; by: number; note?: string }
  | { type: 'noted'; by: number }
  | { type: 'armed'; wake: NonNullable<Counter['wake']> }
  | { type: 'disarmed' };

const wakeUp = ({ wake }: Counter): CounterFact[] => {
  if (!wake || wake.does === 'nothing') return [];
  if (wake.does === 'bug') throw new TypeError('a bug in the wake-up');
  if (wake.does === 'refuse') throw counterErrors.TOO_MUCH();
  if (wake.does === 'again') return [{ type: 'added', by: 1 }];
  return [{ type: 'added', by: 1 }, { type: 'disarmed' }];
};

const decide = (command: CounterCommand, state: Counter): CounterFact[] => {
  switch (command.type) {
    case 'Add':
      return [{ ...command, type: 'added' }];
    case 'AddTwice':
      return [
        { ...command, type: 'added' },
        { ...command, type: 'added' },
      ];
    case 'AddQuietly':
      return [{ type: 'noted', by: command.by }];
    case 'Look':
      return [];
    case 'AddWithin':
      if (state.total + command.by > command.limit) throw counterErrors.TOO_MUCH();
      return [{ type: 'added', by: command.by }];
    case 'AddWhen':
      if (!command.ready()) throw counterErrors.NOT_YET();
      return [{ type: 'added', by: 1 }];
    case 'Bug':
      throw new TypeError('a bug in decide');
    case 'Lie':
      return [{ type: 'added', by: 1.5 }];
    case 'Arm':
      return [{ type: 'armed', wake: { at: command.at, takes: command.takes, does: command.does } }];
    case 'Wake':
      return wakeUp(state);
    default:
      return command satisfies never;
  }
};

const evolve = (state: Counter, fact: CounterFact): Counter => {
  switch (fact.type) {
    case 'added':
    case 'noted':
      return { ...state, total: state.total + fact.by };
    case 'armed':
      return { ...state, wake: fact.wake };
    case 'disarmed':
      return { total: state.total };
    default:
      return fact satisfies never;
  }
};

/** The smallest scene that has all the engine must cope with. It adds up, so that whatever is decided twice shows. */
export const counterScene: Scene<Counter, CounterCommand, CounterFact> = {
  name: 'counter',
  initial: { total: 0 },
  decide,
  evolve,
  contracts: { added: Added, noted: 'private', armed: 'private', disarmed: 'private' },
  publish: (fact, { total }, counterId) => {
    if (fact.type !== 'added') throw new AppError('NEVER', { status: 500, retryable: false, title: 'only public facts are published' });
    return { counterId, by: fact.by, total, ...(fact.note !== undefined && { note: fact.note }), at: '2026-01-02T03:04:05.000Z' };
  },
  wakeAt: ({ wake }) => wake,
};
