import { billIds, paymentIds } from '../../../packages/contracts/src/index.ts';
import type { Bill } from '../../../services/campus/src/bill-state.ts';
import type { Request } from '../../../services/payments/src/payment-state.ts';
import type { AppPayment, AppStep } from '../../../services/sandbox/src/app-steps.ts';
import type { AppPlan as Plan } from '../../../services/sandbox/src/plan.ts';
import type { RawMovement } from '../evidence.ts';
import { publicStatusOf } from '../payment-cases.ts';
import type { Services } from './in-memory-services.ts';
import { accountOf, customerOf } from './in-memory-world.ts';

type Note = (line: object) => void;

const idOf = ({ user, key }: AppPayment) => paymentIds.of('app', customerOf(user), key);

/** Does what the app, and a cashier, does about a bill; answers false where it has to wait for something. */
export const createPlayApp = ({ campus, payments, bills, movements, world }: Services, note: Note) => {
  let sends = 0;

  const requestOf = ({ user, account, amountFen, items, stepUp }: AppPayment, { partnerId }: Plan, payableId: string): Request => ({
    customerId: customerOf(user),
    about: { scene: 'campus', partnerId, payableId },
    amountFen,
    ...(items && { items }),
    payFrom: accountOf(user, account),
    stepUp,
  });
  const pay = async (payment: AppPayment, plan: Plan, payableId: string): Promise<void> => {
    const { key, user, amountFen } = payment;
    const { billNo, partnerId } = plan;
    const request = requestOf(payment, plan, payableId);
    const { customerId, payFrom } = request;
    sends += 1;
    const send = sends;
    note({ kind: 'command', command: 'pay', key, billNo, partnerId, customerId, amountFen, payFrom, send });
    await world.bank.welcome(customerOf(user));
    const id = `app|${customerId}|payments|${key}`;
    await movements.send({ aggregateId: idOf(payment), id, command: { type: 'Request', request }, body: request });
    note({ kind: 'outcome', key, send, status: 202, paymentId: idOf(payment) });
  };

  return async (step: AppStep, plan: Plan): Promise<boolean> => {
    const billId = billIds.of(plan.partnerId, plan.billNo);
    const bill = campus.document('bills', billId)?.state as Bill | undefined;
    switch (step.does) {
      case 'link':
      case 'link wrongly':
        return true;
      case 'wait for the bill':
        return bill?.status === step.status;
      case 'wait for a payment': {
        const document = payments.document('payments', idOf(step.payment)) as RawMovement | undefined;
        return document !== undefined && publicStatusOf(document) === step.status;
      }
      case 'pay': {
        if (bill?.status !== step.whileBill || bill.revision < step.revision) return false;
        const all = step.payments.flatMap((payment) => new Array<AppPayment>(step.copies).fill(payment));
        await Promise.all(all.map((payment) => pay(payment, plan, billId)));
        return true;
      }
      case 'ask': {
        if (!bill?.terms) return false;
        const { leaseId, webhookId, type } = step;
        const lease = { type: 'LeaseByCashier', leaseId, billNo: plan.billNo } as const;
        const command = type === 'campus.bill.lease' ? lease : ({ type: 'ReleaseByCashier', leaseId } as const);
        await bills.send({ aggregateId: billId, id: `question|${plan.partnerId}|${webhookId}`, command, body: command });
        return true;
      }
      default:
        return step satisfies never;
    }
  };
};
