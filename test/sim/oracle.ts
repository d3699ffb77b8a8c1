import type { Bill } from '../../services/campus/src/bill-state.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import { billOf, type Course, paymentOf, type Script, type Stimulus } from './course.ts';
import { dayFenMax, partners } from './rules.ts';
import type { Evidence } from './run.ts';

/** How a bill, and the one payment of it, ought to have ended. */
type Expected = { bill: string; payment?: string; refundsFen?: readonly number[] };

type Of<Kind extends Stimulus['kind']> = Extract<Stimulus, { kind: Kind }>;
type Play = { course: Course; own: readonly Stimulus[]; amountFen: number; partnerId: string };

/** Words of the bank, people and schools that a course decides, though nothing in our own code does. */
type Outside = { bankTakes: (key: string) => boolean; peopleSay: (paymentId: string) => 'reverse' | 'written-off' };

const of = <Kind extends Stimulus['kind']>(own: readonly Stimulus[], kind: Kind): Of<Kind>[] =>
  own.filter((one) => one.kind === kind) as Of<Kind>[];

const isIssue = ({ type }: Of<'notice'>): boolean => type === 'campus.bill.issued';

/** Refunds in their order, each as long as so much is left. */
const refundsOf = (wantedFen: readonly number[], amountFen: number): number[] => {
  let left = amountFen;
  return wantedFen.map((fen) => {
    const given = fen <= left ? fen : 0;
    left -= given;
    return given;
  });
};

const paidOff: Expected = { bill: 'written-off', payment: 'settled' };
const givenBack: Expected = { bill: 'issued', payment: 'reversed' };

/** What each kind of school makes of a payment that was debited. */
const afterDebit = (script: Script, { partnerId }: Play, paymentId: string, { peopleSay }: Outside): Expected => {
  switch (script) {
    case 'prompt':
    case 'twice':
    case 'after-reminder':
    case 'wrong-amount':
      return paidOff;
    case 'reject':
      return givenBack;
    case 'silent':
    case 'after-reversal': {
      const isQueued = partners.find((one) => one.partnerId === partnerId)?.onSilence === 'queue';
      if (isQueued && peopleSay(paymentId) === 'written-off') return paidOff;
      return script === 'silent' ? givenBack : { bill: 'disputed', payment: 'disputed' };
    }
    default:
      return script satisfies never;
  }
};

/** A bill with one payer, whose school says nothing but that it is owed. */
const onePayer = (play: Play, pay: Of<'pay'>, outside: Outside): Expected => {
  const { own, amountFen } = play;
  const paymentId = paymentOf(pay.customerId, pay.key);
  if (pay.amountFen !== amountFen) return { bill: 'issued', payment: 'refused' };
  if (!outside.bankTakes(`${paymentId}:debit`)) return { bill: 'issued', payment: 'failed' };
  const [play1] = of(own, 'script');
  const expected = afterDebit(play1?.script ?? 'prompt', play, paymentId, outside);
  const isWrittenOffByNotice = expected.payment === 'settled' && play1?.script !== 'silent' && play1?.script !== 'after-reversal';
  if (!isWrittenOffByNotice || !play1) return expected;
  const refundsFen = refundsOf(play1.refundsFen, amountFen);
  const backFen = refundsFen.reduce((sum, fen) => sum + fen, 0);
  return { ...expected, bill: backFen === amountFen ? 'refunded' : 'written-off', refundsFen };
};

/** A bill that was only paid through the school, nothing of it voided or given back. */
const paidElsewhere = ({ own, amountFen }: Play): Expected | undefined => {
  const numbers = new Map<unknown, number>();
  for (const { type, data } of of(own, 'notice')) {
    if (type !== 'campus.bill.issued' && type !== 'campus.bill.paid') return undefined;
    if (type === 'campus.bill.paid') numbers.set(data.paymentNo, data.amountFen as number);
  }
  const [first, ...more] = numbers.values();
  if (first === undefined) return { bill: 'issued' };
  if (more.length > 0) return { bill: 'overpaid' };
  return { bill: first === amountFen ? 'paid-elsewhere' : 'amount-differs' };
};

/** What ought to become of a bill; nothing where several ends are right, as they are where two pay at once. */
const expectedOf = (play: Play, outside: Outside): Expected | undefined => {
  const { own, course } = play;
  const issues = of(own, 'notice').filter(isIssue);
  const isPlain = new Set(issues.map(({ data }) => JSON.stringify(data))).size === 1 && issues[0]?.data.payableAfterDue === true;
  if (!isPlain || of(own, 'cashier').length > 0) return undefined;
  const pays = of(own, 'pay');
  if (pays.length === 0) return paidElsewhere(play);
  if (of(own, 'notice').some((one) => !isIssue(one))) return undefined;
  // Two payments of one customer may meet at the limit of the day, and a payment before its bill is refused.
  const totalFen = of(course.stimuli, 'pay').reduce((sum, { amountFen }) => sum + amountFen, 0);
  const issuedMs = Math.min(...issues.map(({ atMs }) => atMs));
  const [first, ...repeats] = [...pays].sort((one, other) => one.atMs - other.atMs);
  if (!first || totalFen > dayFenMax || first.atMs < issuedMs + 400) return undefined;
  if (repeats.some(({ key, otherBody }) => key !== first.key || otherBody)) return undefined;
  return onePayer(play, first, outside);
};

/**
 * What ought to have become of each bill, told from the stimuli alone. It is exact where nothing went wrong:
 * who is delayed may be too late, and then another end is right as well.
 */
export const judgeOracle = (evidence: Evidence): void => {
  const { world, course, cluster, bank } = evidence;
  if (world.struck.length > 0 || course.blows.length > 0) return;
  const allowed = course.stimuli.filter(({ id }) => world.allows(id));
  const outside: Outside = {
    bankTakes: (key) => bank.books.get(key)?.status === 'applied',
    peopleSay: (paymentId) => (world.chance(paymentId, 'write-off-overdue', '', 'people') < 0.5 ? 'reverse' : 'written-off'),
  };
  for (const own of Map.groupBy(allowed, ({ billNo }) => billNo).values()) {
    const [{ partnerId, billNo }] = [own[0]!];
    const items = of(own, 'notice').find(isIssue)?.data.items as { amountFen: number }[] | undefined;
    const amountFen = items?.reduce((sum, item) => sum + item.amountFen, 0) ?? 0;
    const expected = expectedOf({ course, own, amountFen, partnerId }, outside);
    if (!expected) continue;
    world.say(() => `the oracle expects ${JSON.stringify(expected)} of ${billNo}`);
    const bill = cluster.databases.campus!.majority('bills').get(billOf({ partnerId, billNo }))?.state as Bill | undefined;
    const [pay] = of(own, 'pay');
    const payment =
      pay && (cluster.databases.payments!.majority('payments').get(paymentOf(pay.customerId, pay.key))?.state as Payment | undefined);
    const refundsFen = payment?.refunds.map(({ status, amountFen: fen }) => (status === 'refused' ? 0 : fen));
    const found = { bill: bill?.status, ...(payment && { payment: payment.status }), ...(expected.refundsFen && { refundsFen }) };
    if (JSON.stringify(found) !== JSON.stringify(expected))
      world.violate('it ends as the oracle says', `${billNo}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  }
};
