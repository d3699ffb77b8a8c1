import { noticeData, until } from '@scenefi/testing/engines';
import { type Cluster, type Posted, postNotice, type School } from './cluster.ts';

type Json = Record<string, unknown>;
export type Answer<Body = Json> = { status: number; body: Body };

export type Payment = { paymentId: string; status: string; code?: string };
type Bill = { billId: string; status: string; amountFen: number; held?: { holder: string } };
type Account = { accountNo: string };

/** What an app does for one person: it signs in at the sandbox and speaks to a gateway. */
export const appUser = async (cluster: Pick<Cluster, 'urlOf'>, user: string, { stepUp = false, gateway = 'gateway' } = {}) => {
  const signIn = await fetch(`${cluster.urlOf('sandbox-world')}/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, ...(stepUp && { stepUp }) }),
  });
  const { token, customerId } = (await signIn.json()) as { token: string; customerId: string };

  const call = async <Body = Json>(method: string, path: string, body?: unknown, key?: string, at = gateway): Promise<Answer<Body>> => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (key !== undefined) headers['idempotency-key'] = key;
    const response = await fetch(cluster.urlOf(at) + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  };

  return {
    token,
    customerId,
    call,
    /** The number of an account by its last four digits, which choose how the simulated bank behaves. */
    account: (ending = '0001'): Promise<string> =>
      until('the accounts are told', async () => {
        const { status, body } = await call<{ accounts: Account[] }>('GET', '/v1/accounts');
        return status === 200 && body.accounts.find(({ accountNo }) => accountNo.endsWith(ending))?.accountNo;
      }),
    link: ({ partnerId, studentNo, holderName = '王小明' }: { partnerId: string; studentNo: string; holderName?: string }) =>
      call('POST', '/v1/linked-accounts', { scene: 'campus', partnerId, accountNo: studentNo, holderName }, `link-${studentNo}`),
    /** The bill once the app shows it in one of the statuses. */
    bill: (billId: string, ...statuses: string[]): Promise<Bill> =>
      until(`bill ${billId} as ${statuses.join(' or ')}`, async () => {
        const { status, body } = await call<Bill>('GET', `/v1/bills/${billId}`);
        return status === 200 && statuses.includes(body.status) && body;
      }),
    pay: (billId: string, expectedAmountFen: number, payFrom: string, key: string, at?: string) =>
      call<{ payment: Payment }>('POST', '/v1/payments', { billId, expectedAmountFen, payFrom }, key, at),
    /** The payment once the app shows it in one of the statuses. */
    payment: (paymentId: string, ...statuses: string[]): Promise<Payment> =>
      until(
        `payment ${paymentId} as ${statuses.join(' or ')}`,
        async () => {
          const { status, body } = await call<Payment>('GET', `/v1/payments/${paymentId}`);
          return status === 200 && statuses.includes(body.status) && body;
        },
        240_000,
      ),
  };
};

export type AppUser = Awaited<ReturnType<typeof appUser>>;

/** Posts a notice until it is taken: a process may just be starting again. */
export const insist = (url: string, school: School, id: string, type: string, data: object): Promise<Posted> =>
  until(`${type} is taken`, async () => {
    const posted = await postNotice({ url, school, id, type, data }).catch(() => undefined);
    return posted?.status === 202 && posted;
  });

/** What one school asks of one student; a word behind `~` in the number chooses how the simulated school behaves. */
export const issueBill = async (cluster: Cluster, school: School, billNo: string, studentNo = `S-${billNo}`) => {
  await insist(cluster.ingressUrls[0]!, school, `${billNo}-issued`, 'campus.bill.issued', noticeData.issued(billNo, { studentNo }));
  return { billNo, studentNo, partnerId: school.partnerId, amountFen: 150_000 };
};
