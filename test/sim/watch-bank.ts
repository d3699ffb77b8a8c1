import type { Bill } from '../../services/campus/src/bill-state.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import type { Booking } from './bank.ts';
import { durations, skewMsMax } from './rules.ts';
import type { Scenery } from './run.ts';
import type { Word } from './watch.ts';

/** The fact comes to its topic a little later than it was decided, and no two clocks agree. */
const lateness = 500 + 2 * skewMsMax;

const sum = (bookings: readonly Booking[]): number => bookings.reduce((total, { amountFen }) => total + amountFen, 0);

/** Looks at every movement of money at the moment when the bank books it. */
export const createWatchBank = ({ world, cluster, bank }: Omit<Scenery, 'told'>, words: () => readonly Word[]) => {
  const stateOf = <State>(service: string, table: string, id: string): State | undefined =>
    cluster.databases[service]!.majority(table).get(id)?.state as State | undefined;

  const applied = (paymentId: string, side: Booking['side']): Booking[] =>
    [...bank.books.values()].filter((one) => one.paymentId === paymentId && one.side === side && one.status === 'applied');

  const debited = ({ key, paymentId, amountFen }: Booking): void => {
    const debits = applied(paymentId, 'debit');
    if (debits.length > 1) world.violate('a payment is debited once', `${paymentId} under ${debits.map((one) => one.key).join(' and ')}`);
    const payment = stateOf<Payment>('payments', 'payments', paymentId);
    if (payment?.request?.amountFen !== amountFen) {
      world.violate('what is debited was requested', `${key} of ${amountFen}`);
      return;
    }
    // What people had ended by hand may come through late; it goes back.
    if (payment.resolutions.length > 0) return;
    const holding = stateOf<Bill>('campus', 'bills', payment.request.about.payableId)?.holding;
    if (holding?.leaseId !== paymentId || holding.phase !== 'leased')
      world.violate(
        'only who holds the bill is debited',
        `${paymentId} while ${holding?.leaseId ?? 'nobody'} holds it (${holding?.phase ?? '-'})`,
      );
  };

  const inOf = (paymentId: string): number => {
    const received = stateOf<Payment>('payments', 'payments', paymentId)?.received;
    return received ? received.amountFen : sum(applied(paymentId, 'debit'));
  };

  const credited = ({ key, paymentId, atMs }: Booking): void => {
    const [back, taken] = [sum(applied(paymentId, 'credit')), inOf(paymentId)];
    if (back > taken) world.violate('no more goes back than was taken', `${paymentId}: ${back} of ${taken}`);
    if (!key.endsWith(':reversal')) return;
    const told = words().find(({ type, data }) => type.endsWith('.payment.reversing.v1') && data.paymentId === paymentId);
    const graceMs = told ? atMs - told.atMs : 0;
    if (graceMs < durations.reversalGraceMs - lateness) world.violate('a reversal is told before', `${paymentId}: ${graceMs} ms`);
  };

  return (booking: Booking): void => (booking.side === 'debit' ? debited(booking) : credited(booking));
};
