import type { PlannedBill } from './check-bills.ts';
import type { Evidence, ExpectedPayment, RawAbout, RawMovement, RawPayment } from './evidence.ts';
import { type Fact, firstAppearances, verbOf } from './facts.ts';
import { compareEffects, type Finding } from './findings.ts';
import { saying } from './payment-cases.ts';

type PaymentData = { about: RawAbout; reference: string; channel: string; allocation: string; amountFen: number; status: string };

const dataOf = ({ data }: Fact): PaymentData => data as PaymentData;

const wordsOf = (verb: string, payment: Pick<RawPayment, 'paymentNo' | 'amountFen' | 'channel' | 'allocation'>): string =>
  `payment ${payment.paymentNo} of ${payment.amountFen} fen by ${payment.channel} (${payment.allocation}) ${verb}`;

const effectOf = (fact: Fact): string => {
  const { reference, ...payment } = dataOf(fact);
  return wordsOf(verbOf(fact), { ...payment, paymentNo: reference });
};

const expectedEffects = (payments: readonly ExpectedPayment[]): string[] =>
  payments.flatMap((payment) => [wordsOf('recorded', payment), ...(payment.status === 'reversed' ? [wordsOf('reversed', payment)] : [])]);

/** Of money from elsewhere, as the partner told it; what the bank did with it is told of no channel of the app. */
const isElsewhere = (fact: Fact): boolean =>
  ['recorded', 'reversed'].includes(verbOf(fact)) && !['app', 'mandate'].includes(dataOf(fact).channel);

/** People may let the partner have what lay in suspense; a void tells it so, and what the bill said of it stays as it was. */
const asBilled = (fact: Fact, recorded: ReadonlyMap<string, Fact>): Fact => {
  const first = recorded.get(fact.key);
  return first ? { ...fact, data: { ...fact.data, allocation: dataOf(first).allocation } } : fact;
};

const elsewhere = ({ topics }: Evidence): Fact[] => {
  const facts = firstAppearances(topics.payments).filter(isElsewhere);
  const allocated = new Set(saying(firstAppearances(topics.payments), 'allocated').map(({ key }) => key));
  const recorded = new Map(saying(facts, 'recorded').flatMap((fact) => (allocated.has(fact.key) ? [[fact.key, fact]] : [])));
  return facts.map((fact) => asBilled(fact, recorded));
};

const queueWords = (queue: readonly string[]): string => ` in ${queue.join(', ') || 'no queue'}`;

const documentWords = ({ state: { status, received, queue = [] } }: RawMovement): string =>
  received
    ? wordsOf(status, { ...received, paymentNo: received.reference }) + queueWords(queue.map(({ name }) => name))
    : `a payment ${status}`;

/** Money of planned bills that reached the bank was recorded once, and reversed where it was taken back. */
export const checkPayments = (evidence: Evidence, planned: readonly PlannedBill[]): Finding[] => {
  const facts = Map.groupBy(elsewhere(evidence), (fact) => dataOf(fact).about?.payableId);
  const received = evidence.payments.filter(({ state }) => state.request === undefined);
  const documents = Map.groupBy(received, ({ state }) => state.received?.about.payableId);
  return planned.flatMap(({ plan, billId }): Finding[] => {
    if (billId === undefined) return [];
    const { partnerId, billNo, ending, expected } = plan;
    const name = `payments of bill ${billNo} of ${partnerId} (${ending})`;
    const atBank = expected.payments.filter((payment) => payment.atBank);
    const wanted = atBank.map((payment) => wordsOf(payment.status, payment) + queueWords(payment.queue ? [payment.queue] : []));
    const found = (documents.get(billId) ?? []).map(documentWords);
    // What is missing or doubled is counted by the facts; the documents must say the same.
    const told = compareEffects(`${name}, in the database`, wanted, found).map(({ problem }) => ({ problem }));
    const strangers = (documents.get(billId) ?? []).filter(({ state }) => state.received?.about.partnerId !== partnerId);
    return [
      ...compareEffects(name, expectedEffects(atBank), (facts.get(billId) ?? []).map(effectOf)),
      ...told,
      ...strangers.map(({ _id }) => ({ problem: `${name}: ${_id} belongs to another partner` })),
    ];
  });
};

const held: readonly string[] = ['counter', 'aggregated-qr'];

type BillPayment = { payableId: string; partnerId: string; payment: RawPayment };

/** For bills of other runs nobody knows the plan; what campus said must still be what payments did. */
export const checkOtherPayments = (evidence: Evidence, ownBillIds: ReadonlySet<string>): Finding[] => {
  const said = firstAppearances(evidence.topics.bills).filter(({ type }) => /paid-elsewhere(-voided)?$/.test(type));
  const wanted = said.flatMap((fact): string[] => {
    const { payableId, payment } = fact.data as BillPayment;
    if (ownBillIds.has(payableId) || !held.includes(payment.channel)) return [];
    return [`${payableId}: ${wordsOf(fact.type.endsWith('voided') ? 'reversed' : 'recorded', payment)}`];
  });
  const done = elsewhere(evidence).filter((fact) => !ownBillIds.has(dataOf(fact).about?.payableId));
  const found = done.map((fact) => `${dataOf(fact).about?.payableId}: ${effectOf(fact)}`);
  return compareEffects('payments of another run', wanted, found).map(({ problem }) => ({ problem }));
};
