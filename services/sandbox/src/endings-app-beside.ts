import { endsAs, refusal, taken } from './expected.ts';
import { type AppEnding, endsWrittenOff, pays, paysAs, until } from './told-app-bill.ts';
import { inOrder } from './told-bill.ts';

const inPayment = 'CAMPUS_IN_PAYMENT';

/** Bills that a payment of the app is under way for, or done, while the school or a cashier does something too. */
export const appBesideEndings = {
  'app-paid-elsewhere-when-debited': {
    word: 'never',
    wants: 'queue',
    tell: (bill) => {
      const [payment, elsewhere] = [bill.appPayment(), bill.payment()];
      return {
        steps: [...bill.begun(), pays(payment), bill.untilBill('debited'), inOrder(bill.paid(elsewhere))],
        expected: endsAs('paid-elsewhere', { payments: [taken(elsewhere)], app: [paysAs(payment, 'reversed')] }),
      };
    },
  },

  'app-paid-elsewhere-when-written-off': {
    wants: 'queue',
    tell: (bill) => {
      const [payment, elsewhere] = [bill.appPayment(), bill.payment()];
      return {
        steps: [...bill.begun(), pays(payment), until(payment, 'settled'), inOrder(bill.paid(elsewhere))],
        expected: endsAs('overpaid', {
          payments: [taken(elsewhere, 'overpaid')],
          app: [paysAs(payment, 'settled')],
          writtenOff: true,
        }),
      };
    },
  },

  'app-amended-when-debited': {
    word: 'never',
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      const amended = bill.amended(1);
      return {
        steps: [...bill.begun(), pays(payment), bill.untilBill('debited'), inOrder(amended)],
        expected: endsAs('debited', {
          app: [paysAs(payment, 'debited', { queue: 'write-off-overdue' })],
          deadLetters: [refusal(amended, inPayment)],
        }),
      };
    },
  },

  'app-closed-when-written-off': {
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      const closed = bill.closed();
      return {
        steps: [...bill.begun(), pays(payment), until(payment, 'settled'), inOrder(closed)],
        expected: endsWrittenOff([paysAs(payment, 'settled')], { deadLetters: [refusal(closed, 'CAMPUS_USE_REFUND')] }),
      };
    },
  },

  'cashier-leases-and-releases': {
    wants: 'queue',
    tell: (bill) => {
      const [first, second] = [bill.appPayment(), bill.appPayment()];
      const lease = bill.leased();
      return {
        steps: [
          ...bill.begun(),
          bill.untilBill('issued'),
          lease,
          { ...pays(first), whileBill: 'leased' },
          until(first, 'refused'),
          bill.released(lease.leaseId),
          pays(second),
        ],
        expected: endsWrittenOff([paysAs(first, 'refused', { code: inPayment }), paysAs(second, 'settled')]),
      };
    },
  },

  'cashier-leases-and-forgets': {
    wants: 'queue',
    tell: (bill) => {
      const payment = bill.appPayment();
      return {
        steps: [...bill.begun(), bill.untilBill('issued'), bill.leased(), bill.untilBill('leased'), pays(payment)],
        expected: endsWrittenOff([paysAs(payment, 'settled')]),
      };
    },
  },

  'cashier-leases-and-takes-the-money': {
    tell: (bill) => {
      const elsewhere = bill.payment();
      const lease = bill.leased();
      const paid = bill.paid({ ...elsewhere, leaseId: lease.leaseId });
      return {
        steps: [...bill.begun(), bill.untilBill('issued'), lease, inOrder(paid)],
        expected: endsAs('paid-elsewhere', { payments: [taken(elsewhere)] }),
      };
    },
  },
} satisfies Record<string, AppEnding>;
