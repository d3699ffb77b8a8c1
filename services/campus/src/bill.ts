import { AmountFen, type Context, canonicalJson, type Scene, sumFen, type WakeUp } from '@scenefi/kernel';
import {
  type Bill,
  type BillCommand,
  type BillFact,
  evolve,
  type NoticeCommand,
  noBill,
  type ReportedPayment,
  type Terms,
} from './bill-state.ts';
import { keep, refuseKept, takeKept } from './early.ts';
import { campusErrors } from './errors.ts';
import { owedFen, paysExactly } from './items.ts';
import { billContracts, publishBill } from './picture.ts';

/** How long a notice that came too early waits for what it needs. */
export type BillRules = { keepEarlyMs: number };

type Of<Type extends BillCommand['type']> = Extract<BillCommand, { type: Type }>;

const same = (left: unknown, right: unknown): boolean => canonicalJson(left) === canonicalJson(right);

/** What contracts cannot carry is refused here, since a fact that breaks its contract would wait for a repair for ever. */
const checkAmount = (billNo: string, amountFen: number): void => {
  if (!AmountFen.safeParse(amountFen).success) throw campusErrors.AMOUNT_TOO_LARGE({ billNo });
};

const checkOwed = (billNo: string, items: Terms['items'], selection: Terms['selection']): void => {
  const owed = owedFen(items, selection);
  if (owed === 0) throw campusErrors.NOTHING_TO_PAY({ billNo });
  checkAmount(billNo, owed);
};

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
  if (bill.payments.length > 0) throw campusErrors.ALREADY_PAID({ billNo });
  if (bill.base === 'closed') throw campusErrors.BILL_CLOSED({ billNo });
  if (revision > bill.revision + 1) return 'too-early';
  checkOwed(billNo, items, terms.selection);
  return [{ type: 'bill.changed', revision, items, dueAt }];
};

const close = ({ billNo }: Of<'Close'>, bill: Bill): BillFact[] => {
  if (bill.base === 'closed') return [];
  if (bill.payments.length > 0) throw campusErrors.ALREADY_PAID({ billNo });
  return [{ type: 'bill.withdrawn', reason: 'closed-by-partner' }];
};

/** The first payment is measured against the bill; one on a closed or paid bill is too much, whatever its amount. */
const fitOf = (payment: ReportedPayment, bill: Bill, terms: Terms) => {
  if (bill.base === 'closed' || bill.payments.length > 0) return 'overpaid';
  return paysExactly(bill.items, terms.selection, payment) ? 'exact' : 'amount-differs';
};

const pay = ({ payment, billNo }: Of<'Pay'>, bill: Bill, terms: Terms): BillFact[] => {
  const { paymentNo, channel, amountFen, paidAt } = payment;
  if (bill.voided.includes(paymentNo)) return [];
  const known = bill.payments.find((other) => other.paymentNo === paymentNo);
  if (known && known.amountFen === amountFen && known.channel === channel) return [];
  if (known) throw campusErrors.PAYMENT_NO_REUSED({ billNo, paymentNo });
  checkAmount(billNo, sumFen([amountFen, ...bill.payments.map((other) => other.amountFen)]));
  const fit = fitOf(payment, bill, terms);
  const allocation = fit === 'exact' ? 'payable' : 'suspense';
  return [{ type: 'bill.paid-elsewhere', payment: { paymentNo, channel, amountFen, paidAt, fit, allocation } }];
};

const voidPayment = ({ paymentNo, reason }: Of<'VoidPayment'>, bill: Bill): BillFact[] | 'too-early' => {
  if (bill.voided.includes(paymentNo)) return [];
  const payment = bill.payments.find((known) => known.paymentNo === paymentNo);
  return payment ? [{ type: 'bill.paid-elsewhere-voided', payment, reason }] : 'too-early';
};

const expire = (bill: Bill, { at }: Context): BillFact[] =>
  bill.status === 'issued' && bill.terms?.payableAfterDue === false && bill.dueAt !== undefined && bill.dueAt <= at
    ? [{ type: 'bill.withdrawn', reason: 'expired' }]
    : [];

/** What a notice comes to for an issued bill; before that, everything is too early. */
const decideNotice = (command: NoticeCommand, bill: Bill, { at }: Context, { keepEarlyMs }: BillRules): BillFact[] => {
  const decided = bill.terms ? decideIssued(command, bill, bill.terms) : 'too-early';
  return decided === 'too-early' ? keep(command, bill, at, keepEarlyMs) : decided;
};

const decideIssued = (command: NoticeCommand, bill: Bill, terms: Terms): BillFact[] | 'too-early' => {
  switch (command.type) {
    case 'Amend':
      return amend(command, bill, terms);
    case 'Close':
      return close(command, bill);
    case 'Pay':
      return pay(command, bill, terms);
    case 'VoidPayment':
      return voidPayment(command, bill);
    default:
      return command satisfies never;
  }
};

const wakeAt = (bill: Bill): WakeUp | undefined => {
  const deadlines = bill.kept.map(({ until }) => until);
  if (bill.status === 'issued' && bill.terms?.payableAfterDue === false && bill.dueAt) deadlines.push(bill.dueAt);
  const at = deadlines.sort()[0];
  return at && { at, takes: true };
};

/** A school's bill: issued, amended, closed, expired, and paid through the school itself. */
export const billScene = (rules: BillRules): Scene<Bill, BillCommand, BillFact> => {
  const decideOne = (command: BillCommand, bill: Bill, context: Context): BillFact[] => {
    if (command.type === 'Issue') return issue(command, bill);
    if (command.type === 'Wake') return [...expire(bill, context), ...refuseKept(bill, context.at)];
    return decideNotice(command, bill, context, rules);
  };
  return {
    name: 'bill',
    initial: noBill,
    decide: (command, bill, context) => {
      const facts = decideOne(command, bill, context);
      if (facts.length === 0) return facts;
      const after = facts.reduce(evolve, bill);
      return [...facts, ...takeKept(after, (kept, state) => decideNotice(kept, state, context, rules))];
    },
    evolve,
    contracts: billContracts,
    publish: publishBill,
    wakeAt,
  };
};
