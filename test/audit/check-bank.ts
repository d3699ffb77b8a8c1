import type { Evidence } from './evidence.ts';
import { verbOf } from './facts.ts';
import type { Finding } from './findings.ts';
import { applied, type Booking, isOfApp, type PaymentCase, pictureOf, publicStatusOf, refundOf, saying, sumFen } from './payment-cases.ts';

/** The facts that can come once only. */
const singular = ['requested', 'refused', 'failed', 'debited', 'settled', 'reversing', 'reversed', 'disputed', 'recorded', 'allocated'];

const counted = (problem: string, own: boolean, counts: Omit<Finding, 'problem'>): Finding => (own ? { problem, ...counts } : { problem });

const amountOf = ({ document, facts }: PaymentCase): number =>
  document?.state.request?.amountFen ?? document?.state.received?.amountFen ?? (facts[0] ? pictureOf(facts[0]).amountFen : 0);

type Wanted = { what: string; amountFen: number; matches: (booking: Booking) => boolean };

/** One applied booking under a key for each movement that was told, of its amount; and none that was not told. */
const compare = (one: PaymentCase, kind: Booking['kind'], wanted: readonly Wanted[]): Finding[] => {
  const { paymentId, own } = one;
  const left = [...applied(one, kind)];
  const findings = wanted.flatMap(({ what, amountFen, matches }): Finding[] => {
    const index = left.findIndex(matches);
    const [booking] = index < 0 ? [] : left.splice(index, 1);
    if (!booking) return [counted(`payment ${paymentId} is ${what}, and the core bank has no ${kind} for it`, own, { lost: 1 })];
    const bookedFen = booking.order?.amountFen;
    return bookedFen === amountFen
      ? []
      : [{ problem: `payment ${paymentId} is ${what} over ${amountFen} fen, and the bank moved ${bookedFen}` }];
  });
  const keys = new Set(applied(one, kind).map(({ key }) => key));
  const untold = left.map(({ key }) => counted(`the core bank applied the ${kind} ${key}, which payments never told`, own, { lost: 1 }));
  const repeated = applied(one, kind).length - keys.size;
  const twice =
    repeated === 0 ? [] : [counted(`the core bank applied a ${kind} of ${paymentId} twice under one key`, own, { doubled: repeated })];
  return [...findings, ...(repeated === 0 ? untold : []), ...twice];
};

const creditsTold = ({ facts }: PaymentCase, ofApp: boolean): Wanted[] => {
  const reversed = ofApp ? saying(facts, 'reversed').filter(({ data }) => data.returned !== true) : [];
  const refunds = saying(facts, 'refunded', 'refund-recredited');
  return [
    ...reversed.map((fact) => ({
      what: 'reversed',
      amountFen: pictureOf(fact).amountFen,
      matches: ({ purpose }: Booking) => purpose === 'reversal',
    })),
    ...refunds.map((fact) => {
      const { refundNo, amountFen } = refundOf(fact).refund;
      const again = verbOf(fact) === 'refund-recredited';
      const matches = (booking: Booking): boolean =>
        booking.refundNo === refundNo && (booking.purpose === 'refund' || (again && booking.purpose === 'recredit'));
      return { what: `refunded under ${refundNo}`, amountFen, matches };
    }),
  ];
};

/** Money goes out only of what came in, and only to whom it came from. */
const checkSums = (one: PaymentCase, ofApp: boolean): string[] => {
  const { paymentId, document } = one;
  const debits = applied(one, 'debit');
  const credits = applied(one, 'credit');
  const inFen = ofApp ? sumFen(debits) : amountOf(one);
  const problems: string[] = [];
  if (ofApp && credits.length > 0 && debits.length === 0) problems.push(`the core bank credited payment ${paymentId} and never debited it`);
  if (sumFen(credits) > inFen)
    problems.push(`the core bank gave ${sumFen(credits)} fen of payment ${paymentId} back, which came to ${inFen}`);
  const customerId = document?.state.request?.customerId;
  const strangers = [...debits, ...credits].filter(({ order }) => ofApp && order?.customerId !== customerId);
  return [...problems, ...strangers.map(({ key }) => `the core bank moved money of another customer under ${key}`)];
};

/** What was told last is what the document says. */
const checkDocument = ({ paymentId, facts, document }: PaymentCase): string[] => {
  const last = facts.at(-1);
  if (!document || !last) return [];
  const [told, stands] = [pictureOf(last).status, publicStatusOf(document)];
  return told === stands ? [] : [`payment ${paymentId} is ${stands} in the database and was told to be ${told}`];
};

const checkOne = (one: PaymentCase): Finding[] => {
  const { paymentId, facts, document, bookings } = one;
  if (facts.length === 0 && !document)
    return bookings.map(({ key, kind, status }) => ({
      problem: `the core bank has the ${kind} ${key} (${status}) of a payment that nobody knows`,
    }));
  const ofApp = isOfApp(one);
  const debits = saying(facts, 'debited').map((fact) => ({
    what: 'debited',
    amountFen: pictureOf(fact).amountFen,
    matches: ({ purpose }: Booking) => purpose === 'debit',
  }));
  const repeated = singular.filter((verb) => saying(facts, verb).length > 1);
  const ended = saying(facts, 'refused', 'failed').length > 0;
  const kept = sumFen(applied(one, 'debit')) - sumFen(applied(one, 'credit'));
  const problems = [
    ...checkSums(one, ofApp),
    ...checkDocument(one),
    ...repeated.map((verb) => `payment ${paymentId} was told to be ${verb} more than once`),
    ...(ended && kept !== 0 && saying(facts, 'debited').length === 0
      ? [`payment ${paymentId} ended without money, and ${kept} fen are gone`]
      : []),
  ];
  return [
    ...compare(one, 'debit', debits),
    ...compare(one, 'credit', creditsTold(one, ofApp)),
    ...problems.map((problem) => ({ problem })),
  ];
};

/** The ledger's claim on each clearing account that the core bank has books of is what those books come to. */
const checkClearing = ({ entries, bank }: Evidence): Finding[] => {
  const clearing = 'clearing:customer';
  const ledgerFen = entries
    .flatMap(({ legs }) => legs)
    .reduce((sum, { account, amountFen }) => (account === clearing ? sum + amountFen : sum), 0);
  const ofCustomers = bank.filter(({ status, order }) => status === 'applied' && order?.customerId !== undefined);
  const bankFen = ofCustomers.reduce((sum, { kind, order }) => sum + (kind === 'debit' ? 1 : -1) * (order?.amountFen ?? 0), 0);
  return ledgerFen === bankFen
    ? []
    : [{ problem: `${clearing} stands at ${ledgerFen} fen in the ledger, and the core bank holds ${bankFen} fen of customers` }];
};

/** Every movement of money that was told stands in the core bank's own books, once and of its amount, and no other does. */
export const checkBank = (evidence: Evidence, cases: ReadonlyMap<string, PaymentCase>): Finding[] => [
  ...[...cases.values()].flatMap(checkOne),
  ...checkClearing(evidence),
];
