import { type BillStatus, leaseIds } from '@scenefi/contracts';
import type { AnyStep, AppPayment, AppStep } from './app-steps.ts';
import { type Expected, type ExpectedAppPayment, type ExpectedRefund, endsAs } from './expected.ts';
import type { OnSilence } from './partners.ts';
import { ownWebhookId } from './schools/react.ts';
import type { scripts } from './schools/scripts.ts';
import type { SeededRandom } from './seeded-random.ts';
import { inOrder, type PlanNumbers, type PlannedNotice, type Told, tellBill } from './told-bill.ts';

type Wanted = { user?: string; stepUp?: boolean; account?: string; revision?: number };

/** A student number that no other bill has, so that nobody else's name stands behind it. */
const studentNoOf = ({ run, index }: Pick<PlanNumbers, 'run' | 'index'>): string => `S${run}${String(index).padStart(6, '0')}`;

/** A bill as the school tells it, and what can be done about it in the app and at a cash desk. */
export const tellAppBill = (random: SeededRandom, numbers: PlanNumbers) => {
  const bill = tellBill(random, { ...numbers, studentNo: studentNoOf(numbers) });
  const { partnerId, billNo } = bill;
  const payer = `${billNo}-payer`;
  let paid = 0;
  let linked = 0;
  let asked = 0;

  const link = (does: 'link' | 'link wrongly', user: string, holderName: string): AppStep => {
    linked += 1;
    return { does, user, key: `${billNo}-L${linked}`, studentNo: bill.holder().studentNo, holderName };
  };
  const linkedBy = (user = payer): AppStep => link('link', user, bill.holder().holderName);
  const question = (type: 'campus.bill.lease' | 'campus.bill.release', leaseId?: string) => {
    asked += 1;
    const webhookId = `${billNo}-Q${asked}`;
    // A lease is named after its question, so that a question that is asked again gets the same one.
    return { does: 'ask', webhookId, type, leaseId: leaseId ?? leaseIds.of(partnerId, webhookId) } as const;
  };

  return {
    ...bill,

    linkedBy,
    linkedWronglyBy: (user: string): AppStep => link('link wrongly', user, `${bill.holder().holderName}甲`),
    /** The bill is issued and linked, in either order: a link may wait for its first bill. */
    begun: (...more: PlannedNotice[]): AnyStep[] => {
      const told = inOrder(bill.issued(), ...more);
      return random.happens(0.5) ? [told, linkedBy()] : [linkedBy(), told];
    },
    /** Exactly what the bill asks for, from an account that works, unless the ending says otherwise. */
    appPayment: ({ user = payer, stepUp = false, account = '0001', revision }: Wanted = {}): AppPayment => {
      const { amountFen, items } = bill.payment(revision === undefined ? {} : { revision });
      paid += 1;
      const payment = { key: `${billNo}-K${paid}`, user, stepUp, account, amountFen };
      return items ? { ...payment, items } : payment;
    },
    leased: () => question('campus.bill.lease'),
    released: (leaseId: string) => question('campus.bill.release', leaseId),
    untilBill: (status: BillStatus, user = payer): AppStep => ({ does: 'wait for the bill', user, status }),
    /** The nth notice that the school sends of its own accord once it is told of money. */
    ofSchool: (nth: number): Pick<PlannedNotice, 'noticeId'> => ({ noticeId: `${partnerId}:${ownWebhookId(partnerId, billNo, nth)}` }),
  };
};

export type ToldAppBill = ReturnType<typeof tellAppBill>;

export const pays = (...payments: AppPayment[]): AppStep => ({ does: 'pay', payments, copies: 1, whileBill: 'issued', revision: 0 });

export const until = (payment: AppPayment, status: string): AppStep => ({ does: 'wait for a payment', payment, status });

export const paysAs = (
  { key, amountFen }: AppPayment,
  status: ExpectedAppPayment['status'],
  more: Partial<ExpectedAppPayment> = {},
): ExpectedAppPayment => ({ key, amountFen, status, ...more });

/** Paid once, as soon as the bill is seen. */
export const paidOnce = (bill: ToldAppBill, payment: AppPayment, expected: Expected): Told<AnyStep> => ({
  steps: [...bill.begun(), pays(payment)],
  expected,
});

export const endsWrittenOff = (app: ExpectedAppPayment[], more: Partial<Expected> = {}): Expected =>
  endsAs('written-off', { app, writtenOff: true, ...more });

export const refundOf = ({ key }: AppPayment, amountFen: number, end: ExpectedRefund['end'], code?: string): ExpectedRefund => ({
  of: key,
  amountFen,
  end,
  ...(code !== undefined && { code }),
});

/**
 * How one bill goes that the app plays a part in. `word` is how the school behaves; `wants` is what its contract must say of
 * silence: where it says `queue`, a slow machine makes a write-off late and nothing else.
 */
export type AppEnding = {
  word?: keyof typeof scripts;
  wants?: OnSilence;
  tell: (bill: ToldAppBill) => Told<AnyStep>;
};
