import type { EntryDocument } from '../../services/ledger/src/store.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import { bookingsOf, sumOf } from './end-money.ts';
import { documentsOf } from './rest.ts';
import type { Evidence } from './run.ts';

type Balance = { _id: string; account: string; debitFen: number; creditFen: number };
type Sums = Map<string, number>;

const add = (sums: Sums, account: string, fen: number): void => void sums.set(account, (sums.get(account) ?? 0) + fen);

/** What a payment must have left on the accounts, told from the bank's books and from how the payment ended. */
const expectedOf = (evidence: Evidence, paymentId: string, payment: Payment): Sums => {
  const { request, received, refunds, status, reversal } = payment;
  const { debits, credited, givenBack } = bookingsOf(evidence, paymentId);
  const partnerId = (request ?? received)?.about.partnerId ?? '';
  const customer = `returned:${request?.customerId}`;
  const sums: Sums = new Map();
  const byHand = refunds.filter(({ status: end }) => end === 'recredited');
  const lying = refunds.filter(({ status: end }) => end === 'returned');
  const backFen = sumOf(givenBack) + sumOf(byHand);
  const left = sumOf(lying);
  if (received) {
    const owner = `${received.allocation}:${partnerId}`;
    const takenFen = status === 'reversed' ? 0 : received.amountFen;
    add(sums, `clearing:${received.channel}`, takenFen - backFen);
    add(sums, owner, -takenFen + backFen + left);
    add(sums, `suspense:${partnerId}`, -left);
    return sums;
  }
  const debitFen = sumOf(debits);
  add(sums, 'clearing:customer', debitFen - sumOf(credited) - backFen);
  if (status === 'settled') add(sums, `payable:${partnerId}`, -debitFen + backFen + left);
  add(sums, customer, -left);
  if (reversal?.end === 'returned') add(sums, customer, -debitFen);
  return sums;
};

const differ = (left: Sums, right: Sums): string | undefined =>
  [...new Set([...left.keys(), ...right.keys()])].find((account) => (left.get(account) ?? 0) !== (right.get(account) ?? 0));

export const judgeLedger = (evidence: Evidence): void => {
  const { world, watched, cluster } = evidence;
  const entries = [...cluster.databases.ledger!.majority('entries').values()] as unknown as EntryDocument[];
  const balances = [...cluster.databases.ledger!.majority('balances').values()] as unknown as Balance[];
  const byAccount: Sums = new Map();
  for (const { account, debitFen, creditFen } of balances) add(byAccount, account, debitFen - creditFen);
  const byLegs: Sums = new Map();
  const byPayment = new Map<string, Sums>();
  for (const { _id, legs, paymentId } of entries) {
    const sum = legs.reduce((total, { amountFen }) => total + amountFen, 0);
    if (sum !== 0) world.violate('the ledger is balanced', `${_id} adds up to ${sum}`);
    const own = byPayment.get(paymentId) ?? new Map<string, number>();
    byPayment.set(paymentId, own);
    for (const { account, amountFen } of legs) {
      add(byLegs, account, amountFen);
      add(own, account, amountFen);
    }
  }
  const off = differ(byAccount, byLegs);
  if (off) world.violate('a balance is the sum of its legs', `${off}: ${byAccount.get(off)}, its legs ${byLegs.get(off)}`);
  const payments = documentsOf<Payment>(evidence, 'payments', 'payments');
  for (const { _id, state } of payments) {
    const [expected, own] = [expectedOf(evidence, _id, state), byPayment.get(_id) ?? new Map<string, number>()];
    const account = differ(expected, own);
    if (account)
      world.violate(
        'the ledger says what the bank did',
        `${_id} ${account}: ${own.get(account) ?? 0}, expected ${expected.get(account) ?? 0}`,
      );
  }
  const published = new Set(watched.words().flatMap(({ topic, id }) => (topic === 'ledger.entry.v1' ? [id.slice(0, -2)] : [])));
  for (const { _id } of entries) if (!published.has(_id)) world.violate('every fact is published', `the entry ${_id}`);
};
