import { AmountFen, defineFact, Instant, SumFen, type Vocabulary } from '@scenefi/kernel';
import { z } from 'zod';
import { AccountId, channels, PartnerId, PartnerRef } from './parties.ts';

/** Where the bank puts money that came from elsewhere: owed to the partner, or held in suspense until people have decided. */
export const allocations = ['payable', 'suspense'] as const;

/** What a payment from elsewhere is for its bill. */
export const fits = ['exact', 'amount-differs', 'overpaid'] as const;

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
      paidFen: SumFen.describe('what was paid so far, voided payments left out'),
      dueAt: Instant,
      payableAfterDue: z.boolean(),
      detail: detail(vocabulary),
    });

  const fact = <Schema extends z.ZodType<{ payableId: string }>>(verb: string, title: string, data: (vocabulary: Vocabulary) => Schema) =>
    defineFact({ type: `${name}.${verb}`, topic, title, data, key: (payable) => payable.payableId });

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
  };
};
