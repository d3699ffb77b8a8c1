import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf, issuedNotice } from '../bench/notices.ts';

/** So many requests a second for so long, as far as there is a connection without one under way: as many callers, each with one request. */
export type FloodOrder = {
  port: number;
  seconds: number;
  perSecond: number;
  connections: number;
  run: string;
  /** Who signs the notices, or who is signed in and asks for bills. */
  school?: { partnerId: string; secret: string };
  token?: string;
};

export type FloodReport = {
  sent: number;
  /** Requests that were due while every caller still waited for an answer. */
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
const whole = /^HTTP\/1\.1 (\d{3}) [\s\S]*?content-length: (\d+)[\s\S]*?\r\n\r\n/i;
const acceptedId = /"noticeId":"([^"]+)"/;

type Counts = Pick<FloodReport, 'statuses' | 'noticeIds'> & { free: Socket[]; underWay: Set<Socket> };

/** Reads answers as they come, each to its end, and lets the connection be used again. */
const listen = (socket: Socket, { statuses, noticeIds, free, underWay }: Counts): void => {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('close', () => void underWay.delete(socket));
  socket.on('data', (piece) => {
    text += piece;
    const [, status, length] = whole.exec(text) ?? [];
    if (status === undefined || text.length < text.indexOf(headEnd) + headEnd.length + Number(length)) return;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === '202') noticeIds.push(acceptedId.exec(text)![1]!);
    text = '';
    underWay.delete(socket);
    if (socket.writable) free.push(socket);
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
  const { port, seconds, perSecond, connections } = order;
  const counts: Counts = { statuses: {}, noticeIds: [], free: [], underWay: new Set() };
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(port, counts)));
  const { free, underWay, statuses, noticeIds } = counts;
  free.push(...sockets);
  const startedAt = performance.now();
  let [due, sent, heldBack] = [0, 0, 0];
  for (let elapsed = 0; elapsed < seconds * 1_000; elapsed = performance.now() - startedAt) {
    const until = Math.floor((elapsed / 1_000) * perSecond);
    while (due < until && free.length > 0) {
      const socket = free.shift()!;
      underWay.add(socket);
      socket.write(order.school ? noticeRequest(order, due) : billsRequest(order));
      due += 1;
      sent += 1;
    }
    heldBack += Math.max(0, until - due);
    due = Math.max(due, until);
    await pause(tickMs);
  }
  const floodedS = (performance.now() - startedAt) / 1_000;
  for (const end = performance.now() + answerWaitMs; underWay.size > 0 && performance.now() < end; ) await pause(tickMs);
  const unanswered = underWay.size;
  for (const socket of sockets) socket.destroy();
  return { sent, heldBack, unanswered, statuses, noticeIds, seconds: floodedS };
};

process.on('message', (order: FloodOrder) => {
  void flood(order).then((report) => process.send!(report));
});
process.once('SIGTERM', () => process.exit(0));
