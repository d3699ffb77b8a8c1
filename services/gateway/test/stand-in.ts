import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Call = { method: string; path: string; body: unknown; authorization: string | undefined };
type Answer = { status: number; body?: unknown };

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined;
};

/** A service on the other side of the edge: answers as told, 404 until it is told anything, and keeps what it was asked. */
export const openStandIn = async () => {
  const calls: Call[] = [];
  let answer: (call: Call) => Answer | undefined = () => undefined;
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const call = { method, path: url, body: await bodyOf(request), authorization: headers.authorization };
    calls.push(call);
    const { status, body } = answer(call) ?? { status: 404, body: problem(404, 'OTHER_NOT_FOUND') };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answers: (next: typeof answer): void => {
      answer = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
export type StandIn = Awaited<ReturnType<typeof openStandIn>>;

/** A refusal as our services answer it. */
export const problem = (status: number, code: string, detail?: string) => ({
  type: `urn:scenefi:error:${code}`,
  title: 'It was refused',
  status,
  code,
  ...(detail && { detail }),
});
