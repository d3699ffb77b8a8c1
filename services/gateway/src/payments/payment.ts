import { About, ChosenItem } from '@scenefi/contracts';
import { Instant, shanghaiTime } from '@scenefi/kernel';
import { z } from 'zod';
import { Held, LocalTime } from '../conventions.ts';
import type { PaymentView } from '../store.ts';

/** A payment as the app sees it. */
export const Payment = z
  .object({
    paymentId: z.string(),
    billId: z.string(),
    scene: z.string(),
    partnerId: z.string(),
    status: z.string().describe('requested until it is known whether the account was debited; debited, settled, refused, failed …'),
    code: z.string().optional().describe('why it was refused or failed'),
    held: Held.optional().describe('who else was paying the bill'),
    amountFen: z.int(),
    reversedFen: z.int(),
    refundedFen: z.int().optional(),
    payFromMasked: z.string().optional().describe('**** 0001'),
    items: z.array(ChosenItem).optional(),
    requestedAt: LocalTime.optional(),
  })
  .meta({ id: 'Payment' });
export type Payment = z.output<typeof Payment>;

/** What payments answers: the picture of its facts, and why it ended. */
export const AskedPayment = z.object({
  paymentId: z.string(),
  about: About,
  status: z.string(),
  customerId: z.string().optional(),
  amountFen: z.int(),
  reversedFen: z.int(),
  refundedFen: z.int().optional(),
  payFromMasked: z.string().optional(),
  items: z.array(ChosenItem).optional(),
  requestedAt: Instant.optional(),
  code: z.string().optional(),
  held: z.object({ holder: z.string(), until: Instant }).optional(),
});
export type AskedPayment = z.output<typeof AskedPayment>;

const endings = ['refused', 'failed'];

/** The same from a view, whose history knows why it ended. */
export const askedOf = ({ picture, history }: PaymentView): AskedPayment => {
  const ending = endings.includes(picture.status) ? history.findLast(({ fact }) => fact === picture.status) : undefined;
  return { ...picture, ...(ending?.code && { code: ending.code }), ...(ending?.held && { held: ending.held }) };
};

/** Whether the customer knows now what became of his money; everything later is told as a message. */
export const isDecided = ({ status }: { status: string }): boolean => status !== 'requested';

export const paymentOf = ({ about, held, requestedAt, ...payment }: AskedPayment): Payment => ({
  ...payment,
  billId: about.payableId,
  scene: about.scene,
  partnerId: about.partnerId,
  ...(held && { held: { ...held, until: shanghaiTime(held.until) } }),
  ...(requestedAt && { requestedAt: shanghaiTime(requestedAt) }),
});
