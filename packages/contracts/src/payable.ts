import { AmountFen, defineFact, Instant, SumFen, type Vocabulary } from '@scenefi/kernel';
import { z } from 'zod';
import { AccountId, channels, Held, holders, PartnerId, PartnerRef, PaymentId } from './parties.ts';

/** Where the bank puts money that came from elsewhere: owed to the partner, or held in suspense until people have decided. */
export const allocations = ['payable', 'suspense'] as const;

/** What a payment from elsewhere is for its bill. */
export const fits = ['exact', 'amount-differs', 'overpaid'] as const;

/** Why payments is asked about a lease: its time is over, or the payable is gone. */
export const questionReasons = ['expired', 'closed', 'paid-elsewhere'] as const;

/** Why a scene wants a debited payment given back. */
export const reversalReasons = ['write-off-silent', 'closed', 'paid-elsewhere', 'lease-lost'] as const;

/** Why a scene refuses a refund by itself. */
export const refundRefusals = ['not-held-by-bank', 'not-written-off', 'reversed', 'disputed'] as const;

const moneyFromElsewhere = ({ word }: Vocabulary) =>
  z.object({
    paymentNo: PartnerRef,
    channel: word(...channels),
    amountFen: AmountFen,
    paidAt: Instant,
    fit: word(...fits),
    allocation: word(...allocations),
  });

type Definition<Statuses extends readonly string[], Detail extends z.ZodType> = {
  /** `<scene>.<aggregate>`, such as `campus.bill`. */
  name: string;
  statuses: Statuses;
  /** What only this scene says about its payables. */
  detail: (vocabulary: Vocabulary) => Detail;
};

/**
 * The facts that every scene says about what can be paid, in the same words, on the scene's own topic.
 * Each carries the whole public picture, so that a reader who starts late needs no earlier one.
 */
export const definePayable = <const Statuses extends readonly string[], Detail extends z.ZodType>(
  definition: Definition<Statuses, Detail>,
) => {
  const { name, statuses, detail } = definition;
  const topic = `${name}.v1`;

  const picture = (vocabulary: Vocabulary) =>
    z.object({
      payableId: z.string().max(40),
      scene: z.string(),
      partnerId: PartnerId,
      reference: PartnerRef.describe("the partner's number of the payable"),
      accountId: AccountId,
      holderHash: z.string().describe('keyed hash of the holder name, to compare only'),
      holderMasked: z.string().describe('王*明'),
      title: z.string(),
      status: vocabulary.word(...statuses),
      amountFen: AmountFen.describe('what is owed; where items can be chosen, the least that can be paid'),
      paidFen: SumFen.describe('what was paid so far; voided and reversed payments left out'),
      refundedFen: SumFen.exactOptional().describe('what was given back of it'),
      held: Held.exactOptional().describe('who pays it at this moment'),
      dueAt: Instant,
      payableAfterDue: z.boolean(),
      detail: detail(vocabulary),
    });

  const fact = <Schema extends z.ZodType<{ payableId: string }>>(verb: string, title: string, data: (vocabulary: Vocabulary) => Schema) =>
    defineFact({ type: `${name}.${verb}`, topic, title, data, key: (payable) => payable.payableId });

  /** One payment of the app, beside the whole picture. */
  const ofPayment = (vocabulary: Vocabulary) => picture(vocabulary).extend({ paymentId: PaymentId, paymentFen: AmountFen });
  /** What concerns one payment and changes nothing of the payable. */
  const aside = { payableId: z.string().max(40), scene: z.string(), partnerId: PartnerId, reference: PartnerRef, paymentId: PaymentId };
  const refund = { refundNo: PartnerRef, refundFen: AmountFen, refundReason: z.string() };

  return {
    billed: fact('billed', 'Something can be paid', picture),
    changed: fact('changed', 'What can be paid, or until when, is different now', picture),
    withdrawn: fact('withdrawn', 'It can be paid no longer', (vocabulary) =>
      picture(vocabulary).extend({ reason: vocabulary.word('closed-by-partner', 'expired') }),
    ),
    paidElsewhere: fact('paid-elsewhere', 'Money came in through the partner, not through the app', (vocabulary) =>
      picture(vocabulary).extend({ payment: moneyFromElsewhere(vocabulary) }),
    ),
    paidElsewhereVoided: fact('paid-elsewhere-voided', 'The partner took a payment of its own back', (vocabulary) =>
      picture(vocabulary).extend({ payment: moneyFromElsewhere(vocabulary), reason: z.string() }),
    ),
    leased: fact('leased', 'One holder may pay it now, and nobody else until he is done', (vocabulary) =>
      picture(vocabulary).extend({
        leaseId: z.string().describe('the payment, or the lease that a cashier was given'),
        holder: vocabulary.word(...holders),
        leasedFen: AmountFen.describe('what the holder is going to pay'),
        until: Instant.describe('a debit that was not sent by then is not sent'),
      }),
    ),
    leaseRefused: fact('lease-refused', 'A payment may not pay it', () =>
      z.object({ ...aside, code: z.string(), held: Held.exactOptional().describe('who holds it instead') }),
    ),
    leaseQuestioned: fact('lease-questioned', 'Payments is asked whether it still needs a lease', ({ word }) =>
      z.object({ ...aside, reason: word(...questionReasons) }),
    ),
    leaseEnded: fact('lease-ended', 'A lease ended without money, and it stands as it did before', (vocabulary) =>
      picture(vocabulary).extend({ leaseId: z.string() }),
    ),
    writeOffAwaited: fact('write-off-awaited', 'The money was debited, and the partner is asked to write it off', (vocabulary) =>
      ofPayment(vocabulary).extend({ asked: z.int().min(0).describe('how often the partner was reminded') }),
    ),
    writeOffOverdue: fact('write-off-overdue', 'The partner stayed silent for its whole time; people have to decide', ofPayment),
    writtenOff: fact('written-off', 'The partner took the payment for its own books', (vocabulary) =>
      ofPayment(vocabulary).extend({ writtenOffAt: Instant, receiptNo: PartnerRef.exactOptional() }),
    ),
    writeOffRejected: fact('write-off-rejected', 'The partner does not take the payment; it is reversed', (vocabulary) =>
      ofPayment(vocabulary).extend({ reason: z.string() }),
    ),
    reversalRequested: fact('reversal-requested', 'A payment must be given back whole', (vocabulary) =>
      ofPayment(vocabulary).extend({ reason: vocabulary.word(...reversalReasons) }),
    ),
    reversalBegun: fact('reversal-begun', 'Payments gives a payment back of its own accord', ofPayment),
    reversed: fact('reversed', 'A payment was given back whole, and it stands as it would without it', ofPayment),
    disputed: fact('disputed', 'A payment was written off after it had been given back; people have to decide', ofPayment),
    refundRequested: fact('refund-requested', 'The partner wants a payment given back in part or whole', ({ word }) =>
      z.object({ ...aside, ...refund, channel: word('app', 'mandate', ...channels) }),
    ),
    refundRefused: fact('refund-refused', 'A refund that the partner wanted cannot be', ({ word }) =>
      z.object({ ...aside, ...refund, code: word(...refundRefusals) }),
    ),
    refunded: fact('refunded', 'A part or the whole of a payment was given back', (vocabulary) =>
      ofPayment(vocabulary).extend({ refundNo: PartnerRef, refundFen: AmountFen }),
    ),
  };
};
