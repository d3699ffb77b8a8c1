import { Instant, type Logger, OffsetTime, toInstant } from '@scenefi/kernel';
import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleAll, wrap } from 'cockatiel';
import { z } from 'zod';

/** What the core bank keeps under a key for ever. */
export type BankAnswer = { status: 'applied'; at: Instant } | { status: 'refused'; code: string };

export type DebitOrder = { key: string; customerId: string; accountNo: string; amountFen: number; memo: string };

/** A credit goes to an account of a customer, or back through the channel that the money came by. */
export type CreditOrder = { key: string; amountFen: number; memo: string } & (
  | { customerId: string; accountNo: string }
  | { channel: string; reference: string }
);

export const BankAccount = z.object({
  accountNo: z.string(),
  masked: z.string(),
  kind: z.string(),
  balanceFen: z.int(),
  currency: z.string(),
});
export type BankAccount = z.output<typeof BankAccount>;

/**
 * The core bank, whose books this service moves money in. An answer is a word that it keeps; undefined means that nothing is
 * known: no answer in time, an answer that is none, or a bank that is left alone for a while because it does not answer.
 * `not-found` says only that the key is not known yet, since a call may still be on its way.
 */
export type CoreBank = {
  debit(order: DebitOrder): Promise<BankAnswer | undefined>;
  debitOf(key: string): Promise<BankAnswer | 'not-found' | undefined>;
  /** Asks that a debit never be applied; answers what stands under the key after that. */
  cancelDebit(key: string): Promise<BankAnswer | undefined>;
  credit(order: CreditOrder): Promise<BankAnswer | undefined>;
  creditOf(key: string): Promise<BankAnswer | 'not-found' | undefined>;
  accountsOf(customerId: string): Promise<BankAccount[] | undefined>;
};

export type CoreBankParts = { url: string; token: string; timeoutMs: number; logger: Logger };

const atOnceMax = 32;
const waitingMax = 1_000;
const failuresInARow = 10;
const breakMs = 2_000;

const Answer = z.discriminatedUnion('status', [
  z.object({ key: z.string(), status: z.literal('applied'), at: OffsetTime.transform(toInstant).pipe(Instant) }),
  z.object({ key: z.string(), status: z.literal('refused'), code: z.string().min(1).default('refused') }),
]);

const Accounts = z.object({ accounts: z.array(BankAccount) });

type Call = { method: 'GET' | 'POST'; path: string; body?: object };
type Response = { status: number; json: unknown };

/** A call leaves within its time or not at all; the bank gets no more calls at once than it can stand, and is spared while it is down. */
export const createCoreBank = ({ url, token, timeoutMs, logger }: CoreBankParts): CoreBank => {
  const breaker = circuitBreaker(handleAll, { breaker: new ConsecutiveBreaker(failuresInARow), halfOpenAfter: breakMs });
  const policy = wrap(bulkhead(atOnceMax, waitingMax), breaker);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  const send = async ({ method, path, body }: Call, signal: AbortSignal): Promise<Response> => {
    const answer = await fetch(`${url}${path}`, { method, headers, signal, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (answer.status >= 500) throw new Error(`the core bank answered ${answer.status}`);
    return { status: answer.status, json: answer.status === 200 ? JSON.parse(text) : undefined };
  };

  /** Undefined where there is no answer; why is told to the log, without account or customer. */
  const ask = async (name: string, call: Call): Promise<Response | undefined> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await policy.execute(({ signal }) => send(call, signal), deadline);
      if (response.status !== 200 && response.status !== 404)
        logger.error('the core bank does not take a call', { call: name, status: response.status });
      return response;
    } catch (error) {
      logger.warn('the core bank gave no outcome', { call: name, reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };

  const answerOf = (name: string, key: string, response: Response | undefined): BankAnswer | undefined => {
    if (response?.status !== 200) return undefined;
    const { data } = Answer.safeParse(response.json);
    if (data?.key === key)
      return data.status === 'applied' ? { status: data.status, at: data.at } : { status: data.status, code: data.code };
    logger.error('the core bank answered something else than was asked', { call: name, key });
    return undefined;
  };

  const order = async (name: string, path: string, { key, ...rest }: { key: string }): Promise<BankAnswer | undefined> =>
    answerOf(name, key, await ask(name, { method: 'POST', path, body: { key, ...rest } }));

  const find = async (name: string, path: string, key: string): Promise<BankAnswer | 'not-found' | undefined> => {
    const response = await ask(name, { method: 'GET', path: `${path}/${encodeURIComponent(key)}` });
    return response?.status === 404 ? 'not-found' : answerOf(name, key, response);
  };

  return {
    debit: (debit) => order('debit', '/debits', debit),
    debitOf: (key) => find('debit of', '/debits', key),
    cancelDebit: async (key) => {
      const path = `/debits/${encodeURIComponent(key)}/cancel`;
      return answerOf('cancel debit', key, await ask('cancel debit', { method: 'POST', path, body: {} }));
    },
    credit: (credit) => order('credit', '/credits', credit),
    creditOf: (key) => find('credit of', '/credits', key),
    accountsOf: async (customerId) => {
      const response = await ask('accounts', { method: 'GET', path: `/accounts?customerId=${encodeURIComponent(customerId)}` });
      return response?.status === 200 ? Accounts.safeParse(response.json).data?.accounts : undefined;
    },
  };
};
