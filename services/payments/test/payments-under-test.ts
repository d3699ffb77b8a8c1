import { billIds, CampusBill, paymentIds } from '@scenefi/contracts';
import type { Start } from '@scenefi/runtime';
import { type RawBus, serviceUnderTest } from '@scenefi/testing/engines';
import { PaymentsConfig } from '../src/config.ts';
import { buildPayments } from '../src/service.ts';

export const school = 'school-a';
export const billTopic = 'campus.bill.v1';

export type Build = Start<PaymentsConfig, Parameters<typeof buildPayments>[0]>['build'];

export const startPayments = (prefix: string, build: Build = buildPayments) =>
  serviceUnderTest({ name: 'payments', schema: PaymentsConfig, build, prefix });

export type Payments = Awaited<ReturnType<typeof startPayments>>;

export const billIdOf = (billNo: string): string => billIds.of(school, billNo);
export const paymentIdOf = (billNo: string, paymentNo = 'P1'): string => paymentIds.of(school, billIdOf(billNo), paymentNo);

/** What campus says about a bill and a payment of it. */
export const takenData = (billNo: string, payment: Record<string, unknown> = {}) => ({
  payableId: billIdOf(billNo),
  scene: 'campus',
  partnerId: school,
  reference: billNo,
  accountId: `acc_${'a'.repeat(26)}`,
  holderHash: 'hash',
  holderMasked: '王*明',
  title: '学费',
  status: 'paid-elsewhere',
  amountFen: 150,
  paidFen: 150,
  dueAt: '2026-09-30T15:59:59.000Z',
  payableAfterDue: false,
  detail: { schoolName: '第一小学', selection: 'fixed', revision: 0, items: [] },
  payment: {
    paymentNo: 'P1',
    channel: 'counter',
    amountFen: 150,
    paidAt: '2026-08-31T00:00:00.000Z',
    fit: 'exact',
    allocation: 'payable',
    ...payment,
  },
});

type Raw = { type?: string; value: string | null; headers?: Record<string, string> };

/** Puts bytes on campus' topic as its fact number `version` about a bill, unless told otherwise. */
export const sendRaw = (bus: RawBus, billNo: string, version: number, { type = 'paid-elsewhere', value, headers }: Raw): Promise<void> => {
  const key = billIdOf(billNo);
  const envelope = {
    ce_specversion: '1.0',
    ce_id: `${key}:${version}`,
    ce_source: '/scenefi/campus',
    ce_type: `cn.scenefi.campus.bill.${type}.v1`,
    ce_time: '2026-09-01T00:00:00.000Z',
    ce_subject: key,
    ce_correlationid: `notice-${billNo}`,
    'content-type': 'application/json',
  };
  return bus.send(billTopic, { key, value, headers: headers ?? envelope });
};

export const sayPaid = (bus: RawBus, billNo: string, version: number, payment: Record<string, unknown> = {}): Promise<void> =>
  sendRaw(bus, billNo, version, { value: JSON.stringify(CampusBill.paidElsewhere.write(takenData(billNo, payment))) });

export const sayVoided = (bus: RawBus, billNo: string, version: number, payment: Record<string, unknown> = {}): Promise<void> => {
  const data = CampusBill.paidElsewhereVoided.write({ ...takenData(billNo, payment), reason: 'typo' });
  return sendRaw(bus, billNo, version, { type: 'paid-elsewhere-voided', value: JSON.stringify(data) });
};
