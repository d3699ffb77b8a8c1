import { createSecretKey } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook } from '@scenefi/http';
import type { Clock, Logger } from '@scenefi/kernel';
import type { Partner } from '../src/partners.ts';

export const secret = createSecretKey(Buffer.alloc(32, 7));
export const partners: Partner[] = [
  { partnerId: 'school-a', name: '东湖小学', secret, onSilence: 'queue' },
  { partnerId: 'school-b', name: '西湖中学', secret, onSilence: 'reverse' },
];

export const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Timers end at once and move the time on, so that no test waits. */
export const hurriedClock = (startMs = Date.UTC(2026, 8, 1)): Clock & { passed(): number } => {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    passed: () => nowMs - startMs,
    after: (delayMs, run) => {
      // A request's own time limit never passes here.
      if (delayMs >= 10_000) return () => undefined;
      const timer = setImmediate(() => {
        nowMs += delayMs;
        run();
      });
      return () => clearImmediate(timer);
    },
  };
};

export type Arrival = { path: string; headers: IncomingHttpHeaders; body: string };

const text = (value: string | string[] | undefined): string => String(value ?? '');

/** What ingress would answer: the signature, the media type and the body are looked at, nothing is kept. */
export const gateAnswer = ({ path, headers, body }: Arrival, nowMs: number): number => {
  const partnerId = path.split('/')[3];
  const keys = partners.some((partner) => partner.partnerId === partnerId) ? [secret] : [];
  const webhook = {
    id: text(headers['webhook-id']),
    timestamp: text(headers['webhook-timestamp']),
    signature: text(headers['webhook-signature']),
  };
  if (!verifyWebhook({ keys, ...webhook, body: Buffer.from(body), nowMs })) return 401;
  if (headers['content-type'] !== 'application/json') return 415;
  try {
    const { type, data } = JSON.parse(body);
    return type === 'campus.bill.vanished' || data.reason === '' ? 400 : 202;
  } catch {
    return 400;
  }
};

/** A small server in the place of ingress. */
export const openGate = async (answer: (arrival: Arrival) => number | Promise<number>) => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const status = await answer({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (status === 0) request.socket.destroy();
    else response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => void server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, close };
};
