import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { quantile } from './measure.ts';
import { bodyOf, issuedNotice } from './notices.ts';

/** Posts `requests` unique notices of the run over so many connections that stay open. */
export type LoadOrder = { port: number; partnerId: string; secret: string; run: string; requests: number; connections: number };
export type LoadReport = {
  accepted: number;
  statuses: Record<string, number>;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  bodyBytes: number;
};

const headEnd = '\r\n\r\n';

const requestOf = ({ port, partnerId, run }: LoadOrder, key: Buffer, index: number, timestampS: number): Buffer => {
  const id = `${run}-${index}`;
  const body = bodyOf(issuedNotice(run, index), timestampS);
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
  const head = [
    `POST /v1/partners/${partnerId}/notices HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `webhook-id: ${id}`,
    `webhook-timestamp: ${timestampS}`,
    `webhook-signature: v1,${signature}`,
  ].join('\r\n');
  return Buffer.from(`${head}${headEnd}${body}`);
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

/** One request after the other on one connection; a client of HTTP would cost more than the server on the same two cores. */
const drive = (socket: Socket, next: () => Buffer | undefined, took: (status: string, ms: number) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    let received = '';
    let sentAt = 0;
    const send = (): void => {
      const request = next();
      if (!request) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      const status = statusIn(received);
      if (status === undefined) return;
      received = '';
      took(status, performance.now() - sentAt);
      send();
    });
    send();
  });

const load = async (order: LoadOrder): Promise<LoadReport> => {
  const key = Buffer.from(order.secret.slice('whsec_'.length), 'base64');
  const timestampS = Math.floor(Date.now() / 1000);
  const requests = Array.from({ length: order.requests }, (_, index) => requestOf(order, key, index, timestampS));
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => connected(order.port)));
  const statuses: Record<string, number> = {};
  const latenciesMs: number[] = [];
  let sent = 0;
  const next = (): Buffer | undefined => requests[sent++];
  const took = (status: string, ms: number): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    latenciesMs.push(ms);
  };
  const startedAt = performance.now();
  await Promise.all(sockets.map((socket) => drive(socket, next, took)));
  const seconds = (performance.now() - startedAt) / 1000;
  const bodyBytes =
    requests.reduce((sum, request) => sum + request.length - request.indexOf(headEnd) - headEnd.length, 0) / requests.length;
  const times = { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
  return { accepted: statuses['202'] ?? 0, statuses, seconds, ...times, bodyBytes };
};

process.on('message', (order: LoadOrder) => {
  void load(order).then((report) => process.send!(report));
});
process.once('SIGTERM', () => process.exit(0));
