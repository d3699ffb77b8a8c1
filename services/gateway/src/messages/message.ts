import { type Instant, yuan } from '@scenefi/kernel';
import type { PaymentMoment, PaymentPicture } from '../store.ts';
import type { Moment } from '../view.ts';
import { queueTextOf, reasonOf, type Text } from './reasons.ts';

/** What a customer is told about one moment of one of his payments. */
export type Message = Text & { messageId: string; paymentId: string; billId: string; at: Instant };

type Tell = (moment: Moment, payment: PaymentPicture) => Text;

const amount = ({ amountFen }: { amountFen: number }): Text => ({ zh: `${yuan(amountFen)} 元`, en: `CNY ${yuan(amountFen)}` });
const account = ({ payFromMasked }: PaymentPicture): Text =>
  payFromMasked ? { zh: `账户 ${payFromMasked}`, en: `account ${payFromMasked}` } : { zh: '您的账户', en: 'your account' };

/** The amount of the refund where the moment is about one. */
const refundAmount = ({ refund }: Moment, payment: PaymentPicture): Text => amount(refund ?? payment);

const notPaid: Tell = ({ code }, payment) => ({
  zh: `缴费 ${amount(payment).zh}未成功，资金未动：${reasonOf(code).zh}。`,
  en: `Your payment of ${amount(payment).en} did not go through and no money has moved: ${reasonOf(code).en}.`,
});

const texts: Readonly<Record<string, Tell>> = {
  requested: (_moment, payment) => ({
    zh: `已收到缴费 ${amount(payment).zh}的申请，正在处理。`,
    en: `We received your payment of ${amount(payment).en} and are processing it.`,
  }),
  refused: notPaid,
  failed: notPaid,
  debited: (_moment, payment) => ({
    zh: `已从${account(payment).zh} 扣款 ${amount(payment).zh}，等待收款单位确认。`,
    en: `${amount(payment).en} was debited from ${account(payment).en}; the payee has yet to confirm it.`,
  }),
  settled: (_moment, payment) => ({
    zh: `收款单位已确认，缴费 ${amount(payment).zh}完成。`,
    en: `The payee confirmed it: your payment of ${amount(payment).en} is complete.`,
  }),
  reversing: (_moment, payment) => ({
    zh: `这笔缴费未能完成，${amount(payment).zh}将全额退回${account(payment).zh}，您无需操作。`,
    en: `This payment could not be completed; ${amount(payment).en} will go back to ${account(payment).en}. There is nothing to do.`,
  }),
  reversed: ({ returned }, payment) =>
    returned
      ? {
          zh: `${amount(payment).zh}未能退回${account(payment).zh}，已为您保管。请联系客服领取。`,
          en: `${amount(payment).en} could not go back to ${account(payment).en} and is kept for you. Please call us.`,
        }
      : {
          zh: `${amount(payment).zh}已全额退回${account(payment).zh}。如仍需缴费，请重新发起。`,
          en: `${amount(payment).en} is back in ${account(payment).en}. If the bill is still open, please pay again.`,
        },
  disputed: (_moment, payment) => ({
    zh: `缴费 ${amount(payment).zh}已退款，但收款单位也确认了入账。我们正在核查，您无需操作。`,
    en: `Your payment of ${amount(payment).en} went back, yet the payee confirmed it. We are looking into it.`,
  }),
  stuck: ({ queue }, payment) => ({
    zh: `缴费 ${amount(payment).zh}：${queueTextOf(queue).zh}。`,
    en: `Your payment of ${amount(payment).en}: ${queueTextOf(queue).en}.`,
  }),
  refunded: (moment, payment) => ({
    zh: `退款 ${refundAmount(moment, payment).zh}已退回${account(payment).zh}。`,
    en: `A refund of ${refundAmount(moment, payment).en} was credited to ${account(payment).en}.`,
  }),
  'refund-returned': (moment, payment) => ({
    zh: `退款 ${refundAmount(moment, payment).zh}未能存入${account(payment).zh}，已为您保管。请联系客服提供本人其他账户。`,
    en: `A refund of ${refundAmount(moment, payment).en} could not be credited and is kept for you. Call us with another account of yours.`,
  }),
  'refund-recredited': (moment, payment) => ({
    zh: `退款 ${refundAmount(moment, payment).zh}已存入您的另一个账户。`,
    en: `A refund of ${refundAmount(moment, payment).en} was credited to another account of yours.`,
  }),
  'refund-refused': (moment, payment) => ({
    zh: `收款单位申请的退款 ${refundAmount(moment, payment).zh}未能办理。请联系收款单位。`,
    en: `A refund of ${refundAmount(moment, payment).en} that the payee wanted could not be made. Please ask the payee.`,
  }),
};

const anyText: Tell = (_moment, payment) => ({
  zh: `缴费 ${amount(payment).zh}有新进展，请查看详情。`,
  en: `There is news of your payment of ${amount(payment).en}; please look at it.`,
});

/** One moment in plain words; a kind of fact that is newer than this table is told as news. */
export const messageOf = ({ payment, moment }: PaymentMoment): Message => ({
  messageId: `${payment.paymentId}:${moment.version}`,
  paymentId: payment.paymentId,
  billId: payment.about.payableId,
  at: moment.at,
  ...(texts[moment.fact] ?? anyText)(moment, payment),
});
