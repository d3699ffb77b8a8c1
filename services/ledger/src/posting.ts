import {
  EntryPosted,
  entryIds,
  PaymentAllocated,
  PaymentDebited,
  PaymentRecorded,
  PaymentRefunded,
  PaymentRefundRecredited,
  PaymentRefundReturned,
  PaymentReversed,
  PaymentSettled,
  type Refund,
} from '@scenefi/contracts';
import { shanghaiDay, sumFen } from '@scenefi/kernel';

/** The facts that move money. */
export const bookedFacts = [
  PaymentRecorded,
  PaymentAllocated,
  PaymentReversed,
  PaymentDebited,
  PaymentSettled,
  PaymentRefunded,
  PaymentRefundReturned,
  PaymentRefundRecredited,
] as const;

type Payment = Omit<PaymentRecorded, 'status'> & { returned?: boolean; refund?: Refund };
type Leg = EntryPosted['legs'][number];
type Rule = { reason: EntryPosted['reason']; from: (payment: Payment) => string; to: (payment: Payment) => string };

/** An entry that is to stand in the ledger once: its id is made from the fact that asks for it. */
export type Entry = EntryPosted & { postedFor: string };

const fromApp = ({ channel }: Payment): boolean => channel === 'app' || channel === 'mandate';

/** A claim of the bank: on the accounts of its customers, or on a channel that money came through. */
const clearing = (payment: Payment): string => `clearing:${fromApp(payment) ? 'customer' : payment.channel}`;
const payable = ({ about }: Payment): string => `payable:${about.partnerId}`;
const suspense = ({ about }: Payment): string => `suspense:${about.partnerId}`;

/** Whose the money is: of a payment from elsewhere as its bill said or people decided, of the app once the partner has written it off. */
const owner = (payment: Payment): string =>
  payment.allocation === undefined ? payable(payment) : `${payment.allocation}:${payment.about.partnerId}`;
/** What has not been written off yet is owed to nobody. */
const holder = (payment: Payment): string => (fromApp(payment) ? suspense(payment) : owner(payment));
/** Where money waits that its account refused: under the customer, or under the partner where no customer is known. */
const returned = (payment: Payment): string => (payment.customerId === undefined ? suspense(payment) : `returned:${payment.customerId}`);

/**
 * The posting rules: which fact moves what, the first account debited, the second credited. Debit is positive, credit negative:
 * money that came in is a claim on a clearing account and a debt to the partner, or to suspense while nobody knows whose it is.
 */
export const postingRules: Readonly<Record<string, Rule>> = {
  [PaymentRecorded.type]: { reason: 'recorded', from: clearing, to: owner },
  [PaymentAllocated.type]: { reason: 'allocated', from: suspense, to: payable },
  [PaymentDebited.type]: { reason: 'debited', from: clearing, to: suspense },
  [PaymentSettled.type]: { reason: 'settled', from: suspense, to: payable },
  [PaymentReversed.type]: {
    reason: 'reversed',
    from: holder,
    to: (payment) => (payment.returned ? returned(payment) : clearing(payment)),
  },
  [PaymentRefunded.type]: { reason: 'refunded', from: owner, to: clearing },
  [PaymentRefundReturned.type]: { reason: 'returned', from: owner, to: returned },
  [PaymentRefundRecredited.type]: { reason: 'recredited', from: returned, to: clearing },
};

/** A refund moves its own amount, a decision about suspense what refunds have left there, everything else the whole payment. */
const movedFen = ({ reason }: Rule, { refund, amountFen, refundedFen = 0 }: Payment): number =>
  reason === 'allocated' ? amountFen - refundedFen : (refund?.amountFen ?? amountFen);

const legsOf = (rule: Rule, payment: Payment): Leg[] => {
  const { from, to } = rule;
  const amountFen = movedFen(rule, payment);
  return [
    { account: from(payment), amountFen },
    { account: to(payment), amountFen: -amountFen },
  ];
};

/** The entry of one fact; throws where its legs do not add up to zero or break the contract, before anything is written. */
export const entryOf = (factType: string, factId: string, time: string, payment: Payment): Entry => {
  const rule = postingRules[factType];
  if (!rule) throw new Error(`the ledger has no posting rule for ${factType}`);
  const legs = legsOf(rule, payment);
  if (sumFen(legs.map(({ amountFen }) => amountFen)) !== 0) throw new Error(`the legs for ${factId} do not add up to zero`);
  const { paymentId, about } = payment;
  const entryId = entryIds.of('payments', factId);
  const businessDay = shanghaiDay(time as `${string}Z`);
  return { ...EntryPosted.write({ entryId, paymentId, about, reason: rule.reason, businessDay, legs }), postedFor: factId };
};
