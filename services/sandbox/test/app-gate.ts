import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AppArrival = { method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders; body: string };
/** A status and a body, or 0 where the connection breaks. */
export type AppReply = { status: number; body?: unknown } | 0;

/** A small server in the place of gateway, sign-in and ingress, which answers JSON. */
export const openAppGate = async (answer: (arrival: AppArrival) => AppReply | Promise<AppReply>) => {
  const arrivals: AppArrival[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://gate');
    const arrival = { method: request.method ?? '', path, query, headers: request.headers, body: Buffer.concat(chunks).toString() };
    arrivals.push(arrival);
    const reply = await answer(arrival);
    if (reply === 0) request.socket.destroy();
    else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, arrivals, close };
};

export type AppGate = Awaited<ReturnType<typeof openAppGate>>;

/** Answers in the place of the world and the gateway, from a small state that a test may change; `instead` goes before it. */
export const appOf = (instead: (arrival: AppArrival, count: number) => AppReply | undefined = () => undefined) => {
  const bill = { billId: 'bill_1', partnerId: 'school-a', reference: 'b1', status: 'issued', detail: { revision: 0 } };
  const payment = { paymentId: 'pay_1', status: 'requested' };
  const counts = new Map<string, number>();
  const answer = (arrival: AppArrival): AppReply => {
    const { method, path, body } = arrival;
    const count = (counts.get(`${method} ${path}`) ?? 0) + 1;
    counts.set(`${method} ${path}`, count);
    const own = instead(arrival, count);
    if (own !== undefined) return own;
    if (path === '/tokens') {
      const { user, stepUp } = JSON.parse(body);
      return { status: 200, body: { token: `${user}:${stepUp}`, customerId: `cus_${user}`, expiresInS: 3_600 } };
    }
    if (path === '/v1/accounts') return { status: 200, body: { accounts: [{ accountNo: '6200001' }, { accountNo: '6209105' }] } };
    if (path === '/v1/bills') return { status: 200, body: { bills: [bill], next: null } };
    if (path === '/v1/linked-accounts') return { status: 200, body: { linkedAccount: { status: 'linked' } } };
    if (method === 'POST' && path === '/v1/payments') return { status: 202, body: { payment } };
    if (path === `/v1/payments/${payment.paymentId}`) return { status: 200, body: payment };
    return { status: 404, body: { code: 'HTTP_NOT_FOUND' } };
  };
  return { answer, bill, payment };
};
