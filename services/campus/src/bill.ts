import { type Context, canonicalJson, type Instant, type Scene, type WakeUp } from '@scenefi/kernel';
import { type Bill, type BillCommand, type BillFact, type NoticeCommand, noBill, type Of, type Terms, whole } from './bill-state.ts';
import { heardIn, keep, refuseKept, takeKept } from './early.ts';
import { pay, voidPayment } from './elsewhere.ts';
import { campusErrors } from './errors.ts';
import { evolve, inOrder } from './evolve.ts';
import { checkOwed } from './items.ts';
import {
  endCashierLease,
  endLease,
  inPayment,
  type LeaseRules,
  lease,
  leaseByCashier,
  needless,
  questionLate,
  releaseByCashier,
} from './lease.ts';
import { isPaid } from './lifecycle.ts';
import { billContracts, publishBill } from './picture.ts';
import { refunded, requestRefund } from './refund.ts';
import {
  askWriteOff,
  debited,
  disputed,
  endSilence,
  rejectWriteOff,
  reversalDue,
  reversed,
  reversing,
  settled,
  type WriteOffRules,
  writeOff,
} from './write-off.ts';

/** How long a notice that came too early waits for what it needs, and the clocks of leases and write-offs. */
export type BillRules = { keepEarlyMs: number } & LeaseRules & WriteOffRules;

const same = (left: unknown, right: unknown): boolean => canonicalJson(left) === canonicalJson(right);

const issue = ({ terms }: Of<'Issue'>, bill: Bill): BillFact[] => {
  if (bill.terms && same(bill.terms, terms)) return [];
  if (bill.terms) throw campusErrors.ISSUED_DIFFERENTLY({ billNo: terms.billNo });
  checkOwed(terms.billNo, terms.items, terms.selection);
  return [{ type: 'bill.billed', terms }];
};

/** A revision that is superseded has nothing left to say; one whose predecessor is missing waits for it. */
const amend = (command: Of<'Amend'>, bill: Bill, terms: Terms): BillFact[] | 'too-early' => {
  const { revision, items, dueAt, billNo } = command;
  if (revision < bill.revision) return [];
  if (revision === bill.revision) {
    if (same([items, dueAt], [bill.items, bill.dueAt])) return [];
    throw campusErrors.REVISION_REUSED({ billNo, revision });
  }
  if (isPaid(bill)) throw campusErrors.ALREADY_PAID({ billNo });
  if (bill.disputed.length > 0) throw campusErrors.DISPUTED({ billNo });
  if (bill.base === 'closed') throw campusErrors.BILL_CLOSED({ billNo });
  if (bill.holding) throw inPayment(bill.holding);
  if (revision > bill.revision + 1) return 'too-early';
  checkOwed(billNo, items, terms.selection);
  return [{ type: 'bill.changed', revision, items, dueAt }];
};

/** Who pays at this moment is not cut off: a debited payment goes back, one that was not debited is asked for its lease. */
const close = ({ billNo }: Of<'Close'>, bill: Bill, at: Instant, rules: BillRules): BillFact[] => {
  if (bill.base === 'closed') return [];
  if (bill.disputed.length > 0) throw campusErrors.DISPUTED({ billNo });
  if (bill.writtenOff || bill.status === 'refunded') throw campusErrors.USE_REFUND({ billNo });
  if (isPaid(bill)) throw campusErrors.ALREADY_PAID({ billNo });
  return inOrder(
    bill,
    () => [{ type: 'bill.withdrawn', reason: 'closed-by-partner' }],
    (withdrawn) => needless(withdrawn, at, rules),
  );
};

/** When a bill that nobody pays can be paid no longer. */
const expiryOf = ({ status, terms, dueAt }: Bill): Instant | undefined =>
  status === 'issued' && terms?.payableAfterDue === false ? dueAt : undefined;

const expire = (bill: Bill, at: Instant): BillFact[] => {
  const expiry = expiryOf(bill);
  return expiry && expiry <= at ? [{ type: 'bill.withdrawn', reason: 'expired' }] : [];
};

