import type { PlannedBill } from './check-bills.ts';
import { type NameOf, namesOf, neverAtBank } from './check-write-offs.ts';
import type { Evidence, Expected, ExpectedRefund } from './evidence.ts';
import { type Fact, firstAppearances, verbOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';
import { type PaymentCase, refundOf } from './payment-cases.ts';

type RefusedByScene = { paymentId: string; refundFen: number; code: string };

const wordsOf = (name: string, amountFen: number, end: string, code?: string): string =>
  `the refund of ${amountFen} fen of ${name} ${end}${code ? ` with ${code}` : ''}`;

const endings: Readonly<Record<string, string>> = { refunded: 'completed', 'refund-returned': 'returned', 'refund-refused': 'refused' };

const endedAt = (fact: Fact, nameOf: NameOf): string[] => {
  const end = endings[verbOf(fact)];
  if (!end) return [];
  const { paymentId, refund, code } = refundOf(fact);
  return [wordsOf(nameOf(paymentId), refund.amountFen, end, code)];
};

/** A scene refuses by itself what payments need not be asked. */
const refusedByScene = (fact: Fact, nameOf: NameOf): string[] => {
  if (verbOf(fact) !== 'refund-refused') return [];
  const { paymentId, refundFen, code } = fact.data as RefusedByScene;
  return [wordsOf(nameOf(paymentId), refundFen, 'refused', code)];
};

const plannedName = ({ of }: ExpectedRefund, { payments }: Expected): string =>
  payments.some(({ paymentNo, atBank }) => paymentNo === of && !atBank) ? neverAtBank : of;

/** A refund that went to another account after its own refused it was returned first. */
const documentEnds: Readonly<Record<string, string>> = { completed: 'completed', returned: 'returned', recredited: 'returned' };

/** Every refund that a school asked for ended once and as planned, by what was told and in the documents of both services. */
export const checkRefunds = (evidence: Evidence, planned: readonly PlannedBill[], cases: ReadonlyMap<string, PaymentCase>): Finding[] => {
  const nameOf = namesOf(evidence, cases);
  const byBill = Map.groupBy(cases.values(), ({ about }) => about?.payableId);
  const billFacts = Map.groupBy(firstAppearances(evidence.topics.bills), ({ key }) => key);
  const bills = new Map(evidence.bills.map((bill) => [bill._id, bill]));
  return planned.flatMap(({ plan, billId = '' }): Finding[] => {
    const { expected, billNo, partnerId, ending } = plan;
    const { refunds = [] } = expected;
    const own = byBill.get(billId) ?? [];
    const wanted = refunds.map((refund) => wordsOf(plannedName(refund, expected), refund.amountFen, refund.end, refund.code));
    const said = [
      ...own.flatMap(({ facts }) => facts.flatMap((fact) => endedAt(fact, nameOf))),
      ...(billFacts.get(billId) ?? []).flatMap((fact) => refusedByScene(fact, nameOf)),
    ];
    const given = refunds.filter(({ end }) => end !== 'refused');
    const kept = own.flatMap(({ paymentId, document }) =>
      (document?.state.refunds ?? [])
        .filter(({ status }) => status !== 'refused')
        .map(({ amountFen, status }) => wordsOf(nameOf(paymentId), amountFen, documentEnds[status] ?? status)),
    );
    const done = (bills.get(billId)?.state.refunds ?? []).filter((refund) => refund.done);
    const name = `refunds of bill ${billNo} of ${partnerId} (${ending})`;
    // What is missing or doubled is counted by the facts; the documents must say the same.
    const documents = [
      ...compareEffects(
        `${name}, in the database`,
        given.map(({ of, amountFen, end }) => wordsOf(of, amountFen, end)),
        kept,
      ),
      ...compareEffects(
        `${name}, at the bill`,
        given.map(({ of, amountFen }) => wordsOf(of, amountFen, 'given')),
        done.map(({ paymentId, amountFen }) => wordsOf(nameOf(paymentId), amountFen, 'given')),
      ),
    ];
    return [...compareEffects(name, wanted, said), ...documents.map(({ problem }) => ({ problem }))];
  });
};
