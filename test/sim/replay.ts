import type { Bill } from '../../services/campus/src/bill-state.ts';
import { type Show, type View, viewScene } from '../../services/gateway/src/view.ts';
import { bookedFacts, entryOf } from '../../services/ledger/src/posting.ts';
import type { EntryDocument } from '../../services/ledger/src/store.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';
import type { Word } from './watch.ts';

type Picture = { status: string };

const ofPayments = 'payments.payment.v1';

const legsOf = (legs: EntryDocument['legs']): string => legs.map(({ account, amountFen }) => `${account} ${amountFen}`).join(', ');

/** All facts once more, into a ledger that holds nothing: the same entries come out. */
const replayLedger = ({ world, watched, cluster }: Evidence): void => {
  const replayed = new Map<string, string>();
  for (const { topic, type, data, id, time } of watched.words()) {
    const fact = topic === ofPayments ? bookedFacts.find(({ ceType }) => ceType === type) : undefined;
    if (!fact) continue;
    const { entryId, legs } = entryOf(fact.type, id, time, fact.read(data));
    replayed.set(entryId, legsOf(legs));
  }
  const entries = cluster.databases.ledger!.majority('entries') as unknown as ReadonlyMap<string, EntryDocument>;
  for (const [entryId, legs] of replayed) {
    const stands = entries.get(entryId);
    if (!stands || legsOf(stands.legs) !== legs)
      world.violate('a replay gives the same', `${entryId}: ${stands ? legsOf(stands.legs) : 'missing'}, replayed ${legs}`);
  }
  for (const entryId of entries.keys())
    if (!replayed.has(entryId)) world.violate('a replay gives the same', `${entryId} follows from no fact`);
};

const { decide, evolve, initial } = viewScene<Picture>('replayed');

/** The view of each aggregate after hearing these words, in this order. */
const viewsOf = (words: readonly Word[]): Map<string, View<Picture>> => {
  const views = new Map<string, View<Picture>>();
  for (const { id, data, time } of words) {
    if (!('amountFen' in data) || !('status' in data)) continue;
    const at = id.lastIndexOf(':');
    const [own, version] = [id.slice(0, at), Number(id.slice(at + 1))];
    const show: Show<Picture> = { type: 'Show', version, picture: data as Picture };
    const before = views.get(own) ?? initial;
    views.set(
      own,
      decide(show, before, { at: time }).reduce((view, fact) => evolve(view, fact, time), before),
    );
  }
  return views;
};

/** All facts once more, into an empty view, in two orders: both show what stands. */
const replayViews = (evidence: Evidence): void => {
  const { world, watched } = evidence;
  const words = watched.words().filter(({ topic }) => topic === ofPayments || topic === 'campus.bill.v1');
  const [forwards, backwards] = [viewsOf(words), viewsOf([...words].reverse())];
  const statuses = [
    ...documentsOf<Payment>(evidence, 'payments', 'payments'),
    ...documentsOf<Bill>(evidence, 'campus', 'bills').filter(({ state }) => state.terms),
  ];
  for (const { _id, version, state } of statuses) {
    if (version === 0) continue;
    const [shown, other] = [forwards.get(_id), backwards.get(_id)];
    if (shown?.version !== other?.version || shown?.picture?.status !== other?.picture?.status)
      world.violate(
        'a replay gives the same',
        `${_id} is shown as ${shown?.picture?.status} or ${other?.picture?.status}, by the order of hearing`,
      );
    if (shown?.picture?.status !== state.status)
      world.violate('a replay gives the same', `${_id} is ${state.status}, its view says ${shown?.picture?.status}`);
  }
};

/** What the log alone tells is what stands. */
export const judgeReplay = (evidence: Evidence): void => {
  replayLedger(evidence);
  replayViews(evidence);
};
