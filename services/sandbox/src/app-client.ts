import { z } from 'zod';
import { type Answer, type Ask, jsonIn } from './patient-requests.ts';

const Granted = z.object({ token: z.string(), customerId: z.string() });

/** What the app needs to know of a bill. */
export const SeenBill = z.object({
  billId: z.string(),
  partnerId: z.string(),
  reference: z.string(),
  status: z.string(),
  detail: z.object({ revision: z.int().optional() }),
});
export type SeenBill = z.output<typeof SeenBill>;

export const SeenPayment = z.object({ paymentId: z.string(), status: z.string(), code: z.string().optional() });
export type SeenPayment = z.output<typeof SeenPayment>;

const Bills = z.object({ bills: z.array(SeenBill) });
const Accounts = z.object({ accounts: z.array(z.object({ accountNo: z.string() })) });
const Linked = z.object({ linkedAccount: z.object({ status: z.string() }) });
const Requested = z.object({ payment: SeenPayment });
const Refusal = z.object({ code: z.string() });

type LinkWanted = { scene: string; partnerId: string; accountNo: string; holderName: string };
type PayWanted = { billId: string; items?: readonly object[]; expectedAmountFen: number; payFrom: string };

/** The status and the code of a problem, as a log may show them; bodies may name somebody. */
const wordsOf = (answer: Answer): string => {
  const problem = Refusal.safeParse(jsonIn(answer));
  return problem.success ? `${answer.status} ${problem.data.code}` : String(answer.status);
};

/** Throws where the answer is another one than was hoped for, or has another shape. */
const readAnswer = <Read>(what: string, answer: Answer, status: number, schema: z.ZodType<Read>): Read => {
  if (answer.status !== status) throw new Error(`${what} was answered with ${wordsOf(answer)}`);
  const read = schema.safeParse(jsonIn(answer));
  if (!read.success) throw new Error(`${what} was answered in another shape`);
  return read.data;
};

/** The id of the payment that an answer to a command names. */
export const paymentIdIn = (answer: Answer): string | undefined => {
  const read = Requested.safeParse(jsonIn(answer));
  return read.success ? read.data.payment.paymentId : undefined;
};

type AppClientOptions = { gatewayUrl: string; worldUrl: string; ask: Ask };

/** The bank's app in the hands of one customer after the other. What nobody answered is asked again; a wrong answer throws. */
export const createAppClient = ({ gatewayUrl, worldUrl, ask }: AppClientOptions) => ({
  signIn: async (user: string, stepUp: boolean) => {
    const json = { 'content-type': 'application/json' };
    const body = JSON.stringify({ user, stepUp });
    const answer = await ask(() => ({ method: 'POST', url: `${worldUrl}/tokens`, headers: json, body }));
    const { token, customerId } = readAnswer('signing in', answer, 200, Granted);
    const authorization = `Bearer ${token}`;

    const get = async <Read>(path: string, schema: z.ZodType<Read>): Promise<Read> => {
      const answer = await ask(() => ({ method: 'GET', url: `${gatewayUrl}${path}`, headers: { authorization } }));
      return readAnswer(`GET ${path}`, answer, 200, schema);
    };
    /** The same key and bytes in every try. */
    const command = (path: string, key: string, wanted: object, heard?: (answer: Answer) => void): Promise<Answer> => {
      const headers = { ...json, authorization, 'idempotency-key': key };
      const body = JSON.stringify(wanted);
      return ask(() => ({ method: 'POST', url: `${gatewayUrl}${path}`, headers, body }), heard && { heard });
    };
    return {
      customerId,
      bills: async (): Promise<SeenBill[]> => (await get('/v1/bills', Bills)).bills,
      accountNos: async (): Promise<string[]> => (await get('/v1/accounts', Accounts)).accounts.map(({ accountNo }) => accountNo),
      payment: (paymentId: string, waitMs: number): Promise<SeenPayment> => get(`/v1/payments/${paymentId}?waitMs=${waitMs}`, SeenPayment),
      /** Throws unless the account was linked, or waits for its first bill. */
      link: async (key: string, wanted: LinkWanted): Promise<void> => {
        const { linkedAccount } = readAnswer('linking', await command('/v1/linked-accounts', key, wanted), 200, Linked);
        if (linkedAccount.status === 'refused') throw new Error('linking was refused for the name');
      },
      /** Throws unless the name is said to be wrong. */
      linkWrongly: async (key: string, wanted: LinkWanted): Promise<void> => {
        const { code } = readAnswer('linking by a wrong name', await command('/v1/linked-accounts', key, wanted), 422, Refusal);
        if (code !== 'PROFILES_NAME_DIFFERS') throw new Error(`linking by a wrong name was answered with 422 ${code}`);
      },
      /** Answers the id of the payment; `heard` hears of every try. */
      pay: async (key: string, wanted: PayWanted, heard: (answer: Answer) => void): Promise<string> =>
        readAnswer('paying', await command('/v1/payments', key, wanted, heard), 202, Requested).payment.paymentId,
    };
  },
});

export type AppClient = ReturnType<typeof createAppClient>;
export type Session = Awaited<ReturnType<AppClient['signIn']>>;
