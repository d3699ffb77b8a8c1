import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf, issuedNotice } from '../bench/notices.ts';

/** So many requests a second for so long, as far as there is a connection that may carry one more: each carries up to `depth` at once. */
export type FloodOrder = {
  port: number;
  seconds: number;
  perSecond: number;
  connections: number;
  depth: number;
  run: string;
  /** Who signs the notices, or who is signed in and asks for bills. */
  school?: { partnerId: string; secret: string };
  token?: string;
};

export type FloodReport = {
  sent: number;
  /** Requests that were due while every connection carried as many as it may. */
  heldBack: number;
  unanswered: number;
  statuses: Record<string, number>;
  /** Of the notices that were answered with 202. */
  noticeIds: string[];
  seconds: number;
};

const tickMs = 10;
const answerWaitMs = 20_000;

const noticeRequest = ({ port, run, school }: FloodOrder, index: number): string => {
  const { partnerId, secret } = school!;
  const id = `${run}-${index}`;
  const timestampS = Math.floor(Date.now() / 1_000);
  const body = bodyOf(issuedNotice(run, index), timestampS);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
  return (
    `POST /v1/partners/${partnerId}/notices HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nwebhook-id: ${id}\r\nwebhook-timestamp: ${timestampS}\r\n` +
    `webhook-signature: v1,${signature}\r\n\r\n${body}`
  );
};

const billsRequest = ({ port, token }: FloodOrder): string =>
  `GET /v1/bills HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`;

const headEnd = '\r\n\r\n';
const head = /^HTTP\/1\.1 (\d{3}) [\s\S]*?content-length: (\d+)[\s\S]*?\r\n\r\n/i;
const acceptedId = /"noticeId":"([^"]+)"/;

/** `free` holds a connection once for each request that it may still carry. */
type Counts = Pick<FloodReport, 'statuses' | 'noticeIds'> & { free: Socket[]; underWay: Map<Socket, number> };

/** Reads answers as they come, each to its end, and lets the connection carry another request. */
const listen = (socket: Socket, { statuses, noticeIds, free, underWay }: Counts): void => {
  let text = '';
  const takeAnswer = (): boolean => {
    const [, status, length] = head.exec(text) ?? [];
    if (status === undefined) return false;
    const end = text.indexOf(headEnd) + headEnd.length + Number(length);
    if (text.length < end) return false;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === '202') noticeIds.push(acceptedId.exec(text)![1]!);
    text = text.slice(end);
    underWay.set(socket, underWay.get(socket)! - 1);
    if (socket.writable) free.push(socket);
    return true;
  };
  socket.setEncoding('latin1');
  socket.on('close', () => void underWay.delete(socket));
  socket.on('data', (piece) => {
    text += piece;
    while (takeAnswer());
  });
};

const connected = (port: number, counts: Counts): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      listen(socket, counts);
      resolve(socket);
    });
    socket.once('error', reject);
  });

const flood = async (order: FloodOrder): Promise<FloodReport> => {
  const { port, seconds, perSecond, connections, depth } = order;
  const counts: Counts = { statuses: {}, noticeIds: [], free: [], underWay: new Map() };
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(port, counts)));
  const { free, underWay, statuses, noticeIds } = counts;
  for (let times = 0; times < depth; times += 1) free.push(...sockets);
  const startedAt = performance.now();
  let [due, sent, heldBack, next] = [0, 0, 0, 0];
  const waiting = (): number => [...underWay.values()].reduce((sum, count) => sum + count, 0);
  for (let elapsed = 0; elapsed < seconds * 1_000; elapsed = performance.now() - startedAt) {
    const until = Math.floor((elapsed / 1_000) * perSecond);
    while (due < until && next < free.length) {
      const socket = free[next]!;
      next += 1;
      if (!socket.writable) continue;
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
      socket.write(order.school ? noticeRequest(order, due) : billsRequest(order));
      due += 1;
      sent += 1;
    }
    heldBack += Math.max(0, until - due);
    due = Math.max(due, until);
    free.splice(0, next);
    next = 0;
    await pause(tickMs);
  }
  const floodedS = (performance.now() - startedAt) / 1_000;
  for (const end = performance.now() + answerWaitMs; waiting() > 0 && performance.now() < end; ) await pause(tickMs);
  const unanswered = waiting();
  for (const socket of sockets) socket.destroy();
  return { sent, heldBack, unanswered, statuses, noticeIds, seconds: floodedS };
};

process.on('message', (order: FloodOrder) => {
  void flood(order).then((report) => process.send!(report));
});
process.once('SIGTERM', () => process.exit(0));
