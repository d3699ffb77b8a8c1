import type { Bill } from '../../services/campus/src/bill-state.ts';
import type { Payment } from '../../services/payments/src/payment-state.ts';
import { billOf, paymentOf } from './course.ts';
import type { Evidence, Told } from './run.ts';

const judgePay = ({ world, cluster }: Evidence, { stimulus, ended }: Told): void => {
  if (stimulus.kind !== 'pay') return;
  const { customerId, key, amountFen, otherBody, id } = stimulus;
  const document = cluster.databases.payments!.majority('payments').get(paymentOf(customerId, key));
  const payment = document?.state as Payment | undefined;
  const wantedFen = otherBody ? amountFen + 1 : amountFen;
  const isTaken = payment?.request?.amountFen === wantedFen;
  if (!payment?.request) world.violate('what was answered has happened', `${id}: there is no such payment`);
  else if ('code' in ended === isTaken)
    world.violate(
      'what was answered has happened',
      `${id} was answered ${'code' in ended ? ended.code : 'done'}, the payment is of ${payment.request.amountFen}`,
    );
};

const judgeCashier = ({ world, cluster }: Evidence, { stimulus, ended }: Told): void => {
  if (stimulus.kind !== 'cashier' || 'code' in ended) return;
  const bill = cluster.databases.campus!.majority('bills').get(billOf(stimulus))?.state as Bill;
  const leaseId = `lea_${stimulus.requestId}`;
  if (!bill.past.some((past) => past.leaseId === leaseId))
    world.violate('what was answered has happened', `${stimulus.id}: there was no lease`);
};

/** Whoever was told that something happened finds that it did, and whoever was refused finds that it did not. */
export const judgeCalls = (evidence: Evidence): void => {
  for (const told of evidence.told) {
    judgePay(evidence, told);
    judgeCashier(evidence, told);
  }
};
