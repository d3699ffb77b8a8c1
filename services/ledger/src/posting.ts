import { EntryPosted, entryIds, PaymentRecorded, PaymentReversed } from '@scenefi/contracts';
import { shanghaiDay, sumFen } from '@scenefi/kernel';

type Payment = PaymentRecorded | PaymentReversed;
type Leg = EntryPosted['legs'][number];

/** An entry that is to stand in the ledger once: its id is made from the fact that asks for it. */
export type Entry = EntryPosted & { postedFor: string };

const clearing = ({ channel }: Payment): string => `clearing:${channel}`;
const owner = ({ allocation, about }: Payment): string => `${allocation}:${about.partnerId}`;

const move = (from: string, to: string, amountFen: number): Leg[] => [
  { account: from, amountFen },
  { account: to, amountFen: -amountFen },
];

/**
 * The posting rules: which fact moves what. Debit is positive, credit negative: money that came in is a claim on the
 * channel's clearing account and a debt to the partner, or to suspense while nobody knows whose it is.
 */
export const postingRules = {
  [PaymentRecorded.type]: { reason: 'recorded', legs: (payment: Payment) => move(clearing(payment), owner(payment), payment.amountFen) },
  [PaymentReversed.type]: { reason: 'reversed', legs: (payment: Payment) => move(owner(payment), clearing(payment), payment.amountFen) },
} as const;

/** The entry of one fact; throws where its legs do not add up to zero or break the contract, before anything is written. */
export const entryOf = (factType: string, factId: string, time: string, payment: Payment): Entry => {
  const rule = postingRules[factType];
  if (!rule) throw new Error(`the ledger has no posting rule for ${factType}`);
  const legs = rule.legs(payment);
  if (sumFen(legs.map(({ amountFen }) => amountFen)) !== 0) throw new Error(`the legs for ${factId} do not add up to zero`);
  const { paymentId, about } = payment;
  const entryId = entryIds.of('payments', factId);
  const businessDay = shanghaiDay(time as `${string}Z`);
  return { ...EntryPosted.write({ entryId, paymentId, about, reason: rule.reason, businessDay, legs }), postedFor: factId };
};
