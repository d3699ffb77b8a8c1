import { connect } from 'node:net';
import { setInterval } from 'node:timers';

export type CutOff = { afterMs: number; status: string };

/** Sends the beginning of a request and then one byte every 200 ms, for as long as the other side bears it; tells how long that was. */
export const trickle = (port: number, beginning: string, drip = 'x'): Promise<CutOff> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let answer = '';
    // Before the first drip is due, which may be sooner than a busy machine connects.
    if (beginning !== '') socket.write(beginning);
    const dripping = setInterval(() => void (drip !== '' && socket.writable && socket.write(drip)), 200);
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      answer += text;
    });
    // Whoever is cut off while he writes is told so; what came before that counts.
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? reject(error) : undefined));
    socket.once('close', () => {
      clearInterval(dripping);
      resolve({ afterMs: performance.now() - startedAt, status: answer.slice(9, 12) });
    });
  });
