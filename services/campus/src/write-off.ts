import { addMs, type Instant } from '@scenefi/kernel';
import type { Bill, Holding, MoneyFact, Of } from './bill-state.ts';
import { campusErrors } from './errors.ts';
import { isPaid } from './lifecycle.ts';

/** How often a school is asked to write a payment off, how long it may stay silent, and what its contract says of silence. */
export type WriteOffRules = { writeOffAskMs: number; writeOffDeadlineMs: number; onSilence: (partnerId: string) => 'reverse' | 'queue' };

const dayMs = 24 * 60 * 60 * 1000;

/** The payment while it holds the bill. */
const holdingOf = ({ holding }: Bill, paymentId: string): Holding | undefined => (holding?.leaseId === paymentId ? holding : undefined);

const pastOf = ({ past }: Bill, paymentId: string) => past.find(({ leaseId }) => leaseId === paymentId);

/** The amount of a payment that was debited and is not paid by the bill any more; undefined for any other. */
const givenBackFen = (bill: Bill, paymentId: string): number | undefined => {
  const past = pastOf(bill, paymentId);
  return past && past.end !== 'unpaid' ? past.amountFen : undefined;
};

/** Money that was debited for a bill that the payment does not hold goes back, whatever became of its lease. */
export const debited = ({ paymentId, amountFen }: Of<'Debited'>, bill: Bill, at: Instant, rules: WriteOffRules): MoneyFact[] => {
  if (!bill.terms) throw campusErrors.BILL_NOT_FOUND({ paymentId });
  const holding = holdingOf(bill, paymentId);
  if (holding?.phase === 'leased') {
    const { writeOffAskMs, writeOffDeadlineMs } = rules;
    const [askAt, until] = [addMs(at, writeOffAskMs), addMs(at, writeOffDeadlineMs)];
    return [{ type: 'bill.write-off-awaited', paymentId, amountFen, asked: 0, askAt, until }];
  }
  if (holding || bill.writtenOff?.paymentId === paymentId || givenBackFen(bill, paymentId) !== undefined) return [];
  return [{ type: 'bill.reversal-requested', paymentId, amountFen, reason: 'lease-lost' }];
};

/** A payment that was debited and is needed no longer goes back, once; a write-off that came early was applied before. */
export const reversalDue = (bill: Bill): MoneyFact[] => {
  const { holding, base } = bill;
  if (holding?.phase !== 'debited' || holding.told === 'reversal') return [];
  if (base !== 'closed' && !isPaid(bill)) return [];
  const { leaseId: paymentId, amountFen } = holding;
  return [{ type: 'bill.reversal-requested', paymentId, amountFen, reason: base === 'closed' ? 'closed' : 'paid-elsewhere' }];
};

const checkAmount = (paymentId: string, amountFen: number, paymentFen: number): void => {
  if (amountFen !== paymentFen) throw campusErrors.AMOUNT_DIFFERS({ paymentId, amountFen, paymentFen });
};

/** While the money is on its way back the write-off is a claim, and payments decides; after that people have to. */
export const writeOff = ({ writeOff: heard }: Of<'WriteOff'>, bill: Bill): MoneyFact[] | 'too-early' => {
  const { paymentId, amountFen } = heard;
  const holding = holdingOf(bill, paymentId);
  const paymentFen = bill.writtenOff?.paymentId === paymentId ? bill.writtenOff.amountFen : holding?.amountFen;
  const knownFen = paymentFen ?? givenBackFen(bill, paymentId);
  if (knownFen === undefined) throw campusErrors.UNKNOWN_PAYMENT({ paymentId });
  checkAmount(paymentId, amountFen, knownFen);
  switch (holding?.phase) {
    case 'leased':
      return 'too-early';
    case 'debited':
      return [{ type: 'bill.written-off', ...heard }];
    case 'reversing':
      return holding.claimed ? [] : [{ type: 'bill.write-off-claimed', ...heard }];
    default:
      return paymentFen === undefined ? dispute(bill, paymentId, amountFen) : [];
  }
};