/** What a notice comes to for an issued bill; before that, everything is too early. */
const decideNotice = (command: NoticeCommand, bill: Bill, { at }: Context, rules: BillRules): BillFact[] => {
  const decided = bill.terms ? decideIssued(command, bill, bill.terms, at, rules) : 'too-early';
  return decided === 'too-early' ? keep(command, bill, at, rules.keepEarlyMs) : decided;
};

const decideIssued = (command: NoticeCommand, bill: Bill, terms: Terms, at: Instant, rules: BillRules): BillFact[] | 'too-early' => {
  switch (command.type) {
    case 'Amend':
      return amend(command, bill, terms);
    case 'Close':
      return close(command, bill, at, rules);
    case 'Pay':
      return pay(command, bill, terms, at, rules);
    case 'VoidPayment':
      return voidPayment(command, bill);
    case 'WriteOff':
      return writeOff(command, bill);
    case 'RejectWriteOff':
      return rejectWriteOff(command, bill);
    case 'RequestRefund':
      return requestRefund(command, bill);
    default:
      return command satisfies never;
  }
};

/** A wake-up that only asks may run before earlier messages were heard, so it takes nothing away. */
const wake = (bill: Bill, at: Instant, rules: BillRules): BillFact[] => {
  const ask = [(state: Bill) => questionLate(state, at, rules), (state: Bill) => askWriteOff(state, at, rules)];
  if (!wakeAt(bill)?.takes) return inOrder(bill, ...ask);
  return inOrder(
    bill,
    (state) => endCashierLease(state, at),
    (state) => expire(state, at),
    (state) => endSilence(state, at, rules),
    (state) => refuseKept(state, at),
    ...ask,
  );
};

const deadlinesOf = ({ holding }: Bill): WakeUp[] => {
  if (!holding || holding.phase === 'reversing' || holding.told === 'reversal') return [];
  const asks = holding.askAt ? [{ at: holding.askAt, takes: false }] : [];
  const ends = holding.holder === 'cashier' || (holding.phase === 'debited' && !holding.told);
  return ends ? [...asks, { at: holding.until, takes: true }] : asks;
};

/** The next deadline; of two at once the one that takes something away, since it asks as well. */
const wakeAt = (bill: Bill): WakeUp | undefined => {
  const expiry = expiryOf(bill);
  const taking = [...bill.kept.map(({ until }) => until), ...(expiry ? [expiry] : [])].map((at) => ({ at, takes: true }));
  const rank = ({ at, takes }: WakeUp): string => `${at} ${takes ? 0 : 1}`;
  return [...taking, ...deadlinesOf(bill)].sort((one, other) => (rank(one) < rank(other) ? -1 : 1))[0];
};

const decideOne = (command: BillCommand, bill: Bill, context: Context, rules: BillRules): BillFact[] => {
  const { at } = context;
  switch (command.type) {
    case 'Issue':
      return issue(command, bill);
    case 'Wake':
      return wake(bill, at, rules);
    case 'Lease':
      return lease(command, bill, at, rules);
    case 'EndLease':
      return endLease(command, bill);
    case 'LeaseByCashier':
      return leaseByCashier(command, bill, at, rules);
    case 'ReleaseByCashier':
      return releaseByCashier(command, bill);
    case 'Debited':
      return debited(command, bill, at, rules);
    case 'Reversing':
      return reversing(command, bill);
    case 'Reversed':
      return reversed(command, bill);
    case 'Settled':
      return settled(command, bill, at);
    case 'Disputed':
      return disputed(command, bill);
    case 'Refunded':
      return refunded(command, bill);
    default:
      return decideNotice(command, bill, context, rules);
  }
};

/** A school's bill: issued, amended, closed, expired; leased to one payer at a time, written off, refunded; or paid through the school. */
export const billScene = (rules: BillRules): Scene<Bill, BillCommand, BillFact> => ({
  name: 'bill',
  initial: noBill,
  decide: (command, before, context) => {
    const bill = whole(before);
    const decided = decideOne(command, bill, context, rules);
    if (decided.length === 0) return decided;
    const facts = inOrder(
      bill,
      () => decided,
      (after) => takeKept(after, (kept, state) => decideNotice(kept, state, context, rules)),
      reversalDue,
    );
    return [...facts, ...heardIn(command, facts, bill, context.at)];
  },
  evolve,
  contracts: billContracts,
  publish: publishBill,
  wakeAt,
});
