import type { Held } from '@scenefi/contracts';
import { type AppError, addMs, type Instant, shanghaiTime } from '@scenefi/kernel';
import type { Bill, BillFact, Holding, LeaseFact, Of } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { owedFen, priceFen } from './items.ts';
import { isPaid } from './lifecycle.ts';

/** How long one holder may pay, and how soon payments is asked again about a lease that it has not ended; later ever more rarely. */
export type LeaseRules = { leaseMs: number; leaseAskMs: number };

const askDoublingsMax = 10;

const holderWords = { app: 'a payment of the app', mandate: 'an automatic debit', cashier: 'a cashier' } as const;

export const heldOf = ({ holder, until }: Holding): Held => ({ holder, until });

/** Who holds the bill is told by kind only. */
export const inPayment = (holding: Holding): AppError =>
  campusErrors.IN_PAYMENT({ detail: `${holderWords[holding.holder]} holds the bill until ${shanghaiTime(holding.until)}` });

/** Why nobody may pay the bill now; undefined where it can be paid. */
export const notPayable = (bill: Bill, at: Instant): AppError | undefined => {
  const { terms, holding, dueAt } = bill;
  if (!terms) return campusErrors.BILL_NOT_FOUND();
  if (bill.disputed.length > 0) return campusErrors.DISPUTED();
  if (isPaid(bill)) return campusErrors.ALREADY_PAID();
  if (bill.base === 'closed') return campusErrors.BILL_CLOSED();
  if (holding) return inPayment(holding);
  const isDue = !terms.payableAfterDue && dueAt !== undefined && dueAt <= at;
  return bill.base === 'expired' || isDue ? campusErrors.BILL_EXPIRED() : undefined;
};

/** A lease ends with the time in which the bill can be paid at the latest. */
const leaseEnd = ({ terms, dueAt }: Bill, at: Instant, { leaseMs }: LeaseRules): Instant => {
  const until = addMs(at, leaseMs);
  return !terms?.payableAfterDue && dueAt && dueAt < until ? dueAt : until;
};

/** Whether the bill has heard of this payment or lease before. */
const isKnown = (bill: Bill, leaseId: string): boolean =>
  bill.holding?.leaseId === leaseId || bill.writtenOff?.paymentId === leaseId || bill.past.some((past) => past.leaseId === leaseId);

/** The amount is measured against the bill as it stands, since the customer may have seen an older revision. */
const refusalOf = (command: Of<'Lease'>, bill: Bill, at: Instant): AppError | undefined => {
  if (!bill.terms || bill.terms.partnerId !== command.partnerId) return campusErrors.BILL_NOT_FOUND();
  const refusal = notPayable(bill, at);
  if (refusal) return refusal;
  const price = priceFen(bill.items, bill.terms.selection, command.items);
  if (price === undefined) return campusErrors.WRONG_ITEMS();
  return price === command.amountFen ? undefined : campusErrors.AMOUNT_CHANGED();
};

/** A payment is refused by a fact, since nobody waits for an error; one that was here before has had its answer. */
export const lease = (command: Of<'Lease'>, bill: Bill, at: Instant, rules: LeaseRules): LeaseFact[] => {
  const { paymentId, partnerId, holder, amountFen } = command;
  if (isKnown(bill, paymentId)) return [];
  const refusal = refusalOf(command, bill, at);
  if (!refusal) return [{ type: 'bill.leased', leaseId: paymentId, holder, amountFen, until: leaseEnd(bill, at, rules) }];
  const { code } = refusal;
  const held = bill.holding && code === campusErrors.IN_PAYMENT().code && { held: heldOf(bill.holding) };
  return [{ type: 'bill.lease-refused', paymentId, partnerId, code, ...held }];
};

/** A payment that ended before its request was heard is remembered, so that a late request cannot lease for it. */
export const endLease = ({ paymentId }: Of<'EndLease'>, bill: Bill): LeaseFact[] => {
  if (bill.holding?.leaseId === paymentId && bill.holding.phase === 'leased') return [{ type: 'bill.lease-ended', leaseId: paymentId }];
  return isKnown(bill, paymentId) ? [] : [{ type: 'bill.payment-passed', paymentId }];
};

export const leaseByCashier = ({ leaseId }: Of<'LeaseByCashier'>, bill: Bill, at: Instant, rules: LeaseRules): LeaseFact[] => {
  if (isKnown(bill, leaseId)) return [];
  const refusal = notPayable(bill, at);
  if (refusal || !bill.terms) throw refusal ?? campusErrors.BILL_NOT_FOUND();
  const amountFen = owedFen(bill.items, bill.terms.selection);
  return [{ type: 'bill.leased', leaseId, holder: 'cashier', amountFen, until: leaseEnd(bill, at, rules) }];
};

export const releaseByCashier = ({ leaseId }: Of<'ReleaseByCashier'>, bill: Bill): LeaseFact[] => {
  if (bill.holding?.leaseId === leaseId) return [{ type: 'bill.lease-ended', leaseId }];
  if (bill.holding && !isKnown(bill, leaseId)) throw campusErrors.NOT_YOUR_LEASE();
  return [];
};

/** Behind a cashier stands nobody who could be asked, so that such a lease ends by its own clock. */
export const endCashierLease = ({ holding }: Bill, at: Instant): BillFact[] =>
  holding?.holder === 'cashier' && holding.until <= at ? [{ type: 'bill.lease-ended', leaseId: holding.leaseId }] : [];

const questionReason = (bill: Bill) => {
  if (bill.base === 'closed') return 'closed';
  return isPaid(bill) ? 'paid-elsewhere' : 'expired';
};

/** A lease of the app is never ended here, since the debit may be on its way: payments is asked, again and again. */
const question = (bill: Bill, at: Instant, { leaseAskMs }: LeaseRules): BillFact[] => {
  if (bill.holding?.phase !== 'leased' || bill.holding.holder === 'cashier') return [];
  const { leaseId: paymentId, asked } = bill.holding;
  const askAt = addMs(at, leaseAskMs * 2 ** Math.min(asked, askDoublingsMax));
  return [{ type: 'bill.lease-questioned', paymentId, reason: questionReason(bill), askAt }];
};

export const questionLate = (bill: Bill, at: Instant, rules: LeaseRules): BillFact[] =>
  bill.holding?.askAt && bill.holding.askAt <= at ? question(bill, at, rules) : [];

/** What becomes of a lease once nobody has to pay any more: a cashier's ends, the app's is questioned. `bill` is the bill without need. */
export const needless = (bill: Bill, at: Instant, rules: LeaseRules): BillFact[] =>
  bill.holding?.holder === 'cashier' ? [{ type: 'bill.lease-ended', leaseId: bill.holding.leaseId }] : question(bill, at, rules);
