import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { httpErrors } from './errors.ts';
import { problemOf } from './problems.ts';

const refusals: Readonly<Record<string, () => ReturnType<typeof httpErrors.BAD_REQUEST>>> = {
  ERR_HTTP_REQUEST_TIMEOUT: httpErrors.REQUEST_TIMEOUT,
  HPE_HEADER_OVERFLOW: httpErrors.HEADERS_TOO_LARGE,
};

/** Answers what is no HTTP request, or came too slowly, and closes the connection: no route ever sees it. */
export const refuseConnection = (error: ConnectionError, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const refusal = (refusals[error.code] ?? httpErrors.BAD_REQUEST)();
  const { instance: _none, ...problem } = problemOf(refusal, '');
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${refusal.status} Refused\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
};
