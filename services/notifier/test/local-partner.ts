import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Arrived = { headers: IncomingHttpHeaders; body: string };
export type Answering = (arrived: Arrived, response: ServerResponse) => void;

export type LocalPartner = {
  url: string;
  arrived: Arrived[];
  /** How it answers from now on. */
  answer: (answering: Answering) => void;
  close: () => Promise<void>;
};

export const withStatus =
  (status: number, headers: Record<string, string> = {}): Answering =>
  (_arrived, response) =>
    void response.writeHead(status, headers).end('thanks');

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** A partner's server on this machine: it keeps what arrives, and answers as it is told. */
export const openLocalPartner = async (): Promise<LocalPartner> => {
  const arrived: Arrived[] = [];
  let answering = withStatus(200);
  const server: Server = createServer(async (request, response) => {
    const one = { headers: request.headers, body: await bodyOf(request) };
    arrived.push(one);
    answering(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the partner has no port');
  return {
    url: `http://127.0.0.1:${address.port}/hooks`,
    arrived,
    answer: (next) => {
      answering = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
