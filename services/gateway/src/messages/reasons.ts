/** The same sentence for people who read Chinese and for those who read English. */
export type Text = { zh: string; en: string };

/** Why a payment was refused or failed and what the customer can do, by the code without who says so. */
const reasons: Readonly<Record<string, Text>> = {
  OVER_PAYMENT_LIMIT: { zh: '金额超过单笔限额。请到柜台办理', en: 'the amount is over the limit of one payment. Please pay at a branch' },
  OVER_DAY_LIMIT: { zh: '金额超过今日剩余限额。请明天再付', en: 'the amount is over what is left for today. Please pay tomorrow' },
  STEP_UP_NEEDED: {
    zh: '大额缴费需要再次验证身份。请验证后重付',
    en: 'so large an amount needs a second proof. Give it and pay again',
  },
  LEASE_EXPIRED: { zh: '付款时间已过。请重新发起', en: 'the time to pay had run out. Please pay again' },
  BILL_WITHDRAWN: { zh: '收款单位已撤销账单，无需缴费', en: 'the payee withdrew the bill. There is nothing to pay' },
  BILL_CLOSED: { zh: '收款单位已撤销账单，无需缴费', en: 'the payee withdrew the bill. There is nothing to pay' },
  BILL_EXPIRED: { zh: '账单已过缴费期限。请联系收款单位', en: 'the bill is past its due time. Please ask the payee' },
  BILL_NOT_FOUND: { zh: '账单不存在。请刷新后再试', en: 'the bill was not found. Refresh and try again' },
  PAID_ELSEWHERE: { zh: '账单已通过其他渠道缴清，无需再付', en: 'the bill was paid elsewhere. There is nothing to pay' },
  ALREADY_PAID: { zh: '账单已缴清，无需再付', en: 'the bill is paid already. There is nothing to pay' },
  IN_PAYMENT: { zh: '有人正在缴这张账单。请稍后再看', en: 'somebody is paying this bill right now. Please look again later' },
  AMOUNT_CHANGED: { zh: '账单金额已变更。请核对新金额后重付', en: 'the amount of the bill has changed. Check it and pay again' },
  WRONG_ITEMS: { zh: '所选项目不符合账单要求。请重新选择', en: 'the chosen items do not fit the bill. Please choose again' },
  DISPUTED: { zh: '账单正在核查。请联系客服', en: 'the bill is being looked into. Please call us' },
  INSUFFICIENT_FUNDS: {
    zh: '账户余额不足。请存入资金或换一个账户',
    en: 'the account does not hold the amount. Add money or use another account',
  },
  FOREIGN_ACCOUNT: { zh: '付款账户不属于您本人。请换一个账户', en: 'the account is not yours. Use one of your own' },
  ACCOUNT_CLOSED: { zh: '付款账户已销户。请换一个账户', en: 'the account is closed. Use another account' },
  ACCOUNT_FROZEN: { zh: '付款账户已冻结。请联系客服或换一个账户', en: 'the account is frozen. Call us or use another account' },
  CANCELLED: { zh: '扣款已取消，资金未动。可以重新发起', en: 'the debit was cancelled and no money has moved. You can pay again' },
  REFUSED_BY_BANK: { zh: '银行未同意扣款。请换一个账户或联系客服', en: 'the bank refused the debit. Use another account or call us' },
  RESOLVED_AS_FAILED: { zh: '经核实扣款未成功。可以重新发起', en: 'we found that the debit did not take place. You can pay again' },
};

const anyReason: Text = { zh: '未能办理。请稍后再试或联系客服', en: 'it could not be done. Try again later or call us' };

export const reasonOf = (code = ''): Text => reasons[code.slice(code.indexOf('_') + 1)] ?? anyReason;

/** What is told while people look into a payment, by the queue it stands in. */
const queueTexts: Readonly<Record<string, Text>> = {
  'debit-unknown': {
    zh: '正在与银行核实是否已扣款，请勿重复缴费',
    en: 'we are finding out whether your account was debited; please do not pay again',
  },
  'write-off-overdue': {
    zh: '收款单位尚未确认入账，我们正在催办，您无需操作',
    en: 'the payee has not confirmed it yet; we are asking, there is nothing to do',
  },
  'in-suspense': {
    zh: '正在核实这笔款项的归属，您无需操作',
    en: 'we are finding out whose this money is; there is nothing to do',
  },
  'credit-unknown': {
    zh: '正在核实退回款项是否到账，您无需操作',
    en: 'we are finding out whether the money is back; there is nothing to do',
  },
  'refund-unknown': { zh: '正在核实退款是否到账，您无需操作', en: 'we are finding out whether the refund arrived; there is nothing to do' },
  'refund-returned': {
    zh: '退款未能入账，请联系客服提供本人其他账户',
    en: 'a refund could not be credited; call us and name another account of yours',
  },
  disputed: { zh: '正在人工核查，我们会与您联系', en: 'people are looking into it and will get in touch' },
  none: { zh: '已核查完毕，请以当前状态为准', en: 'it has been looked into; its present status stands' },
};

const anyQueue: Text = { zh: '正在人工核查，您无需操作', en: 'people are looking into it; there is nothing to do' };

export const queueTextOf = (queue = ''): Text => queueTexts[queue] ?? anyQueue;
