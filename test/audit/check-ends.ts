import type { Evidence } from './evidence.ts';
import type { Finding } from './findings.ts';
import { applied, isClaim, isOfApp, type PaymentCase, saying, sumFen } from './payment-cases.ts';

type Kept = { keptFen: number; owedFen: number; openFen: number };

const statusOf = ({ document }: PaymentCase): string => document?.state.status ?? 'none';
const isReturned = ({ document }: PaymentCase): boolean => document?.state.reversal?.end === 'returned';
const queuesOf = ({ document }: PaymentCase): string[] => (document?.state.queue ?? []).map(({ name }) => name);

const refundedFen = ({ document }: PaymentCase, ...statuses: string[]): number =>
  (document?.state.refunds ?? []).filter(({ status }) => statuses.includes(status)).reduce((sum, { amountFen }) => sum + amountFen, 0);

/** What the school believes to have of a payment: what it wrote off, however often it said so, where the bank did not refuse it. */
const writtenOffFen = ({ claims }: PaymentCase, refused: ReadonlySet<string>): number =>
  Math.max(0, ...claims.filter(({ noticeId }) => !refused.has(noticeId)).map(({ amountFen }) => amountFen));

const decidedByPeople = ({ document }: PaymentCase, outcome: string): boolean =>
  (document?.state.resolutions ?? []).some((resolution) => resolution.outcome === outcome);

/** What is kept and owed to nobody yet: it waits for people, or lies under its customer since no account takes it. */
const openFen = (one: PaymentCase, keptFen: number, owedFen: number): number => {
  const debitedFen = sumFen(applied(one, 'debit'));
  switch (statusOf(one)) {
    case 'debited':
      return queuesOf(one).includes('write-off-overdue') ? debitedFen : 0;
    case 'reversing':
      return queuesOf(one).includes('credit-unknown') ? keptFen : 0;
    case 'reversed':
      return isReturned(one) ? debitedFen : 0;
    case 'disputed':
      return keptFen - owedFen;
    case 'settled': {
      const byHand = owedFen <= 0 && decidedByPeople(one, 'written-off') ? debitedFen : 0;
      return byHand + refundedFen(one, 'returned', 'recrediting');
    }
    default:
      return 0;
  }
};

const keptOf = (one: PaymentCase, refused: ReadonlySet<string>): Kept => {
  const keptFen = sumFen(applied(one, 'debit')) - sumFen(applied(one, 'credit'));
  const owedFen = writtenOffFen(one, refused) - refundedFen(one, 'completed', 'returned', 'recrediting', 'recredited');
  return { keptFen, owedFen, openFen: openFen(one, keptFen, owedFen) };
};

/** Money that left an account was written off, given back, or waits for people; never two of these, unless people are to decide. */
const checkEnd = (one: PaymentCase): Finding[] => {
  const { paymentId, facts, billFacts, own } = one;
  if (saying(facts, 'debited').length === 0) return [];
  const [settled, reversed, disputed] = ['settled', 'reversed', 'disputed'].map((verb) => saying(facts, verb).length > 0);
  const waits = queuesOf(one).length > 0;
  const writtenOff = saying(billFacts, 'written-off').some((fact) => !isClaim(fact));
  const atBill = { writtenOff, reversed: saying(billFacts, 'reversed').length > 0, disputed: saying(billFacts, 'disputed').length > 0 };
  const problems: Finding[] = [];
  if (settled && reversed) problems.push({ problem: `payment ${paymentId} was settled and reversed`, ...(own && { doubled: 1 }) });
  if (!settled && !reversed && !disputed && !waits)
    problems.push({ problem: `payment ${paymentId} was debited, and is neither written off nor given back nor shown to people` });
  if (disputed && !waits && !decidedByPeople(one, 'reverse-stands') && !decidedByPeople(one, 'written-off-stands'))
    problems.push({ problem: `payment ${paymentId} is disputed, and nobody is asked to decide` });
  if (atBill.reversed && atBill.writtenOff && !atBill.disputed)
    problems.push({ problem: `the bill of payment ${paymentId} says that it was reversed and written off` });
  if (settled !== atBill.writtenOff && !(settled && decidedByPeople(one, 'written-off')))
    problems.push({
      problem: `payment ${paymentId} is ${settled ? '' : 'not '}settled, and its bill says ${atBill.writtenOff ? '' : 'not '}written off`,
    });
  return problems;
};

/** A bill is paid in the app once, whoever tried at the same time. */
const checkOnce = (cases: readonly PaymentCase[]): Finding[] =>
  [...Map.groupBy(cases, ({ about }) => about?.payableId ?? '')].flatMap(([payableId, ofBill]): Finding[] => {
    const settled = ofBill.filter((one) => statusOf(one) === 'settled');
    if (settled.length < 2) return [];
    const problem = `bill ${payableId} was paid in the app by ${settled.map(({ paymentId }) => paymentId).join(' and ')}`;
    return [{ problem, ...(settled[0]?.own && { doubled: settled.length - 1 }) }];
  });

/** By payment, and so by bill: what the bank keeps of it is what the school believes to have, and what is named as open. */
export const checkEnds = ({ topics }: Evidence, cases: ReadonlyMap<string, PaymentCase>): Finding[] => {
  const refused = new Set(topics.refusals.map(({ key }) => key));
  const ofApp = [...cases.values()].filter(isOfApp);
  const unequal = ofApp.flatMap((one): Finding[] => {
    const { keptFen, owedFen, openFen: open } = keptOf(one, refused);
    if (keptFen === owedFen + open) return [];
    const others = `its school holds ${owedFen} fen written off, and ${open} fen are open`;
    const problem = `of payment ${one.paymentId} the bank keeps ${keptFen} fen, ${others}`;
    return [{ problem }];
  });
  return [...ofApp.flatMap(checkEnd), ...checkOnce(ofApp), ...unequal];
};
