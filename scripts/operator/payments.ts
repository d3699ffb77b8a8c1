import { z } from 'zod';
import { MissingSetting, serviceAccess, Usage } from './access.ts';

const Asked = z.object({ attempts: z.number(), since: z.string(), againAt: z.string() });
const Proposal = z.object({
  outcome: z.string(),
  by: z.string(),
  reason: z.string(),
  at: z.string(),
  accountMasked: z.string().optional(),
});

/** One thing that waits for people, as payments tells it. */
export const QueueItem = z.object({
  paymentId: z.string(),
  queue: z.string(),
  refundNo: z.string().optional(),
  stage: z.string(),
  about: z.object({ scene: z.string(), partnerId: z.string(), payableId: z.string() }),
  amountFen: z.number(),
  ageMs: z.number(),
  asked: Asked.optional(),
  proposal: Proposal.optional(),
});
export type QueueItem = z.output<typeof QueueItem>;

const Queue = z.object({ items: z.array(QueueItem) });
const Problem = z.object({
  title: z.string(),
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** What one person decides about one payment. */
export type Decision = { outcome: string; by: string; reason: string; refundNo?: string; accountNo?: string };

const answerMs = 15_000;

/** By `PAYMENTS_URL` and `INTERNAL_TOKEN`, or where `npm start` left both. */
const access = (): { url: string; token: string } => {
  const { PAYMENTS_URL, INTERNAL_TOKEN } = process.env;
  if (PAYMENTS_URL && INTERNAL_TOKEN) return { url: PAYMENTS_URL, token: INTERNAL_TOKEN };
  const { addresses, token } = serviceAccess();
  const url = PAYMENTS_URL ?? addresses.find(({ name }) => name === 'payments')?.url;
  if (!url) throw new MissingSetting('set PAYMENTS_URL and INTERNAL_TOKEN, or let npm start run beside this command');
  return { url, token };
};

/** The payments service as an operator reaches it. Throws a Usage with the problem that the service answered. */
export const paymentsDesk = () => {
  const { url, token } = access();

  const ask = async (path: string, body?: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const response = await fetch(`${url}${path}`, { headers, ...sent, signal: AbortSignal.timeout(answerMs) }).catch((cause: unknown) => {
      throw new Error(`payments does not answer at ${url}`, { cause });
    });
    const json: unknown = await response.json();
    if (response.status === 401) throw new Usage('payments does not take this INTERNAL_TOKEN');
    if (response.ok) return json;
    const { data: problem } = Problem.safeParse(json);
    const faults = problem?.errors?.map(({ path: where, message }) => `${where}: ${message}`) ?? [];
    throw new Usage(problem ? [`${problem.title} (${problem.code})`, ...faults].join('; ') : `payments answered ${response.status}`);
  };

  const ofPayment = (paymentId: string): string => `/internal/payments/${encodeURIComponent(paymentId)}`;
  return {
    queue: async (): Promise<QueueItem[]> => Queue.parse(await ask('/internal/queue')).items,
    show: (paymentId: string): Promise<unknown> => ask(ofPayment(paymentId)),
    resolve: (paymentId: string, decision: Decision): Promise<unknown> => ask(`${ofPayment(paymentId)}/resolve`, decision),
  };
};
