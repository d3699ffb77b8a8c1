import type { BillStatus, ChosenItem } from '@scenefi/contracts';
import type { Step } from './told-bill.ts';

/** A payment in the app, by one user, from that account of his whose last four digits are given. */
export type AppPayment = { key: string; user: string; stepUp: boolean; account: string; amountFen: number; items?: ChosenItem[] };

type Link = { does: 'link' | 'link wrongly'; user: string; key: string; studentNo: string; holderName: string };

/** All at once, each so many times, once everybody sees the bill in this status and at least at this revision. */
type Pay = { does: 'pay'; payments: AppPayment[]; copies: number; whileBill: BillStatus; revision: number };

type UntilBill = { does: 'wait for the bill'; user: string; status: BillStatus };

type UntilPayment = { does: 'wait for a payment'; payment: AppPayment; status: string };

/** A cashier's question; `leaseId` is the lease that it must be about. */
type AskSchool = { does: 'ask'; webhookId: string; type: 'campus.bill.lease' | 'campus.bill.release'; leaseId: string };

/** What somebody beside the school's notices does, and what is waited for. */
export type AppStep = Link | Pay | UntilBill | UntilPayment | AskSchool;
export type AnyStep = Step | AppStep;

export const isAppStep = (step: AnyStep): step is AppStep => 'does' in step;

/** The steps of a plan that are webhooks. */
export const webhookSteps = (steps: readonly AnyStep[]): Step[] => steps.filter((step): step is Step => !isAppStep(step));
