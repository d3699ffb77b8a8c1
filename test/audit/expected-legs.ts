import type { RawEntry } from './evidence.ts';
import { type Fact, verbOf } from './facts.ts';
import { type Picture, pictureOf, refundOf } from './payment-cases.ts';

export type Legs = RawEntry['legs'];

const ofApp = ({ channel }: Picture): boolean => channel === 'app' || channel === 'mandate';

/** The bank's claim: on accounts of its customers, or on the channel that money came through. */
const clearing = (payment: Picture): string => (ofApp(payment) ? 'clearing:customer' : `clearing:${payment.channel}`);
const suspense = ({ about }: Picture): string => `suspense:${about.partnerId}`;
const payable = ({ about }: Picture): string => `payable:${about.partnerId}`;
/** Whose settled money is: the partner's, or as was judged when it came from elsewhere and by people since. */
const owner = (payment: Picture): string => (ofApp(payment) ? payable(payment) : `${payment.allocation}:${payment.about.partnerId}`);
/** Where money lies that its account refused. */
const refusedBack = (payment: Picture): string => (payment.customerId ? `returned:${payment.customerId}` : suspense(payment));

/** The reason of an entry, and between which accounts it moves what the fact moves. */
type Posting = { reason: string; debited: string; credited: string; amountFen: number };

/** What the ledger must book for a fact of a payment; undefined for one that moves no money. */
export const postingOf = (fact: Fact): Posting | undefined => {
  const payment = pictureOf(fact);
  const { amountFen } = payment;
  switch (verbOf(fact)) {
    case 'recorded':
      return { reason: 'recorded', debited: clearing(payment), credited: owner(payment), amountFen };
    case 'allocated': {
      // What went back before went back out of suspense.
      const leftFen = amountFen - (payment.refundedFen ?? 0);
      return { reason: 'allocated', debited: suspense(payment), credited: payable(payment), amountFen: leftFen };
    }
    case 'debited':
      return { reason: 'debited', debited: clearing(payment), credited: suspense(payment), amountFen };
    case 'settled':
      return { reason: 'settled', debited: suspense(payment), credited: payable(payment), amountFen };
    case 'reversed': {
      const credited = fact.data.returned === true ? refusedBack(payment) : clearing(payment);
      return { reason: 'reversed', debited: ofApp(payment) ? suspense(payment) : owner(payment), credited, amountFen };
    }
    case 'refunded':
      return { reason: 'refunded', debited: owner(payment), credited: clearing(payment), amountFen: refundOf(fact).refund.amountFen };
    case 'refund-returned':
      return { reason: 'returned', debited: owner(payment), credited: refusedBack(payment), amountFen: refundOf(fact).refund.amountFen };
    case 'refund-recredited':
      return {
        reason: 'recredited',
        debited: refusedBack(payment),
        credited: clearing(payment),
        amountFen: refundOf(fact).refund.amountFen,
      };
    default:
      return undefined;
  }
};

export const legsOf = ({ debited, credited, amountFen }: Posting): Legs => [
  { account: debited, amountFen },
  { account: credited, amountFen: -amountFen },
];
