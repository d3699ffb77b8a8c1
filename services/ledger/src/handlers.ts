import { type Aim, onEach, type Subscription, type Target } from '@scenefi/engine';
import type { Post } from './ledger.ts';
import { bookedFacts, entryOf } from './posting.ts';

/** Every movement of money becomes one balanced entry. */
export const ledgerHandlers = (ledger: Target<Post>): Subscription[] =>
  onEach(bookedFacts, ledger, ({ data, event, partition }, { type }): Aim<Post> => {
    const entry = entryOf(type, event.id, event.time, data);
    return { id: entry.entryId, command: { type: 'Post', entry, partition } };
  });