const dispute = (bill: Bill, paymentId: string, amountFen: number): MoneyFact[] =>
  bill.disputed.includes(paymentId) ? [] : [{ type: 'bill.disputed', paymentId, amountFen }];

export const rejectWriteOff = ({ paymentId, reason }: Of<'RejectWriteOff'>, bill: Bill): MoneyFact[] | 'too-early' => {
  if (bill.writtenOff?.paymentId === paymentId) throw campusErrors.USE_REFUND({ paymentId });
  const holding = holdingOf(bill, paymentId);
  if (!holding && !pastOf(bill, paymentId)) throw campusErrors.UNKNOWN_PAYMENT({ paymentId });
  if (holding?.phase === 'leased') return 'too-early';
  if (holding?.phase !== 'debited') return [];
  return [{ type: 'bill.write-off-rejected', paymentId, amountFen: holding.amountFen, reason }];
};

export const reversing = ({ paymentId }: Of<'Reversing'>, bill: Bill): MoneyFact[] => {
  const holding = holdingOf(bill, paymentId);
  return holding?.phase === 'debited' ? [{ type: 'bill.reversal-begun', paymentId, amountFen: holding.amountFen }] : [];
};

/** A write-off that was claimed on the way has lost against the credit. */
export const reversed = ({ paymentId }: Of<'Reversed'>, bill: Bill): MoneyFact[] => {
  const holding = holdingOf(bill, paymentId);
  if (!holding || holding.phase === 'leased') return [];
  const { amountFen, claimed } = holding;
  return [{ type: 'bill.reversed', paymentId, amountFen }, ...(claimed ? dispute(bill, paymentId, amountFen) : [])];
};

/** Payments decided for the partner: by a claim that came before the credit, or by people where the school stayed silent. */
export const settled = ({ paymentId }: Of<'Settled'>, bill: Bill, at: Instant): MoneyFact[] => {
  const holding = holdingOf(bill, paymentId);
  if (!holding || holding.phase === 'leased') return [];
  const { amountFen, claimed = { paymentId, amountFen, writtenOffAt: at } } = holding;
  return [{ type: 'bill.written-off', ...claimed }];
};

export const disputed = ({ paymentId }: Of<'Disputed'>, bill: Bill): MoneyFact[] => {
  const holding = holdingOf(bill, paymentId);
  const heldFen = holding?.phase === 'leased' ? undefined : holding?.amountFen;
  const writtenOffFen = bill.writtenOff?.paymentId === paymentId ? bill.writtenOff.amountFen : undefined;
  const amountFen = heldFen ?? writtenOffFen ?? givenBackFen(bill, paymentId);
  return amountFen === undefined ? [] : dispute(bill, paymentId, amountFen);
};

/** The school stayed silent for its whole time: its contract says whether the money goes back or people decide. */
export const endSilence = (bill: Bill, at: Instant, { onSilence }: WriteOffRules): MoneyFact[] => {
  const { holding, terms } = bill;
  if (holding?.phase !== 'debited' || holding.told || holding.until > at || !terms) return [];
  const { leaseId: paymentId, amountFen } = holding;
  if (onSilence(terms.partnerId) === 'queue') return [{ type: 'bill.write-off-overdue', paymentId, amountFen, askAt: addMs(at, dayMs) }];
  return [{ type: 'bill.reversal-requested', paymentId, amountFen, reason: 'write-off-silent' }];
};

/** Asks the school once more; after its whole time only once a day. */
export const askWriteOff = ({ holding }: Bill, at: Instant, { writeOffAskMs }: WriteOffRules): MoneyFact[] => {
  if (holding?.phase !== 'debited' || holding.told === 'reversal' || !holding.askAt || holding.askAt > at) return [];
  const { leaseId: paymentId, amountFen, until, told, asked } = holding;
  const askAt = addMs(at, told === 'overdue' ? dayMs : writeOffAskMs);
  return [{ type: 'bill.write-off-awaited', paymentId, amountFen, asked: asked + 1, askAt, until }];
};
