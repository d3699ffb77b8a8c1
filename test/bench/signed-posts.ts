import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { bodyOf, type Notice } from './notices.ts';

/** Who signs, and where the posts go. */
export type Sender = { port: number; partnerId: string; secret: string };

const headEnd = '\r\n\r\n';

/** Prepares the key once; gives each notice as the bytes of a signed request, and the length of its body. */
export const createSigning = ({ port, partnerId, secret }: Sender) => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return (id: string, notice: Notice): { request: Buffer; bodyBytes: number } => {
    const timestampS = Math.floor(Date.now() / 1000);
    const body = bodyOf(notice, timestampS);
    const bodyBytes = Buffer.byteLength(body);
    const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
    const head = [
      `POST /v1/partners/${partnerId}/notices HTTP/1.1`,
      `host: 127.0.0.1:${port}`,
      'connection: keep-alive',
      'content-type: application/json',
      `content-length: ${bodyBytes}`,
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestampS}`,
      `webhook-signature: v1,${signature}`,
    ].join('\r\n');
    return { request: Buffer.from(`${head}${headEnd}${body}`), bodyBytes };
  };
};

const connected = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });

/** The status of a whole response, or undefined while it is not whole. */
const statusIn = (text: string): string | undefined => {
  const end = text.indexOf(headEnd);
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return length !== undefined && text.length >= end + headEnd.length + Number(length) ? text.slice(9, 12) : undefined;
};

/**
 * One request after the other on each connection; a client of HTTP would cost more than the server on the same two cores.
 * `next` gives the next request or undefined where there is none now; `wake` makes idle connections ask again.
 */
export type Posting<Request extends { request: Buffer }> = {
  next: () => Request | undefined;
  took: (posted: Request, status: string) => void;
  failed: (error: Error) => void;
};

export const openConnections = async <Request extends { request: Buffer }>(
  port: number,
  count: number,
  { next, took, failed }: Posting<Request>,
) => {
  const sockets = await Promise.all(Array.from({ length: count }, () => connected(port)));
  const idle = new Set<() => void>();
  for (const socket of sockets) {
    let received = '';
    let posted: Request | undefined;
    const send = (): void => {
      posted = next();
      if (posted) {
        idle.delete(send);
        socket.write(posted.request);
      } else idle.add(send);
    };
    socket.on('error', failed);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const status = statusIn(received);
      if (status === undefined || !posted) return;
      received = '';
      took(posted, status);
      send();
    });
    idle.add(send);
  }
  return {
    wake: (): void => {
      for (const send of idle) send();
    },
    close: (): void => {
      for (const socket of sockets) socket.end();
    },
  };
};
