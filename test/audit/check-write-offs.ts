import { endOf } from './check-app.ts';
import type { PlannedBill } from './check-bills.ts';
import type { Evidence, Expected, ExpectedOfApp } from './evidence.ts';
import { type Fact, firstAppearances, verbOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';
import { acceptedPayments } from './journal.ts';
import { isClaim, type PaymentCase } from './payment-cases.ts';

type OfPayment = { paymentId: string; asked?: number; refundFen?: number };

/** What a payment is called by those who asked for it. */
export type NameOf = (paymentId: string) => string;

/** The Idempotency-Key of a payment of the app, or the school's number of one from elsewhere. */
export const namesOf = ({ journal }: Evidence, cases: ReadonlyMap<string, PaymentCase>): NameOf => {
  const keys = new Map([...acceptedPayments(journal)].flatMap(([key, ids]) => [...ids].map((id) => [id, key])));
  return (paymentId) => keys.get(paymentId) ?? cases.get(paymentId)?.document?.state.received?.reference ?? neverAtBank;
};
export const neverAtBank = 'money that never reached the bank';

const reversals = ['reversal-requested', 'reversal-begun', 'write-off-rejected'];
const effectOf = (fact: Fact, nameOf: NameOf): string | undefined => {
  const { paymentId, asked, refundFen } = fact.data as OfPayment;
  const name = nameOf(paymentId);
  switch (verbOf(fact)) {
    case 'write-off-awaited':
      return asked === 0 ? `the debit of ${name}` : undefined;
    case 'written-off':
      return isClaim(fact) ? undefined : `the write-off of ${name}`;
    case 'reversed':
      return `the return of ${name}`;
    case 'disputed':
      return `the dispute of ${name}`;
    case 'refunded':
      return `a refund of ${refundFen} fen of ${name}`;
    default:
      return undefined;
  }
};

/** Several kinds of facts say that a payment goes back; whichever came, they are one reversal. */
const reversalsOf = (facts: readonly Fact[], nameOf: NameOf): string[] => {
  const said = facts.filter((fact) => reversals.includes(verbOf(fact)));
  return [...Map.groupBy(said, ({ data }) => String(data.paymentId))].flatMap(([paymentId, about]) => {
    const times = Math.max(...[...Map.groupBy(about, verbOf).values()].map(({ length }) => length));
    return new Array<string>(times).fill(`the reversal of ${nameOf(paymentId)}`);
  });
};

/** By end: what a bill says of the payment, and what it may say, since it depends on what came first. */
const effectsOf: Readonly<Record<string, { must: readonly string[]; may?: readonly string[] }>> = {
  debited: { must: ['debit'] },
  settled: { must: ['debit', 'write-off'], may: ['reversal'] },
  reversed: { must: ['debit', 'reversal', 'return'] },
  disputed: { must: ['debit', 'reversal', 'dispute'], may: ['return'] },
};

type Ended = { expected: ExpectedOfApp; end: string };

const worded = (what: string, { expected }: Ended): string => `the ${what} of ${expected.key}`;

const expectedEffects = ({ refunds = [] }: Expected, ended: readonly Ended[]): string[] => [
  ...ended.flatMap((one) => (effectsOf[one.end]?.must ?? []).map((what) => worded(what, one))),
  ...refunds.filter(({ end }) => end !== 'refused').map(({ of, amountFen }) => `a refund of ${amountFen} fen of ${of}`),
];

/** What the bills say of payments of the app: debited, written off, given back, each once. Leases come and go as the timing has it. */
export const checkWriteOffs = (evidence: Evidence, planned: readonly PlannedBill[], cases: ReadonlyMap<string, PaymentCase>): Finding[] => {
  const nameOf = namesOf(evidence, cases);
  const accepted = acceptedPayments(evidence.journal);
  const facts = Map.groupBy(firstAppearances(evidence.topics.bills), ({ key }) => key);
  const bills = new Map(evidence.bills.map((bill) => [bill._id, bill]));
  return planned.flatMap(({ plan, billId = '' }): Finding[] => {
    const { expected, billNo, partnerId, ending } = plan;
    const name = `bill ${billNo} of ${partnerId} (${ending})`;
    const ended = (expected.app ?? []).map((one): Ended => {
      const [paymentId = ''] = accepted.get(one.key) ?? [];
      return { expected: one, end: endOf(one, cases.get(paymentId)?.document) };
    });
    const own = facts.get(billId) ?? [];
    const may = ended.flatMap((one) => (effectsOf[one.end]?.may ?? []).map((what) => worded(what, one)));
    const said = [...own.flatMap((fact) => effectOf(fact, nameOf) ?? []), ...reversalsOf(own, nameOf)];
    // What may be said once is not expected, and is not said twice.
    const found = said.filter((effect, index) => !may.includes(effect) || said.indexOf(effect) !== index);
    const standing = bills.get(billId)?.state.writtenOff;
    const isWrittenOff =
      standing !== undefined && ended.some(({ expected: one, end }) => end === 'settled' && one.key === nameOf(standing.paymentId));
    const wrong =
      isWrittenOff === (expected.writtenOff ?? false) ? [] : [{ problem: `${name} ${isWrittenOff ? 'is' : 'should be'} written off` }];
    return [...compareEffects(name, expectedEffects(expected, ended), found), ...wrong];
  });
};
